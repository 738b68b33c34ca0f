/*
 * attack: a forbidden call with SIGSYS caught
 * expect: SV socket
 */
#include "attack.h"

static void on_signal(int sig)
{
	(void)sig;
}

int main(void)
{
	signal(SIGSYS, on_signal);
	socket(AF_INET, SOCK_STREAM, 0);
	return 99;
}
