/*
 * attack: a child takes too much, and the program waits for the end of its wall time
 * with: --memory=32M --cpu-time=1s --wall-time=1h --processes=2
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	if (fork() == 0)
		memset(malloc(64 * MIB), 1, 64 * MIB);
	for (;;)
		pause();
}
