/*
 * attack: a storm of forks that runs while the box is killed
 * with: --processes=200 --cpu-time=2s
 * expect: exited 0 | cpu-limit
 */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 50; i++)
		if (fork() == 0)
			for (;;)
				if (fork() == 0 && fork() == 0)
					_exit(0);
	usleep(20000);
	return 0;
}
