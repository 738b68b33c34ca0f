/*
 * attack: a forbidden call with every signal blocked
 * expect: SV socket
 */
#include "attack.h"

int main(void)
{
	sigset_t s;

	sigfillset(&s);
	sigprocmask(SIG_BLOCK, &s, NULL);
	socket(AF_INET, SOCK_STREAM, 0);
	return 99;
}
