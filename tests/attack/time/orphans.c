/*
 * attack: hide the time in orphans of another session
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	for (;;) {
		if (fork() == 0) {
			setsid();
			if (fork() == 0)
				burn(20);
			_exit(0);
		}
		wait(NULL);
		usleep(10000);
	}
}
