/*
 * attack: print for ever on both
 * with: --output=1M
 * expect: output-limit
 */
#include "attack.h"

int main(void)
{
	for (;;) {
		write(1, "AAAAAAAAAAAAAAAAAAAAAAAA\n", 25);
		write(2, "AAAAAAAAAAAAAAAAAAAAAAAA\n", 25);
	}
}
