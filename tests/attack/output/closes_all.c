/*
 * attack: close what it was given
 * expect: exited 0 | signaled PIPE
 */
#include "attack.h"

int main(void)
{
	close(0), close(1), close(2);
	printf("nobody\n");
	fflush(stdout);
	return 0;
}
