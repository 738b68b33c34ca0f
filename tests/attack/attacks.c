/*
 * attacks.c - what hostile submissions try, by name: attacks NAME [ARGUMENT]
 *
 * An attack returns 0 when every way was shut, else the number of the first that was open.
 * The ones that the filter must end do not return. Compiled and run by test_sandbox.py.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define FORBIDDEN_AND_YET_BACK	99

/* ------------------------------------------------- what the filter ends by name */

/* attacks call NAME: a bare system call with harmless arguments. */
static const struct { const char *name; long nr, args[4]; } calls[] = {
	{ "socket-inet",	SYS_socket,		{ AF_INET, SOCK_STREAM } },
	{ "socket-inet6",	SYS_socket,		{ AF_INET6, SOCK_DGRAM } },
	{ "socket-netlink",	SYS_socket,		{ AF_NETLINK, SOCK_RAW } },
	{ "socket-packet",	SYS_socket,		{ AF_PACKET, SOCK_RAW } },
	{ "socket-vsock",	SYS_socket,		{ 40, SOCK_STREAM } },
	{ "socket-alg",		SYS_socket,		{ 38, SOCK_SEQPACKET } },
	{ "connect",		SYS_connect,		{ -1 } },
	{ "bind",		SYS_bind,		{ -1 } },
	{ "ptrace",		SYS_ptrace,		{ PTRACE_TRACEME } },
	{ "process_vm_readv",	SYS_process_vm_readv,	{ 1 } },
	{ "process_vm_writev",	SYS_process_vm_writev,	{ 1 } },
	{ "kcmp",		SYS_kcmp,		{ 1, 1 } },
	{ "pidfd_getfd",	SYS_pidfd_getfd,	{ -1 } },
	{ "mount",		SYS_mount,		{ 0 } },
	{ "umount2",		SYS_umount2,		{ 0 } },
	{ "move_mount",		SYS_move_mount,		{ -1 } },
	{ "open_tree",		SYS_open_tree,		{ -1 } },
	{ "fsopen",		SYS_fsopen,		{ 0 } },
	{ "mount_setattr",	SYS_mount_setattr,	{ -1 } },
	{ "pivot_root",		SYS_pivot_root,		{ 0 } },
	{ "chroot",		SYS_chroot,		{ 0 } },
	{ "unshare",		SYS_unshare,		{ CLONE_NEWUSER } },
	{ "setns",		SYS_setns,		{ -1 } },
	{ "clone-newuser",	SYS_clone,		{ CLONE_NEWUSER | SIGCHLD } },
	{ "clone-newnet",	SYS_clone,		{ CLONE_NEWNET | SIGCHLD } },
	{ "keyctl",		SYS_keyctl,		{ 0 } },
	{ "add_key",		SYS_add_key,		{ 0 } },
	{ "request_key",	SYS_request_key,	{ 0 } },
	{ "shmget",		SYS_shmget,		{ 1, 4096, 01666 } },
	{ "shmat",		SYS_shmat,		{ -1 } },
	{ "semget",		SYS_semget,		{ 1, 1, 01666 } },
	{ "msgget",		SYS_msgget,		{ 1, 01666 } },
	{ "mq_open",		SYS_mq_open,		{ 0 } },
	{ "bpf",		SYS_bpf,		{ 0 } },
	{ "perf_event_open",	SYS_perf_event_open,	{ 0 } },
	{ "userfaultfd",	SYS_userfaultfd,	{ 0 } },
	{ "open_by_handle_at",	SYS_open_by_handle_at,	{ -1 } },
	{ "name_to_handle_at",	SYS_name_to_handle_at,	{ -1 } },
	{ "fanotify_init",	SYS_fanotify_init,	{ 0 } },
	{ "init_module",	SYS_init_module,	{ 0 } },
	{ "finit_module",	SYS_finit_module,	{ -1 } },
	{ "delete_module",	SYS_delete_module,	{ 0 } },
	{ "kexec_load",		SYS_kexec_load,		{ 0 } },
	{ "reboot",		SYS_reboot,		{ 0 } },
	{ "swapon",		SYS_swapon,		{ 0 } },
	{ "syslog",		SYS_syslog,		{ 10 } },
	{ "acct",		SYS_acct,		{ 0 } },
	{ "quotactl",		SYS_quotactl,		{ -1 } },
	{ "io_setup",		SYS_io_setup,		{ 0 } },
	{ "settimeofday",	SYS_settimeofday,	{ 0 } },
	{ "clock_settime",	SYS_clock_settime,	{ 0 } },
	{ "adjtimex",		SYS_adjtimex,		{ 0 } },
	{ "sethostname",	SYS_sethostname,	{ 0 } },
	{ "vhangup",		SYS_vhangup,		{ 0 } },
	{ "seccomp",		SYS_seccomp,		{ SECCOMP_SET_MODE_STRICT } },
	{ "prctl-seccomp",	SYS_prctl,		{ PR_SET_SECCOMP, SECCOMP_MODE_STRICT } },
	{ "prctl-mm",		SYS_prctl,		{ PR_SET_MM } },
#ifdef __x86_64__
	{ "iopl",		SYS_iopl,		{ 3 } },
	{ "ioperm",		SYS_ioperm,		{ 0 } },
	{ "modify_ldt",		SYS_modify_ldt,		{ 0 } },
	{ "x32",		SYS_getpid | 0x40000000, { 0 } },
#endif
	{ "no-such-call",	100000,			{ 0 } },
};

