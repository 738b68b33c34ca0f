/*
 * attack: lock all memory, now and in future
 * with: --memory=32M
 * expect: memory-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	char *p;

	mlockall(MCL_CURRENT | MCL_FUTURE);
	p = mmap(NULL, 256 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	open_way_if(p != MAP_FAILED && p[200 * MIB] == 0);
	return 0;
}
