/*
 * attack: bomb of threads
 * with: --cpu-time=0.3s --wall-time=4s --processes=20
 * expect: cpu-limit | wall-limit | signaled KILL
 */
#include "attack.h"

static void *run(void *arg)
{
	pthread_t t;

	for (;;)
		pthread_create(&t, NULL, run, arg);
}

int main(void)
{
	run(NULL);
}
