/*
 * attack: submit itself once more through the mount
 * problem: twice
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
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf(open("@MOUNT@/aplusb/sub/again.c", O_WRONLY | O_CREAT, 0644) < 0 ? "%ld\n" : "%ld!\n", a + b);
	return 0;
}
