/*
 * attack: make oneself the last to be killed
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	write(fd, "-1000", 5);
	for (;;)
		memset(malloc(MIB), 1, MIB);
}
