/*
 * attack: seal stdout before the judge reads it
 * problem: aplusb
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
	printf("%ld\n", a + b);
	fflush(stdout);
	for (int i = 0; i < 3; i++) {
		fcntl(i, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
		flock(i, LOCK_EX);
		fcntl(i, F_SETLK, &(struct flock){ .l_type = i ? F_WRLCK : F_RDLCK });
		fcntl(i, F_SETLEASE, F_RDLCK);
	}
	return 0;
}
