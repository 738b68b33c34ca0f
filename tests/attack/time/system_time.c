/*
 * attack: spend it in the kernel
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	static char data[MIB];
	int fd = open("/dev/urandom", O_RDONLY);

	for (;;)
		read(fd, data, sizeof(data));
}
