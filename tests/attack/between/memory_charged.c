/*
 * attack: memory that the next run is charged with: files, pipes and pages left behind
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
	static char data[1 << 20];
	long a, b;
	char *p = malloc(40 << 20);
	int fd = open("/dev/shm/x", O_WRONLY | O_CREAT, 0600);

	scanf("%ld %ld", &a, &b);
	memset(p, 1, 40 << 20);
	printf(p[a] == 1 ? "%ld\n" : "%ld!\n", a + b);
	fflush(stdout);
	free(p);
	for (int i = 0; i < 6; i++)
		write(fd, data, sizeof(data));
	return 0;
}
