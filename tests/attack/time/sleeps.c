/*
 * attack: sleep for longer than it may
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	for (;;)
		sleep(1000);
}
