/*
 * attack: limits, priority, mask and folder changed for the next run
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

static struct rlimit l;

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf((getrlimit(RLIMIT_NOFILE, &l), l.rlim_cur < 100) || getpriority(PRIO_PROCESS, 0) > 0 || umask(022) != 022 || access("main", F_OK) == 2 ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	l.rlim_cur = l.rlim_max = 20;
	setrlimit(RLIMIT_NOFILE, &l);
	setrlimit(RLIMIT_NPROC, &l);
	setrlimit(RLIMIT_FSIZE, &l);
	nice(19);
	umask(0777);
	chdir("/");
	return 0;
}
