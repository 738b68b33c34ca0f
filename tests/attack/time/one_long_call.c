/*
 * attack: one system call that takes for ever
 * with: --cpu-time=0.2s --memory=2G
 * expect: cpu-limit | memory-limit
 */
#include "attack.h"

int main(void)
{
	char *p = mmap(NULL, 1L << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = open("/dev/zero", O_RDONLY);

	for (;;)
		read(fd, p, 1L << 30);
}