static int attack_call(const char *name)
{
	for (size_t i = 0; i < N(calls); i++) {
		const long *a = calls[i].args;

		if (strcmp(calls[i].name, name) != 0)
			continue;
		syscall(calls[i].nr, a[0], a[1], a[2], a[3], 0, 0);
		return FORBIDDEN_AND_YET_BACK;
	}
	return 1;
}

/* One that would be allowed by its x86-64 number. */
static int attack_i386(const char *arg)
{
	(void)arg;
#ifdef __x86_64__
	long r;

	__asm__ volatile ("int $0x80" : "=a"(r) : "a"(20L) : "r8", "r9", "r10", "r11", "memory");
#endif
	return FORBIDDEN_AND_YET_BACK;
}

static void on_signal(int sig)
{
	(void)sig;
}

/* The same call, hidden: with SIGSYS caught or blocked, from a child, from a thread, under an
 * alarm that interrupts it. */
static void *in_thread(void *arg)
{
	return (void *)(intptr_t)attack_call(arg);
}

static int attack_hidden(const char *how)
{
	struct itimerval soon = { .it_interval.tv_usec = 100, .it_value.tv_usec = 100 };
	pthread_t t;
	sigset_t s;

	if (strcmp(how, "caught") == 0) {
		signal(SIGSYS, on_signal);
	} else if (strcmp(how, "blocked") == 0) {
		sigfillset(&s);
		sigprocmask(SIG_BLOCK, &s, NULL);
	} else if (strcmp(how, "child") == 0) {
		if (fork() > 0) {
			wait(NULL);
			return 0;
		}
		setsid();
	} else if (strcmp(how, "thread") == 0) {
		pthread_create(&t, NULL, in_thread, "socket-inet");
		pthread_join(t, NULL);
		return FORBIDDEN_AND_YET_BACK;
	} else if (strcmp(how, "alarm") == 0) {
		signal(SIGALRM, on_signal);
		setitimer(ITIMER_REAL, &soon, NULL);
		for (int i = 0; i < 1000; i++)
			attack_call("socket-inet");
		pause();
	}
	return attack_call("socket-inet");
}

/* --------------------------------------------------------- what is not to be seen */

static int opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

/* Return: 1 + index of the first that can be opened, else 0. */
static int any_opens(const char *const *paths, size_t n, int flags)
{
	for (size_t i = 0; i < n; i++)
		if (opens(paths[i], flags))
			return i + 1;
	return 0;
}

static int attack_host_files(const char *secret)
{
	static const char *const paths[] = {
		"/etc/shadow", "/etc/hostname", "/etc/machine-id", "/etc/ssh", "/etc/ssl", "/var/lib",
		"/var/log", "/root", "/home/user", "/run", "/sys", "/boot", "/srv", "/opt", "/mnt",
		"/media", "/lost+found", "/work", "/dev/sda", "/dev/vda", "/dev/mem", "/dev/kmsg",
		"/dev/tty", "/dev/ptmx", "/dev/fuse", "/dev/kvm", "/dev/shm/x", "/.scratch",
		"../../../../../../etc/shadow", "/box/../etc/shadow",
	};

	return opens(secret, O_RDONLY) ? 100 : any_opens(paths, N(paths), O_RDONLY);
}

