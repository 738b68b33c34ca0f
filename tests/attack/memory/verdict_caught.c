/*
 * attack: memory without end by malloc that never fails, in a child whose death is not told
 * problem: aplusb
 * expect: Memory limit exceeded on test 1 | Runtime error on test 1
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

#include <sys/wait.h>

int main(void)
{
	if (vfork() == 0) {
		volatile char *p = malloc(1 << 30);

		for (long i = 0; i < 1L << 30; i += 4096)
			p[i] = 1;
		_exit(0);
	}
	wait(NULL);
	puts("3");
	return 1;
}
