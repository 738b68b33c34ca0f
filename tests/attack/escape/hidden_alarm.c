/*
 * attack: a forbidden call that an alarm interrupts again and again
 * expect: SV socket
 */
#include "attack.h"

static void on_signal(int sig)
{
	(void)sig;
}

int main(void)
{
	struct itimerval soon = { .it_interval.tv_usec = 100, .it_value.tv_usec = 100 };

	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &soon, NULL);
	for (int i = 0; i < 1000; i++)
		socket(AF_INET, SOCK_STREAM, 0);
	pause();
	return 99;
}
