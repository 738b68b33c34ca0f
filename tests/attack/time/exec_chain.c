/*
 * attack: every few milliseconds another program
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

int main(int argc, char **argv)
{
	(void)argc;
	burn(5);
	execv("/proc/self/exe", argv);
	return 1;
}
