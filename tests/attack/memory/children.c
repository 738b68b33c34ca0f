/*
 * attack: each child takes a little less than the limit, and the program goes on when they are killed
 * with: --memory=32M --wall-time=3s
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			memset(malloc(30 * MIB), 1, 30 * MIB);
			sleep(1);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
