/*
 * attack: a forbidden call in a thread
 * expect: SV socket
 */
#include "attack.h"

static void *run(void *arg)
{
	(void)arg;
	socket(AF_INET, SOCK_STREAM, 0);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, run, NULL);
	pthread_join(t, NULL);
	return 99;
}
