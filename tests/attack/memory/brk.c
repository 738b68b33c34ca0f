/*
 * attack: the break moved up
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	for (;;)
		memset(sbrk(MIB), 1, MIB);
}
