/*
 * attack: hide the time in children that nobody waits for
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		if (fork() == 0) {
			burn(20);
			_exit(0);
		}
		usleep(10000);
	}
}
