#include "sandbox/syscalls.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/strv.h"
#include "sandbox/filter.h"

#define NEW_NAMESPACE	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
			 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define ALLOW		SECCOMP_RET_ALLOW
#define FAIL(e)		(SECCOMP_RET_ERRNO | (e))
#define ANY		{ 0, 0, 0 }
#define EQ(arg, v)	{ arg, UINT64_MAX, v }
#define NONE_OF(arg, m)	{ arg, m, 0 }

struct rule {
	const char *names;
	unsigned int profiles;
	uint32_t answer;
	struct { int arg; uint64_t mask, value; } when;	/* a call without a condition costs the
							   kernel one bit test */
	const char *why;
};

/* Of several rows about a call the first that holds counts. */
static const struct rule rules[] = {
	{ "read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close "
	  "close_range lseek sendfile copy_file_range",
	  FOR_ALL, ALLOW, ANY, "descriptors it holds" },
	{ "open openat openat2 creat stat lstat fstat newfstatat statx access faccessat faccessat2 "
	  "readlink readlinkat getdents getdents64 getcwd chdir fchdir statfs fstatfs umask "
	  "readahead fadvise64",
	  FOR_ALL, ALLOW, ANY, "files: what can be seen is the mount namespace's matter" },
	{ "rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink "
	  "symlinkat mknod mknodat chmod fchmod fchmodat chown fchown lchown fchownat utime utimes "
	  "utimensat futimesat truncate ftruncate fallocate fsync fdatasync flock",
	  FOR_ALL, ALLOW, ANY, "files it makes: /box, /tmp and /dev/shm are its own" },
	{ "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr",
	  FOR_ALL, ALLOW, ANY, "cp and ls look" },
	{ "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
	  FOR_ALL, FAIL(EOPNOTSUPP), ANY, "cp tries" },
	{ "dup dup2 dup3 fcntl pipe pipe2 ioctl poll ppoll select pselect6 epoll_create "
	  "epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd "
	  "signalfd4 timerfd_create timerfd_settime timerfd_gettime",
	  FOR_ALL, ALLOW, ANY, "waiting; event loops" },
	{ "mprotect munmap mremap brk madvise mincore msync mlock mlock2 munlock mlockall munlockall "
	  "pkey_alloc pkey_free pkey_mprotect membarrier",
	  FOR_ALL, ALLOW, ANY, "memory: the group's limit counts it" },
	{ "mmap", FOR_ALL, ALLOW, NONE_OF(3, MAP_HUGETLB), "the same" },
	{ "mmap", FOR_ALL, FAIL(ENOMEM), ANY, "huge pages are not counted" },
	{ "memfd_create", FOR_ALL, ALLOW, NONE_OF(1, MFD_HUGETLB), "the same" },
	{ "memfd_create", FOR_ALL, FAIL(ENOMEM), ANY, "" },
	{ "fork vfork execve execveat exit exit_group wait4 waitid set_tid_address "
	  "set_robust_list get_robust_list rseq futex futex_waitv arch_prctl gettid getpid getppid "
	  "restart_syscall",
	  FOR_ALL, ALLOW, ANY, "processes and threads: the group's limit counts them" },
	{ "clone", FOR_ALL, ALLOW, NONE_OF(0, NEW_NAMESPACE), "the same, but no new namespace" },
	{ "clone3", FOR_ALL, FAIL(ENOSYS), ANY, "its flags can not be seen; libc falls back to clone" },
	{ "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait "
	  "rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack kill tkill tgkill pause alarm getitimer "
	  "setitimer",
	  FOR_ALL, ALLOW, ANY, "signals: only its own processes are there" },
	{ "setpgid getpgid getpgrp setsid getsid",
	  FOR_ALL, ALLOW, ANY, "shells; all is killed at the end whatever its session" },
	{ "nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times "
	  "timer_create timer_settime timer_gettime timer_getoverrun timer_delete sched_yield",
	  FOR_ALL, ALLOW, ANY, "clocks" },
	{ "getuid geteuid getgid getegid getresuid getresgid getgroups capget uname sysinfo "
	  "getrusage getrlimit setrlimit prlimit64 getrandom getcpu getpriority sched_getaffinity "
	  "sched_getscheduler sched_getparam sched_getattr sched_get_priority_max "
	  "sched_get_priority_min sched_rr_get_interval",
	  FOR_ALL, ALLOW, ANY, "asking; limits can only be lowered" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_PDEATHSIG), "go run" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_PDEATHSIG), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_DUMPABLE), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_DUMPABLE), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_NAME), "names of threads" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_NAME), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_SECCOMP), "sanitizers ask" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_CAPBSET_READ), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_TIMERSLACK), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_TIMERSLACK), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_CHILD_SUBREAPER), "build tools" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_NO_NEW_PRIVS), "it is set already" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_NO_NEW_PRIVS), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_THP_DISABLE), "" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_VMA), "names of memory: V8, bionic" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_PTRACER), "crash handlers; ptrace is not there" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_SPECULATION_CTRL), "" },
	{ "socketpair sendmsg recvmsg sendto recvfrom shutdown getsockopt setsockopt getsockname "
	  "getpeername",
	  FOR_ALL, ALLOW, ANY, "pairs: talking to one's own children" },
	{ "socket", FOR_RUN | FOR_CHECKER, FAIL(EAFNOSUPPORT), EQ(0, AF_UNIX), "libc looks for nscd" },
	{ "socket", FOR_COMPILE, FAIL(EAFNOSUPPORT), ANY, "javac looks which families there are" },
	{ "personality", FOR_ALL, ALLOW, EQ(0, 0xffffffff), "asking" },
	{ "personality", FOR_ALL, FAIL(EPERM), ANY, "" },
	{ "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset "
	  "setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr "
	  "ioprio_set",
	  FOR_ALL, FAIL(EPERM), ANY, "runtimes try and go on" },
	{ "io_uring_setup io_uring_enter io_uring_register splice tee vmsplice pidfd_open "
	  "pidfd_send_signal inotify_init inotify_init1 inotify_add_watch inotify_rm_watch "
	  "get_mempolicy set_mempolicy mbind move_pages ioprio_get landlock_create_ruleset "
	  "landlock_add_rule landlock_restrict_self process_madvise sync syncfs sync_file_range",
	  FOR_ALL, FAIL(ENOSYS), ANY, "libraries try and fall back" },
};

