/*
 * attack: fork bomb with room for a thousand processes
 * with: --cpu-time=0.3s --wall-time=2s --processes=1000 --memory=256M
 * expect: cpu-limit | wall-limit | memory-limit | signaled KILL
 */
#include "attack.h"

int main(void)
{
	for (;;)
		fork();
}
