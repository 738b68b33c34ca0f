/*
 * attack: a link, a FIFO and a folder where output files are
 * problem: aplusb
 * expect: Accepted | Runtime error
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
	symlink("/etc/shadow", "output.txt");
	mkfifo("out", 0666);
	mkdir("stdout", 0777);
	link("main", "/tmp/main");
	printf("%ld\n", a + b);
	return 0;
}
