/*
 * attack: flags, owners, leases and seals set on the judge's descriptors
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	for (int fd = 0; fd < 3; fd++) {
		fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME);
		fcntl(fd, F_SETOWN, 1);
		fcntl(fd, F_SETSIG, SIGKILL);
		fcntl(fd, F_SETLEASE, F_WRLCK);
		fcntl(fd, F_SETPIPE_SZ, 1 << 20);
		fcntl(fd, F_NOTIFY, -1);
		fcntl(fd, 1033 /* F_ADD_SEALS */, 15);
		flock(fd, LOCK_EX | LOCK_NB);
		fchmod(fd, 0);
		open_way_if(fchown(fd, 0, 0) == 0 && getuid() != 0 && 0);
	}
	return 0;
}
