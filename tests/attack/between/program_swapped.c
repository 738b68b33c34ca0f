/*
 * attack: put another program in the place of the compiled one
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
	int fd = open("/proc/self/exe", O_WRONLY);
	if (fd >= 0 || truncate("/box/main", 0) == 0 || unlink("/box/main") == 0 || rename("/box/main", "/box/x") == 0)
		printf("swapped\n");
	chmod("/box/main", 0777);
	fd = open("/box/main", O_WRONLY | O_CREAT | O_TRUNC, 0777);
	write(fd, "#!/bin/sh\necho found\n", 21);
	return 0;
}