/* A forbidden call that a runtime makes unasked. It may only be a program of the host: what a
 * student wrote lies in the scratch space or in a file without a name. */
static const struct {
	const char *call, *program;
	int error;
	const char *why;
} probes[] = {
	{ "socket", "java", EAFNOSUPPORT, "libnet, which java.nio loads, looks which families there are" },
};

/* Numbers after the table's newest: a libc newer than it tries them and falls back. */
#define FIRST_UNKNOWN	450

struct list {
	struct filter_rule *v;
	size_t n;
};

static int add(struct list *l, const struct filter_rule *rule)
{
	struct filter_rule *more = reallocarray(l->v, l->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	l->v = more;
	l->v[l->n++] = *rule;
	return 0;
}

static int add_names(struct list *l, const struct rule *rule, struct diag *diag)
{
	struct filter_rule f = { .arg = rule->when.arg, .mask = rule->when.mask,
				 .value = rule->when.value, .answer = rule->answer };
	struct strv names = { 0 };
	int r = strv_split(&names, rule->names);

	for (size_t i = 0; i < names.n && r == 0; i++) {
		f.nr = seccomp_syscall_resolve_name(names.v[i]);
		if (f.nr == __NR_SCMP_ERROR)
			r = diag_fail(diag, -EINVAL, "system call filter: what is '%s'?", names.v[i]);
		else if (f.nr >= 0)	/* below: not on this architecture */
			r = add(l, &f);
	}
	strv_release(&names);
	return r;
}

int syscalls_build(unsigned int profile, struct sock_fprog *ret, struct diag *diag)
{
	struct filter_rule unknown = { .nr = FIRST_UNKNOWN, .answer = FAIL(ENOSYS) };
	struct list l = { 0 };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rules) && r == 0; i++)
		if (rules[i].profiles & profile)
			r = add_names(&l, &rules[i], diag);
	for (; unknown.nr < FILTER_NUMBERS && r == 0; unknown.nr++)
		r = add(&l, &unknown);
	if (r == 0)
		r = filter_build(seccomp_arch_native(), l.v, l.n, SECCOMP_RET_USER_NOTIF, ret);
	free(l.v);
	return r < 0 && diag && !*diag->text ? diag_fail(diag, r, "system call filter") : r;
}

#define X32_BIT		0x40000000

void syscalls_name(uint32_t arch, int nr, char *ret, size_t size)
{
	const char *prefix = "";
	char *name;

	if (arch != seccomp_arch_native())
		prefix = arch == SCMP_ARCH_X86 ? "i386 " : "foreign ";
	else if (arch == SCMP_ARCH_X86_64 && nr & X32_BIT)
		prefix = "x32 ";
	name = seccomp_syscall_resolve_num_arch(arch, strcmp(prefix, "x32 ") ? nr : nr & ~X32_BIT);
	if (name)
		snprintf(ret, size, "%s%s", prefix, name);
	else
		snprintf(ret, size, "%ssyscall %d", prefix, nr);
	free(name);
}

static bool is_host_program(const char *exe, const char *name)
{
	static const char *const own[] = { "/box/", "/tmp/", "/dev/shm/", "/memfd:" };
	const char *slash = strrchr(exe, '/');

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (strncmp(exe, own[i], strlen(own[i])) == 0)
			return false;
	return slash && strcmp(slash + 1, name) == 0;
}

int syscalls_probe(uint32_t arch, int nr, const char *exe)
{
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		if (arch == seccomp_arch_native() &&
		    nr == seccomp_syscall_resolve_name(probes[i].call) &&
		    is_host_program(exe, probes[i].program))
			return probes[i].error;
	return 0;
}
