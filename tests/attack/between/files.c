/*
 * attack: files left for the next run, in every place
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
	printf(access("/tmp/x", F_OK) == 0 || access("/dev/shm/x", F_OK) == 0 || access("/box/x", F_OK) == 0 ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	close(open("/tmp/x", O_WRONLY | O_CREAT, 0666));
	close(open("/dev/shm/x", O_WRONLY | O_CREAT, 0666));
	close(open("/box/x", O_WRONLY | O_CREAT, 0666));
	return 0;
}
