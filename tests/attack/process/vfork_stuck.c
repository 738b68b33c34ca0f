/*
 * attack: a parent that waits uninterruptibly for its vforked child
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	if (vfork() == 0)
		for (;;)
			syscall(SYS_pause);
}
