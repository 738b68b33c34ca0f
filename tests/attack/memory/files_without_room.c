/*
 * attack: files larger than the disk that it has
 * with: --disk=4M --memory=64M
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	static char data[MIB];
	int fd = open("/tmp/x", O_WRONLY | O_CREAT, 0600), n = 0;

	while (n < 100 && write(fd, data, sizeof(data)) == sizeof(data))
		n++;
	open_way_if(n > 4);
	open_way_if(fallocate(fd, 0, 0, 64 * MIB) == 0);
	return 0;
}
