/*
 * attack: hide it in pipes
 * with: --memory=32M
 * expect: memory-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	static char data[MIB];
	int p[2], n = 0;

	while (n < 4000 && pipe2(p, O_NONBLOCK) == 0) {
		fcntl(p[1], F_SETPIPE_SZ, MIB);
		n += write(p[1], data, sizeof(data)) == sizeof(data);
	}
	/* The pages of one uid are limited too: then few are as large as that. */
	open_way_if(n > 64);
	return 0;
}
