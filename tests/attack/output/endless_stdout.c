/*
 * attack: print for ever
 * with: --output=1M
 * expect: output-limit
 */
#include "attack.h"

int main(void)
{
	for (;;)
		puts("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}
