/*
 * attack: fork bomb whose children leave the session
 * with: --cpu-time=0.3s --wall-time=4s --processes=20
 * expect: cpu-limit | wall-limit | signaled KILL
 */
#include "attack.h"

int main(void)
{
	for (;;)
		if (fork() == 0)
			setsid();
}
