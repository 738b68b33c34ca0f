/*
 * attack: the answer written backwards, with holes that are filled later
 * problem: aplusb
 * expect: Accepted
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	char text[32];
	long a, b;
	int n;

	scanf("%ld %ld", &a, &b);
	n = sprintf(text, "%ld\n", a + b);
	pwrite(1, "garbage that is cut off", 23, 100);
	ftruncate(1, 0);
	for (int i = n - 1; i >= 0; i--)
		pwrite(1, text + i, 1, i);
	return 0;
}
