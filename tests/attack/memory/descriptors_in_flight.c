/*
 * attack: hide it in descriptors that are under way between sockets
 * with: --memory=32M
 * expect: memory-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	int n = 0;

	for (int round = 0; round < 200; round++) {
		char control[CMSG_SPACE(sizeof(int[2]))] = { 0 };
		struct iovec v = { "x", 1 };
		struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
				    .msg_controllen = sizeof(control) };
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		int s[2];

		if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s) < 0)
			break;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int[2]));
		memcpy(CMSG_DATA(c), s, sizeof(s));
		while (sendmsg(s[0], &m, 0) > 0)
			n++;
		close(s[0]), close(s[1]);
	}
	open_way_if(n > 1000000);
	return 0;
}
