/*
 * attack: hide it in socket pairs
 * with: --memory=32M
 * expect: memory-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	static char data[1 << 17];
	int s[2];
	long n = 0;

	while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0) {
		int size = 8 * MIB;
		ssize_t k;

		setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		while ((k = write(s[0], data, sizeof(data))) > 0)
			n += k;
	}
	open_way_if(n > 64 * MIB);
	return 0;
}
