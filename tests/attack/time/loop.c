/*
 * attack: loop for ever
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	for (;;)
		;
}
