/*
 * attack: hide it in event counters, epolls and timers
 * with: --memory=32M --cpu-time=1s
 * expect: memory-limit | exited 0 | cpu-limit
 */
#include "attack.h"

int main(void)
{
	long n = 0;

	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			break;
	for (int fd; (fd = epoll_create1(0)) >= 0; n++)
		for (int other = 3; other < fd && other < 8; other++)
			epoll_ctl(fd, EPOLL_CTL_ADD, other, &(struct epoll_event){ EPOLLIN });
	if (n > 0)
		usleep(100000);
	return 0;
}
