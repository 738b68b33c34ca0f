/*
 * attack: become the one that orphans come to, and stay
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < 10; i++)
		if (fork() == 0) {
			if (fork() == 0)
				pause();
			_exit(0);
		}
	for (;;)
		pause();
}
