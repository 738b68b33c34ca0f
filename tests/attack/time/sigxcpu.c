/*
 * attack: SIGXCPU caught and the limit set higher
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

static void on_signal(int sig)
{
	struct rlimit l = { RLIM_INFINITY, RLIM_INFINITY };

	(void)sig;
	setrlimit(RLIMIT_CPU, &l);
}

int main(void)
{
	signal(SIGXCPU, on_signal);
	setrlimit(RLIMIT_CPU, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
	for (;;)
		;
}
