/*
 * attack: a chain of processes, each the child of the last
 * with: --processes=100 --wall-time=0.5s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	while (fork() == 0)
		;
	for (;;)
		pause();
}
