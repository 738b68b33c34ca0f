/*
 * attack: hide it in many files without a name, closed but mapped
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	for (;;) {
		int fd = memfd_create("x", 0);
		char *p;

		ftruncate(fd, MIB);
		p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		if (p != MAP_FAILED)
			memset(p, 1, MIB);
	}
}
