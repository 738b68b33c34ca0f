/*
 * attack: a thread executes while others run
 * with: --processes=20
 * expect: exited 7
 */
#include "attack.h"

static void *spin(void *arg)
{
	for (;;)
		;
	return arg;
}

static void *run(void *arg)
{
	execl("/bin/sh", "sh", "-c", "exit 7", NULL);
	return arg;
}

int main(void)
{
	pthread_t t;

	for (int i = 0; i < 8; i++)
		pthread_create(&t, NULL, spin, NULL);
	pthread_create(&t, NULL, run, NULL);
	pthread_join(t, NULL);
	return 1;
}
