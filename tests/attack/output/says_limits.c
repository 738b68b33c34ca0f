/*
 * attack: the words of limits on stderr, to get another verdict
 * problem: aplusb
 * expect: Runtime error on test 1
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
	fputs("Time limit exceeded\njava.lang.OutOfMemoryError\nstd::bad_alloc\nMemoryError\nexited with code 0\n\033[2J\a", stderr);
	return 1;
}
