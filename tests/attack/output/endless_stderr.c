/*
 * attack: print for ever on stderr
 * with: --output=1M
 * expect: output-limit
 */
#include "attack.h"

int main(void)
{
	for (;;)
		fputs("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", stderr);
}
