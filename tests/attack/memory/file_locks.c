/*
 * attack: hide it in record locks
 * with: --memory=32M --cpu-time=1s
 * expect: memory-limit | exited 0 | cpu-limit
 */
#include "attack.h"

int main(void)
{
	int fd = open("/tmp/x", O_RDWR | O_CREAT, 0600);

	for (long i = 0; i < 10000; i++)
		if (fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_WRLCK, .l_start = 2 * i, .l_len = 1 }) < 0)
			break;
	return 0;
}
