/*
 * attack: a file of many gigabytes with nothing in it
 * with: --output=1M
 * expect: output-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	int fd = open("/tmp/x", O_WRONLY | O_CREAT, 0600);

	open_way_if(ftruncate(fd, 4L << 30) == 0);
	open_way_if(pwrite(fd, "x", 1, 4L << 30) == 1);
	return 0;
}
