/*
 * attack: the stacks of many threads
 * with: --memory=32M --processes=200
 * expect: memory-limit
 */
#include "attack.h"

static void *run(void *arg)
{
	char data[MIB];

	memset(data, 1, sizeof(data));
	sleep(100);
	return arg;
}

int main(void)
{
	pthread_t t;

	for (int i = 0; i < 100; i++)
		pthread_create(&t, NULL, run, NULL);
	sleep(100);
	return 0;
}
