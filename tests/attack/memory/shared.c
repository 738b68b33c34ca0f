/*
 * attack: shared anonymous memory
 * with: --memory=32M
 * expect: memory-limit | signaled BUS
 */
#include "attack.h"

int main(void)
{
	char *p = mmap(NULL, 256 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	memset(p, 1, 256 * MIB);
	return 0;
}
