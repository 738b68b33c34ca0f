/*
 * attack: allocate and touch without end
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	for (;;)
		memset(malloc(MIB), 1, MIB);
}
