/*
 * attack: two processes that hand life on to each other, always in a new session
 * with: --cpu-time=1s --wall-time=0.5s --processes=20
 * expect: wall-limit | cpu-limit | exited 0 | signaled KILL
 */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 100000; i++) {
		if (fork() > 0)
			_exit(0);
		setsid();
	}
}
