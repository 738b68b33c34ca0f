/*
 * attack: a child keeps stdout and stderr open when the program has ended
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	if (fork() == 0)
		for (;;)
			write(1, "more\n", 5), sleep(1);
	return 0;
}
