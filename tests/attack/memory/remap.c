/*
 * attack: a mapping that grows and moves
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	long size = MIB;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (;;) {
		p = mremap(p, size, size + MIB, MREMAP_MAYMOVE);
		if (p == MAP_FAILED)
			return 1;
		memset(p + size, 1, MIB);
		size += MIB;
	}
}
