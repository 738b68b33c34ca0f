/*
 * attack: a large array that is never touched costs nothing
 * with: --memory=32M
 * expect: exited 0
 */
#include "attack.h"

static char data[256 * MIB];

int main(void)
{
	char *p = mmap(NULL, 1L << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED || data[12345];
}
