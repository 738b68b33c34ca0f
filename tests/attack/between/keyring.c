/*
 * attack: a key left in a keyring for the next run
 * problem: twice
 * expect: Security violation on test 1
 * says: add_key\(\) is not allowed
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


#include <sys/syscall.h>

int main(void)
{
	syscall(SYS_add_key, "user", "judgefs", "found", 5, -4);
	return 0;
}
