/*
 * attack: children that are made the siblings of their parent, so children of init
 * with: --cpu-time=0.3s --wall-time=4s --processes=20
 * expect: cpu-limit | wall-limit | signaled KILL
 */
#include "attack.h"

int main(void)
{
	for (;;)
		syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
}
