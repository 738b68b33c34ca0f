/*
 * attack: the program ends, its orphan has used the time
 * with: --cpu-time=0.2s
 * expect: cpu-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	if (fork() == 0)
		for (;;)
			;
	burn(5);
	return 0;
}
