/*
 * attack: as many mappings as can be had
 * with: --memory=32M
 * expect: memory-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	int n = 0;

	while (n < 1000000 && mmap(NULL, 4096, n % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
				   -1, 0) != MAP_FAILED)
		n++;
	open_way_if(n == 1000000);
	return 0;
}
