/*
 * attack: a file that is removed but held open in a socket that holds itself
 * problem: twice
 * expect: Accepted
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf(access("/tmp/x", F_OK) == 0 ? "found\n" : "%ld\n", a + b);
	fflush(stdout);
	int s[2], fd = open("/tmp/x", O_RDWR | O_CREAT, 0600);
	char control[CMSG_SPACE(3 * sizeof(int))] = { 0 };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(3 * sizeof(int));
	memcpy(CMSG_DATA(h), (int[3]){ s[0], s[1], fd }, 3 * sizeof(int));
	ftruncate(fd, 1 << 20);
	sendmsg(s[0], &m, 0);
	return 0;
}
