/*
 * attack: locks on the host's files that a child keeps
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
	printf(flock(open("/usr/bin/true", O_RDONLY), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	if (fork() == 0) {
		flock(open("/usr/bin/true", O_RDONLY), LOCK_EX | LOCK_NB);
		for (;;)
			pause();
	}
	usleep(10000);
	return 0;
}
