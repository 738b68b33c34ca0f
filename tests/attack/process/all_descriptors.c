/*
 * attack: every descriptor of every process
 * with: --processes=50 --memory=256M
 * expect: exited 0 | memory-limit
 */
#include "attack.h"

int main(void)
{
	int n = 0;

	for (int i = 0; i < 20; i++)
		fork();
	while (dup(0) >= 0)
		n++;
	open_way_if(n > 100000);
	return 0;
}
