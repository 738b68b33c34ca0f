/*
 * attack: fill the queue of signals that its uid may have
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	sigset_t all;
	int n = 0;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (n < 1000000 && sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) == 0)
		n++;
	open_way_if(n == 1000000);
	return 0;
}
