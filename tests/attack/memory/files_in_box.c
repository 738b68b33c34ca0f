/*
 * attack: hide it in files in /box
 * with: --memory=32M --disk=1G
 * expect: memory-limit
 */
#include "attack.h"

int main(void)
{
	static char data[MIB];
	int fd = open("/box/x", O_WRONLY | O_CREAT, 0600);

	for (;;)
		if (write(fd, data, sizeof(data)) < 0)
			return 1;
}
