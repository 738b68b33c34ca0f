/*
 * attack: execute oneself again and again, so that no pid shows the time
 * with: --cpu-time=0.3s
 * expect: cpu-limit
 */
#include "attack.h"

int main(int argc, char **argv)
{
	(void)argc;
	execv("/proc/self/exe", argv);
	return 1;
}
