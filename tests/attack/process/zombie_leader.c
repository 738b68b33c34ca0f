/*
 * attack: the main thread ends, another goes on
 * with: --wall-time=0.5s --cpu-time=0.3s
 * expect: cpu-limit | wall-limit
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

	pthread_create(&t, NULL, run, NULL);
	syscall(SYS_exit, 0);
}
