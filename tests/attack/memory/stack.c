/*
 * attack: recurse without end
 * with: --memory=32M
 * expect: memory-limit | signaled SEGV
 */
#include "attack.h"

static int down(volatile char *above)
{
	volatile char here[4096];

	here[0] = above ? above[0] : 1;
	return down(here) + here[0];
}

int main(void)
{
	return down(NULL);
}
