/*
 * attack: a hole of megabytes before the answer
 * problem: aplusb
 * expect: Wrong answer on test 1 | Output limit exceeded on test 1
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
	pwrite(1, "3\n", 2, 4 << 20);
	return 0;
}
