/*
 * attack: read what the run before has printed
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

static char c[64];

static int fd(void)
{
	return open("/proc/self/fd/1", O_RDONLY | O_NONBLOCK);
}

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf(pread(fd(), c, 64, 0) > 0 ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	write(2, "what was said", 13);
	return 0;
}
