/*
 * attack: use up the processes that the uid may have
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

static int child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf(!child() ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	for (int i = 0; i < 30; i++)
		if (fork() == 0) {
			signal(SIGTERM, SIG_IGN);
			for (;;)
				pause();
		}
	return 0;
}