static int attack_proc(const char *arg)
{
	static const char *const paths[] = {
		"/proc/1", "/proc/1/root", "/proc/1/root/etc/shadow", "/proc/1/cwd", "/proc/1/environ",
		"/proc/1/maps", "/proc/1/mem", "/proc/1/fd", "/proc/1/mountinfo", "/proc/1/status",
		"/proc/kcore", "/proc/kmsg", "/proc/kpagecount", "/proc/slabinfo",
	};
	struct dirent *e;
	DIR *dir = opendir("/proc");
	int others = 0;

	(void)arg;
	while (dir && (e = readdir(dir)))
		others += atoi(e->d_name) > 0 && atoi(e->d_name) != getpid();
	return !dir ? 98 : others ? 97 : any_opens(paths, N(paths), O_RDONLY);
}

static int attack_write(const char *arg)
{
	static const char *const paths[] = {
		"/x", "/usr/x", "/usr/bin/x", "/usr/local/x", "/lib/x", "/etc/x", "/etc/passwd",
		"/etc/alternatives/x", "/etc/ld.so.cache", "/dev/x", "/proc/x", "/home/x", "/var/x",
		"/usr/bin/true", "/.scratch/x", "/.scratch/box/x",
	};
	static const char *const knobs[] = {
		"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger",
		"/proc/self/oom_score_adj", "/proc/self/uid_map", "/proc/self/loginuid",
		"/proc/self/coredump_filter", "/proc/irq/0/smp_affinity",
	};
	static const char *const mounts[] = { "/", "/usr", "/etc/alternatives", "/etc/ld.so.cache",
					      "/proc", "/dev/null" };
	int r;

	(void)arg;
	/* Not only by the modes of files. */
	for (size_t i = 0; i < N(mounts); i++) {
		struct statvfs v;

		if (statvfs(mounts[i], &v) < 0 || !(v.f_flag & ST_RDONLY))
			return 70 + i;
	}
	r = any_opens(paths, N(paths), O_WRONLY | O_CREAT);
	if (r)
		return r;
	r = any_opens(knobs, N(knobs), O_WRONLY);
	if (r)
		return 40 + r;
	if (mkdir("/usr/x", 0777) == 0 || unlink("/usr/bin/true") == 0 ||
	    rename("/etc/passwd", "/etc/x") == 0 || chmod("/usr", 0777) == 0 || rmdir("/box") == 0)
		return 60;
	if (mknod("/tmp/dev", S_IFBLK | 0666, makedev(254, 0)) == 0 ||
	    mknod("/tmp/dev", S_IFCHR | 0666, makedev(1, 1)) == 0)
		return 61;
	return 0;
}

/* ------------------------------------------------------- what is not to be had */

static long number(const char *file, const char *key, int base)
{
	char line[512];
	FILE *f = fopen(file, "r");
	long n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			n = strtol(line + strlen(key), NULL, base);
	if (f)
		fclose(f);
	return n;
}

static int attack_rights(const char *arg)
{
	static const char *const sets[] = { "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:" };
	static const char *const mounts[] = { "/", "/usr", "/etc/passwd", "/box", "/tmp", "/dev/shm",
					      "/proc" };
	uid_t r, e, s;
	gid_t groups[4];

	(void)arg;
	if (getresuid(&r, &e, &s) < 0 || r < 1000 || r != e || r != s)
		return 1;
	if (getresgid(&r, &e, &s) < 0 || r < 1000 || r != e || r != s || getgroups(4, groups) != 0)
		return 2;
	for (size_t i = 0; i < N(sets); i++)
		if (number("/proc/self/status", sets[i], 16) != 0)
			return 10 + i;
	if (number("/proc/self/status", "NoNewPrivs:", 10) != 1 ||
	    number("/proc/self/status", "Seccomp:", 10) != 2)
		return 3;
	if (setuid(0) == 0 || setgid(0) == 0 || setresuid(0, 0, 0) == 0 || seteuid(0) == 0 ||
	    setgroups(1, (gid_t[]){ 0 }) == 0)
		return 4;
	for (size_t i = 0; i < N(mounts); i++) {
		struct statvfs v;

		if (statvfs(mounts[i], &v) < 0 || !(v.f_flag & ST_NOSUID) || !(v.f_flag & ST_NODEV))
			return 20 + i;
	}
	return getpid() != getsid(0) ? 5 : 0;
}

static int attack_limits(const char *arg)
{
	static const int resources[] = { RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_STACK,
					 RLIMIT_CPU, RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE };

	(void)arg;
	for (size_t i = 0; i < N(resources); i++) {
		struct rlimit l, more;

		if (getrlimit(resources[i], &l) < 0 || l.rlim_max == RLIM_INFINITY)
			return 1 + i;
		more.rlim_cur = more.rlim_max = l.rlim_max + 1;
		if (setrlimit(resources[i], &more) == 0)
			return 11 + i;
	}
	return 0;
}

