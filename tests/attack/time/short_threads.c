/*
 * attack: hide the time in threads that end at once
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

static void *run(void *arg)
{
	for (volatile int i = 0; i < 1000000; i++)
		;
	return arg;
}

int main(void)
{
	for (;;) {
		pthread_t t;

		pthread_create(&t, NULL, run, NULL);
		pthread_join(t, NULL);
	}
}
