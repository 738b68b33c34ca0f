/*
 * attack: hide it in a file without a name
 * with: --memory=32M --output=1G
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	static char data[MIB];
	int fd = memfd_create("x", 0);

	for (;;)
		write(fd, data, sizeof(data));
}
