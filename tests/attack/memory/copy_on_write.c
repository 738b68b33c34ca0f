/*
 * attack: a child writes to what it shares with its parent
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	char *p = malloc(20 * MIB);

	memset(p, 1, 20 * MIB);
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			memset(p, 2, 20 * MIB);
			for (;;)
				pause();
		}
	for (;;)
		pause();
}
