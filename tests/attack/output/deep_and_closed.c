/*
 * attack: a deep tree that nobody may enter
 * with: --files=2000
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	chdir("/tmp");
	while (mkdir("d", 0777) == 0 && chdir("d") == 0)
		chmod("..", 0);
	return 0;
}
