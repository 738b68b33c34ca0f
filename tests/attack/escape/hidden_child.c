/*
 * attack: a forbidden call in a child of another session, whose end the program takes quietly
 * expect: SV socket
 */
#include "attack.h"

int main(void)
{
	if (fork() > 0) {
		wait(NULL);
		return 0;
	}
	setsid();
	socket(AF_INET, SOCK_STREAM, 0);
	return 99;
}
