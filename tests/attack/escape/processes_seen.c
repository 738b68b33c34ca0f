/*
 * attack: find other processes in /proc
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	open_way_if(!dir);
	while ((e = readdir(dir)))
		open_way_if(atoi(e->d_name) > 0 && atoi(e->d_name) != getpid());
	/* But init's threads, which another attack tries. */
	for (int pid = 2; pid < 40000; pid++)
		open_way_if(pid != getpid() && getpgid(pid) >= 0 &&
			    syscall(SYS_tgkill, 1, pid, 0) < 0 && errno == ESRCH);
	return 0;
}
