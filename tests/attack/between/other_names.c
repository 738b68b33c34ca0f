/*
 * attack: links, FIFOs, folders and files of mode 0 left for the next run
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

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	return n;
}

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf(entries("/tmp") || entries("/dev/shm") ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	symlink("/etc", "/tmp/.l");
	mkfifo("/tmp/.f", 0);
	mkdir("/tmp/d", 0700), mkdir("/tmp/d/d", 0700), chmod("/tmp/d", 0);
	close(open("/dev/shm/.x", O_WRONLY | O_CREAT, 0));
	return 0;
}
