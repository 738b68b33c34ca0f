/*
 * attack: let the kernel fill it
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	char *p = mmap(NULL, 256 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return p ? p[200 * MIB] : 0;
}
