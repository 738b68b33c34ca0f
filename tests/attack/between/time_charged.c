/*
 * attack: time that the next run is charged with: each takes most of its own
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
	struct timespec t;
	long a, b;

	scanf("%ld %ld", &a, &b);
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while (t.tv_nsec < 600000000 && t.tv_sec == 0);
	printf("%ld\n", a + b);
	fflush(stdout);
	if (fork() == 0)
		for (;;)
			;
	return 0;
}
