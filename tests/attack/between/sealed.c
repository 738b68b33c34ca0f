/*
 * attack: seal and lock the judge's files, so that the next run can not print
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
	printf(0 ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	for (int fd = 0; fd < 3; fd++) {
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
		flock(fd, LOCK_EX | LOCK_NB);
		fcntl(fd, F_SETLEASE, F_WRLCK);
		fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND);
		fchmod(fd, 0);
	}
	return 0;
}
