/*
 * attack: hide the time in eight threads
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

static void *run(void *arg)
{
	for (;;)
		;
	return arg;
}

int main(void)
{
	pthread_t t;

	for (int i = 0; i < 8; i++)
		pthread_create(&t, NULL, run, NULL);
	for (;;)
		pause();
}
