/*
 * attack: all the timers that can be had, none of them given back
 * expect: exited 0 | memory-limit
 */
#include "attack.h"

int main(void)
{
	struct itimerspec at = { .it_interval.tv_nsec = 1000000, .it_value.tv_nsec = 1000000 };
	struct sigevent e = { .sigev_notify = SIGEV_NONE };
	timer_t t;
	int n = 0;

	while (n < 1000000 && timer_create(CLOCK_MONOTONIC, &e, &t) == 0 && ++n)
		timer_settime(t, 0, &at, NULL);
	open_way_if(n == 1000000);
	return 0;
}
