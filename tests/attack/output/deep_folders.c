/*
 * attack: folders in folders, as deep as they go
 * with: --files=20000
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	while (mkdir("d", 0777) == 0 && chdir("d") == 0)
		;
	return 0;
}
