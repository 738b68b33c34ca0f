/*
 * attack: a process that lives until the next run and leaves a sign
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
	printf(access("/tmp/alive", F_OK) == 0 || kill(-1, 0) == 0 ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	if (fork() == 0) {
		setsid();
		if (fork() > 0)
			_exit(0);
		signal(SIGTERM, SIG_IGN);
		for (;;)
			close(open("/tmp/alive", O_WRONLY | O_CREAT, 0666));
	}
	usleep(10000);
	return 0;
}
