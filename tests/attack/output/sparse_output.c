/*
 * attack: stdout made large without a byte written
 * with: --output=1M
 * expect: output-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	open_way_if(ftruncate(1, 4L << 30) == 0);
	open_way_if(pwrite(1, "x", 1, 4L << 30) == 1);
	open_way_if(fallocate(1, 0, 0, 4L << 30) == 0);
	return 0;
}
