/*
 * attack: every signal ignored and blocked, in a loop
 * with: --cpu-time=0.3s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	sigset_t all;

	for (int s = 1; s < 65; s++)
		signal(s, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;)
		;
}
