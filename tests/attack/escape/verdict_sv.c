/*
 * attack: a forbidden call, as the judge sees it
 * problem: aplusb
 * expect: Security violation on test 1
 * says: ptrace\(\) is not allowed
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

#include <sys/ptrace.h>

int main(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	puts("3");
	return 0;
}
