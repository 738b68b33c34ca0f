/*
 * attack: move, map and change the input for the next run
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
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 0);
	if (p != MAP_FAILED)
		memset(p, '9', 3);
	ftruncate(0, 0);
	pwrite(0, "9 9\n", 4, 0);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0);
	if (p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0)
		memset(p, '9', 3);
	lseek(0, 0, SEEK_END);
	fallocate(open("/proc/self/fd/0", O_RDWR), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096);
	return 0;
}
