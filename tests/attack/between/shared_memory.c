/*
 * attack: SysV shared memory left for the next run
 * problem: twice
 * expect: Security violation on test 1
 * says: shmget\(\) is not allowed
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


#include <sys/shm.h>

int main(void)
{
	return shmget(1234, 4096, IPC_CREAT | 0666);
}
