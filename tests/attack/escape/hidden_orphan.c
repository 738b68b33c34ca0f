/*
 * attack: a forbidden call in an orphan
 * expect: SV socket
 */
#include "attack.h"

int main(void)
{
	if (fork() == 0) {
		if (fork() == 0)
			socket(AF_INET, SOCK_STREAM, 0);
		_exit(0);
	}
	wait(NULL);
	for (;;)
		pause();
}