static int attack_priority(const char *arg)
{
	struct sched_param p = { .sched_priority = 1 };
	cpu_set_t set;

	(void)arg;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (setpriority(PRIO_PROCESS, 0, -5) == 0 || sched_setscheduler(0, SCHED_FIFO, &p) == 0 ||
	    sched_setaffinity(0, sizeof(set), &set) == 0)
		return 1;
	return 0;
}

static int attack_others(const char *arg)
{
	(void)arg;
	if (kill(1, SIGKILL) == 0 || errno != EPERM)
		return 1;
	if (kill(getppid(), SIGSTOP) == 0)
		return 2;
	if (kill(-1, SIGTERM) == 0)	/* all others: there are none of ours */
		return 3;
	return getppid() == 1 ? 0 : 4;
}

/* Nothing of the host's tree is still there under something else. */
static int attack_mounts(const char *arg)
{
	static const char *const types[] = { " - cgroup", " - fuse", " - sysfs", " - devpts" };
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[1024], point[512];
	int roots = 0;

	(void)arg;
	while (f && fgets(line, sizeof(line), f)) {
		for (size_t i = 0; i < N(types); i++)
			if (strstr(line, types[i]))
				return 10 + i;
		if (sscanf(line, "%*s %*s %*s %*s %511s", point) == 1)
			roots += strcmp(point, "/") == 0;
	}
	return roots == 1 ? 0 : 1;
}

static int attack_network(const char *arg)
{
	char line[512];
	FILE *f = fopen("/proc/net/dev", "r");
	int n = 0;

	(void)arg;
	while (f && fgets(line, sizeof(line), f))
		n += strchr(line, ':') && !strstr(line, "lo:");
	if (!f || n)
		return 1;
	fclose(f);
	/* libc may ask, and gets no. */
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EAFNOSUPPORT ? 2 : 0;
}

static int attack_names(const char *arg)
{
	struct utsname u;
	char cwd[64];

	(void)arg;
	if (uname(&u) < 0 || strcmp(u.nodename, "box") != 0)
		return 1;
	if (!getcwd(cwd, sizeof(cwd)) || strcmp(cwd, "/box") != 0)
		return 2;
	return umask(0) == 022 ? 0 : 3;
}

static int attack_descriptors(const char *arg)
{
	struct stat st;

	(void)arg;
	for (int fd = 3; fd < 1100; fd++)
		if (fstat(fd, &st) == 0)
			return fd;
	return 0;
}

static int attack_environment(const char *arg)
{
	extern char **environ;
	int n = 0;

	(void)arg;
	for (char **e = environ; *e; e++)
		n += strncmp(*e, "PATH=", 5) != 0 && strncmp(*e, "HOME=", 5) != 0;
	return n;
}

/* ---------------------------------------------------- what is not to end by itself */

static int attack_stop(const char *arg)
{
	(void)arg;
	raise(SIGSTOP);
	return 1;
}

static int attack_daemon(const char *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++) {
		if (fork() == 0) {
			setsid();
			if (fork() == 0)
				for (;;)
					pause();
			_exit(0);
		}
	}
	return 0;
}

static int attack_bomb(const char *arg)
{
	(void)arg;
	for (;;)
		if (fork() == 0)
			setsid();
	return 1;
}

static void *thread_bomb(void *arg)
{
	pthread_t t;

	for (;;)
		pthread_create(&t, NULL, thread_bomb, arg);
	return NULL;
}

static int attack_threads(const char *arg)
{
	(void)arg;
	thread_bomb(NULL);
	return 1;
}

static int attack_sleep(const char *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 1;
}

static const struct {
	const char *name;
	int (*run)(const char *arg);
} attacks[] = {
#define ATTACK(name)	{ #name, attack_##name }
	ATTACK(call), ATTACK(i386), ATTACK(hidden), ATTACK(host_files), ATTACK(proc), ATTACK(write),
	ATTACK(rights), ATTACK(limits), ATTACK(priority), ATTACK(others), ATTACK(network), ATTACK(mounts),
	ATTACK(names), ATTACK(descriptors), ATTACK(environment), ATTACK(stop), ATTACK(daemon),
	ATTACK(bomb), ATTACK(threads), ATTACK(sleep),
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < N(attacks); i++)
		if (strcmp(attacks[i].name, argv[1]) == 0)
			return attacks[i].run(argc > 2 ? argv[2] : "");
	return 255;
}
