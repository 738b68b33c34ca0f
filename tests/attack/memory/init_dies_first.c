/*
 * attack: small processes, so that the cell's init is the largest
 * with: --memory=8M --processes=200
 * expect: memory-limit | exited 0 | cpu-limit | wall-limit
 */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 190; i++)
		if (fork() == 0) {
			memset(malloc(1 << 16), 1, 1 << 16);
			for (;;)
				pause();
		}
	sleep(1);
	return 0;
}
