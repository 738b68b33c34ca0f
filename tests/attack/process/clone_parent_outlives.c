/*
 * attack: a sibling of the program goes on when it has ended
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
		for (;;)
			pause();
	return 0;
}
