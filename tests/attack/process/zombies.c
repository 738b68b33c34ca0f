/*
 * attack: zombies that nobody collects
 * with: --processes=50
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 200; i++)
		if (fork() == 0)
			_exit(0);
	return 0;
}
