/*
 * attack: go on when writes fail
 * with: --output=1M --cpu-time=0.3s
 * expect: output-limit | cpu-limit
 */
#include "attack.h"

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	for (;;)
		write(1, "AAAAAAAAAAAAAAAAAAAAAAAA\n", 25);
}
