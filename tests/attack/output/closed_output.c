/*
 * attack: close stdout, and print into what is opened in its place
 * problem: aplusb
 * expect: Wrong answer on test 1
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
	close(1);
	open("/tmp/x", O_WRONLY | O_CREAT, 0600);
	puts("3");
	return 0;
}
