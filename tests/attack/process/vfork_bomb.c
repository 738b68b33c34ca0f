/*
 * attack: bomb of vfork, whose parents can not be killed while they wait
 * with: --cpu-time=0.3s --wall-time=4s --processes=20
 * expect: cpu-limit | wall-limit | signaled KILL | signaled SEGV | signaled ABRT
 */
#include "attack.h"

int main(void)
{
	for (;;)
		if (vfork() == 0)
			execl("/proc/self/exe", "x", NULL);
}
