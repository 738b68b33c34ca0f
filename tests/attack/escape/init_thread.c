/*
 * attack: get at the thread of init that starts the programs, and has their uid
 * expect: exited 0
 */
#include "attack.h"

static void limits(pid_t tid)
{
	struct rlimit limit;

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		open_way_if(prlimit(tid, i, NULL, &limit) == 0);
		limit = (struct rlimit){ 0, 0 };
		open_way_if(prlimit(tid, i, &limit, NULL) == 0);
	}
}

static void signals(pid_t tid)
{
	siginfo_t forged = { .si_code = SI_TKILL };

	forged.si_pid = 1;
	for (int sig = 1; sig <= 64; sig++) {
		kill(tid, sig);
		syscall(SYS_tgkill, 1, tid, sig);
		syscall(SYS_tkill, tid, sig);
		open_way_if(syscall(SYS_rt_tgsigqueueinfo, 1, tid, sig, &forged) == 0);
	}
	for (int i = 0; i < 20000; i++)
		syscall(SYS_tgkill, 1, tid, 32 + i % 33);
}

static void files(pid_t tid)
{
	static const char *const names[] = { "mem", "environ", "maps", "fd", "root", "cwd", "status" };
	char path[64];

	for (size_t i = 0; i < N(names); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", tid, names[i]);
		open_way_if(open(path, O_RDONLY) >= 0);
		snprintf(path, sizeof(path), "/proc/1/task/%d/%s", tid, names[i]);
		open_way_if(open(path, O_RDONLY) >= 0);
	}
}

static void scheduling(pid_t tid)
{
	struct sched_param param = { 0 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	open_way_if(sched_setaffinity(tid, sizeof(set), &set) == 0);
	open_way_if(sched_setscheduler(tid, SCHED_IDLE, &param) == 0);
	open_way_if(setpriority(PRIO_PROCESS, tid, 19) == 0);
	open_way_if(setpgid(tid, tid) == 0);
}

int main(void)
{
	uid_t real, effective, saved;
	int found = 0;

	/* Nothing of its saved uid is left to us. */
	open_way_if(getresuid(&real, &effective, &saved) < 0 || saved != real || real == 0);
	open_way_if(setresuid(-1, 0, -1) == 0);
	for (pid_t tid = 2; tid < 1000; tid++) {
		if (tid == getpid() || syscall(SYS_tgkill, 1, tid, 0) < 0)
			continue;
		found++;
		limits(tid);
		files(tid);
		scheduling(tid);
		signals(tid);
		open_way_if(syscall(SYS_tgkill, 1, tid, 0) < 0);
	}
	/* Where each run has a group of its own the thread keeps init's uid. */
	open_way_if(found > 1);
	return 0;
}
