/*
 * attack: loop for ever
 * with: --cpu-time=0.2s --wall-time=8s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	for (;;)
		;
}
