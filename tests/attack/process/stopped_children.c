/*
 * attack: stopped and traced-looking children are left
 * with: --wall-time=2s
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 10; i++)
		if (fork() == 0) {
			raise(SIGSTOP);
			_exit(0);
		}
	return 0;
}
