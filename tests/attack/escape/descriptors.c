/*
 * attack: use a descriptor that the judge left open (write to a metadata pipe, read the input's folder)
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	struct stat st;

	for (int fd = 3; fd < 4096; fd++)
		open_way_if(fstat(fd, &st) == 0);
	open_way_if(write(3, "status:OK\n", 10) >= 0);
	return 0;
}
