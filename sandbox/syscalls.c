#include "sandbox/syscalls.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/strv.h"
#include "sandbox/filter.h"

#define NEW_NAMESPACE	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
			 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define ALLOW		SECCOMP_RET_ALLOW
#define FAIL(e)		(SECCOMP_RET_ERRNO | (e))
#define NOTHING		FAIL(0)		/* is not done, and said to be */
#define ANY		{ 0, 0, 0 }
#define EQ(arg, v)	{ arg, UINT64_MAX, v }	/* to allow */
#define EQ_INT(arg, v)	{ arg, UINT32_MAX, v }	/* to refuse: the kernel does not look at the high half */
#define NONE_OF(arg, m)	{ arg, m, 0 }

struct rule {
	const char *names;
	unsigned int lists;
	uint32_t answer;
	struct { int arg; uint64_t mask, value; } when;	/* a call without a condition costs the
							   kernel one bit test */
	const char *why;
};

/*
 * Of several rows about a call the first that holds counts. Languages share one list: who wants
 * what another language's runtime may do would hand in a program in that language.
 *
 * The binds are the host's own inodes, seen by every box and by whoever is logged in on the host.
 * What can be changed or asked about them would be a way past the mounts: to be told the answers
 * by a friend, or to tell somebody the tests. So no locks, leases, notices, advice, free space.
 */
static const struct rule rules[] = {
	/* -- descriptors */
	{ "read write readv writev close lseek", FOR_ALL, ALLOW, ANY, "input and output" },
	{ "pread64 pwrite64 preadv pwritev pwritev2",
	  FOR_ALL, ALLOW, ANY, "linkers, databases and runtimes read at a place" },
	{ "preadv2", FOR_ALL, ALLOW, NONE_OF(5, RWF_NOWAIT), "as preadv" },
	{ "preadv2", FOR_ALL, FAIL(EOPNOTSUPP), ANY, "whether a page of a file of the host is in memory" },
	{ "sendfile copy_file_range", FOR_ALL, ALLOW, ANY, "cp, Python's shutil and Go copy so" },
	{ "dup dup2 dup3 pipe pipe2 close_range", FOR_ALL, ALLOW, ANY, "shells, and children's streams" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_DUPFD_CLOEXEC), "runtimes copy descriptors" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_DUPFD), "shells copy descriptors" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_GETFD), "close-on-exec" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_SETFD), "close-on-exec" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_GETFL), "fdopen() and every event loop" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_SETFL), "O_NONBLOCK: every event loop" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_GETPIPE_SZ), "Python and GNU make ask" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_ADD_SEALS), "memory files of its own" },
	{ "fcntl", FOR_ALL, ALLOW, EQ(1, F_GET_SEALS), "memory files of its own" },
	{ "fcntl", FOR_ALL, FAIL(EINVAL), EQ(1, F_SETPIPE_SZ), "pipes are as large as they are" },
	{ "fcntl", FOR_ALL, FAIL(EINVAL), EQ(1, F_SETLEASE), "a lease on a file of the host tells who opens it" },
	{ "fcntl", FOR_ALL, FAIL(EINVAL), EQ(1, F_NOTIFY), "so does a notice about its folder" },
	{ "fcntl", FOR_ALL, FAIL(EOPNOTSUPP), EQ(1, F_GETLK), "who holds a lock on a file of the host?" },
	{ "fcntl", FOR_ALL, FAIL(EOPNOTSUPP), EQ(1, F_OFD_GETLK), "who holds a lock on a file of the host?" },
	{ "fcntl", FOR_ALL, NOTHING, EQ(1, F_SETLK), "SQLite and mono try, alone with their file, and do not do without" },
	{ "fcntl", FOR_PROGRAMS, FAIL(ENOLCK), EQ(1, F_SETLKW), "see flock" },
	{ "fcntl", FOR_PROGRAMS, FAIL(ENOLCK), EQ(1, F_OFD_SETLK), "see flock" },
	{ "fcntl", FOR_PROGRAMS, FAIL(ENOLCK), EQ(1, F_OFD_SETLKW), "see flock" },
	{ "fcntl", FOR_TOOLS, NOTHING, EQ(1, F_SETLKW), "make -O; see flock" },
	{ "fcntl", FOR_TOOLS, NOTHING, EQ(1, F_OFD_SETLK), "see flock" },
	{ "fcntl", FOR_TOOLS, NOTHING, EQ(1, F_OFD_SETLKW), "see flock" },
	{ "fcntl", FOR_ALL, FAIL(EINVAL), ANY, "owners and signals of descriptors: nothing starts with them" },
	{ "flock", FOR_PROGRAMS, FAIL(ENOLCK), ANY,
	  "a lock on a file of the host is seen by all, and processes that count on one must hear that there is none" },
	{ "flock", FOR_TOOLS, NOTHING, ANY, "go and cargo lock files that nobody else has, and do not do without" },
	{ "ioctl", FOR_ALL, ALLOW, EQ(1, TCGETS), "isatty(): stdio asks for each stream" },
	{ "ioctl", FOR_ALL, ALLOW, EQ(1, FIONREAD), "how much is there to read: Java's available()" },
	{ "ioctl", FOR_ALL, ALLOW, EQ(1, FIONBIO), "libuv makes pipes non-blocking so" },
	{ "ioctl", FOR_ALL, ALLOW, EQ(1, FIOCLEX), "Python and libuv: close-on-exec" },
	{ "ioctl", FOR_ALL, ALLOW, EQ(1, FIONCLEX), "Python and libuv: not close-on-exec" },
	{ "ioctl", FOR_ALL, FAIL(ENOTTY), ANY,
	  "windows' sizes, TIOCSTI, a file system's own: what the kernel says when there is none" },
	/* -- waiting */
	{ "poll ppoll select pselect6", FOR_ALL, ALLOW, ANY, "waiting for input" },
	{ "epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2",
	  FOR_ALL, ALLOW, ANY, "event loops of node, Go, Java, Erlang, asyncio" },
	{ "eventfd eventfd2", FOR_ALL, ALLOW, ANY, "node and Go wake their event loops" },
	{ "timerfd_create timerfd_settime timerfd_gettime", FOR_ALL, ALLOW, ANY, "Erlang's and Haskell's timers" },
	{ "signalfd signalfd4", FOR_ALL, FAIL(ENOSYS), ANY, "no runtime starts with it; event loops have another way" },
	{ "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch",
	  FOR_ALL, FAIL(ENOSYS), ANY, "a watch on a file of the host tells who opens it; node tries" },
	{ "io_uring_setup io_uring_enter io_uring_register",
	  FOR_ALL, FAIL(ENOSYS), ANY, "does what this list forbids; libuv tries and falls back" },
	/* -- files: what can be seen is the mount namespace's matter */
	{ "open openat openat2 creat", FOR_ALL, ALLOW, ANY, "libraries, sources, the files of the run" },
	{ "stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat",
	  FOR_ALL, ALLOW, ANY, "loaders and importers look before they open" },
	{ "getdents getdents64 getcwd chdir fchdir", FOR_ALL, ALLOW, ANY, "folders: importers and shells" },
	{ "umask", FOR_ALL, ALLOW, ANY, "linkers ask before they make a program executable" },
	{ "rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat",
	  FOR_ALL, ALLOW, ANY, "names below /box, /tmp and /dev/shm, which are its own" },
	{ "mknod mknodat", FOR_ALL, ALLOW, ANY, "named pipes; devices need a right that it has not" },
	{ "chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat futimesat",
	  FOR_ALL, ALLOW, ANY, "of its own files: linkers, tar, cp -p" },
	{ "truncate ftruncate fallocate", FOR_ALL, ALLOW, ANY, "of its own files; the group's memory counts them" },
	{ "sync syncfs", FOR_ALL, FAIL(ENOSYS), ANY, "of whole disks: the host's" },
	{ "fsync fdatasync sync_file_range msync", FOR_ALL, NOTHING, ANY,
	  "databases, editors; what is made here is in memory, and the host's disk is not to be kept busy" },
	{ "fadvise64 readahead", FOR_ALL, NOTHING, ANY,
	  "cp and sort advise; the page cache of the host's files is everybody's" },
	{ "statfs fstatfs", FOR_ALL, FAIL(ENOSYS), ANY,
	  "how full the host's disk is can be changed by others; rm and SELinux's library ask and go on" },
	{ "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr",
	  FOR_ALL, FAIL(EOPNOTSUPP), ANY, "ls and cp look for access lists; there are none" },
	{ "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
	  FOR_ALL, FAIL(EOPNOTSUPP), ANY, "cp -p and tar try; no limit would count them" },
	{ "splice tee vmsplice", FOR_ALL, FAIL(ENOSYS), ANY, "where kernels had holes; cat and Go fall back" },
	/* -- memory: the group's limit counts it */
	{ "mprotect munmap mremap brk", FOR_ALL, ALLOW, ANY, "every loader and allocator" },
	{ "mmap", FOR_ALL, ALLOW, NONE_OF(3, MAP_HUGETLB), "every loader and allocator" },
	{ "mmap", FOR_ALL, FAIL(ENOMEM), ANY, "no group counts huge pages" },
	{ "memfd_create", FOR_ALL, ALLOW, NONE_OF(1, MFD_HUGETLB), "memory with two addresses: just-in-time compilers" },
	{ "memfd_create", FOR_ALL, FAIL(ENOMEM), ANY, "no group counts huge pages" },
	{ "madvise", FOR_ALL, FAIL(EINVAL), EQ_INT(2, MADV_MERGEABLE), "pages shared with other boxes tell what is in them" },
	{ "madvise", FOR_ALL, ALLOW, ANY, "allocators and collectors give memory back" },
	{ "mincore", FOR_ALL, ALLOW, NONE_OF(1, ~UINT64_C(0x3fffffff)), "of its own memory; Java looks where its stack ends" },
	{ "mincore", FOR_ALL, FAIL(ENOMEM), ANY, "over terabytes no signal ends it for a minute" },
	{ "mlock mlock2 munlock mlockall munlockall", FOR_ALL, ALLOW, ANY, "keys of crypto libraries; 1 MiB at most" },
	{ "pkey_alloc pkey_free pkey_mprotect", FOR_ALL, ALLOW, ANY, "V8 guards its code so" },
	{ "membarrier", FOR_ALL, ALLOW, ANY, "Java's and .NET's collectors" },
	{ "get_mempolicy set_mempolicy mbind move_pages", FOR_ALL, FAIL(ENOSYS), ANY, "Java and OpenMP ask for nodes of memory" },
	{ "process_madvise", FOR_ALL, FAIL(ENOSYS), ANY, "for others' memory; allocators ask whether it is there" },
	/* -- processes and threads: the group's limit counts them */
	{ "execve execveat exit exit_group", FOR_ALL, ALLOW, ANY, "begin and end" },
	{ "fork vfork wait4 waitid", FOR_ALL, ALLOW, ANY, "children: compilers have some" },
	{ "clone", FOR_ALL, ALLOW, NONE_OF(0, NEW_NAMESPACE), "threads and children, but no new namespace" },
	{ "clone3", FOR_ALL, FAIL(ENOSYS), ANY, "its flags can not be seen; libc falls back to clone" },
	{ "set_tid_address set_robust_list get_robust_list rseq arch_prctl",
	  FOR_ALL, ALLOW, ANY, "libc at the start of each thread" },
	{ "futex futex_waitv", FOR_ALL, ALLOW, ANY, "locks between threads" },
	{ "gettid getpid getppid restart_syscall", FOR_ALL, ALLOW, ANY, "libc" },
	{ "pidfd_open pidfd_send_signal", FOR_ALL, FAIL(ENOSYS), ANY, "Go and Python try and fall back" },
	{ "setpgid getpgid getpgrp setsid getsid",
	  FOR_ALL, ALLOW, ANY, "shells; all is killed at the end whatever its session" },
	{ "setuid setgid setreuid setregid setresuid setresgid", FOR_ALL, ALLOW, ANY,
	  "make's children set the id that they have; without rights there is no other" },
	{ "setfsuid setfsgid setgroups capset", FOR_ALL, FAIL(EPERM), ANY, "tar gives up rights that it has not" },
	{ "getuid geteuid getgid getegid getresuid getresgid getgroups capget",
	  FOR_ALL, ALLOW, ANY, "who am I: shells, loaders, Python" },
	/* -- signals: only its own processes are there */
	{ "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack",
	  FOR_ALL, ALLOW, ANY, "every runtime handles some" },
	{ "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", FOR_ALL, ALLOW, ANY, "abort(); Go interrupts its threads" },
	{ "pause alarm getitimer setitimer", FOR_ALL, ALLOW, ANY, "alarms; OCaml's and Go's ticks" },
	/* -- time */
	{ "nanosleep clock_nanosleep", FOR_ALL, ALLOW, ANY, "sleeping is the wall limit's matter" },
	{ "clock_gettime clock_getres gettimeofday time times", FOR_ALL, ALLOW, ANY, "clocks, where there is no vDSO" },
	{ "timer_create timer_settime timer_gettime timer_getoverrun timer_delete",
	  FOR_ALL, ALLOW, ANY, "Go's profiler, Haskell's ticks" },
	/* -- asking */
	{ "uname", FOR_ALL, ALLOW, ANY, "the host's name is not its own here" },
	{ "sysinfo", FOR_ALL, ALLOW, ANY, "qsort() and collectors size their memory" },
	{ "getrusage getrlimit", FOR_ALL, ALLOW, ANY, "its own time and limits" },
	{ "setrlimit prlimit64", FOR_ALL, ALLOW, ANY, "limits can only be lowered; Java raises its soft ones" },
	{ "getrandom getcpu", FOR_ALL, ALLOW, ANY, "hash seeds; which arena is mine" },
	{ "sched_yield", FOR_ALL, ALLOW, ANY, "locks that spin" },
	{ "sched_getaffinity", FOR_ALL, ALLOW, ANY, "how many cores: Go, Java, node" },
	{ "getpriority sched_getscheduler sched_getparam sched_getattr sched_get_priority_max "
	  "sched_get_priority_min sched_rr_get_interval ioprio_get",
	  FOR_ALL, ALLOW, ANY, "threads are made with the priority of the caller: libc, Java, OCaml ask" },
	{ "sched_setscheduler", FOR_ALL, ALLOW, EQ(1, SCHED_OTHER), "mono: as it is already" },
	{ "setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr ioprio_set",
	  FOR_ALL, FAIL(EPERM), ANY, "threads of collectors and of OpenMP; the judge chose the core" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_NAME), "names of threads" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_NAME), "names of threads" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_VMA), "names of memory: V8, bionic, glibc to come" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_PDEATHSIG), "go run: the child ends with it" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_PDEATHSIG), "who sets it may ask" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_CHILD_SUBREAPER), "build tools wait for grandchildren" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_DUMPABLE), "programs that hold keys; there are no cores here" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_DUMPABLE), "sanitizers ask" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_PTRACER), "crash handlers; ptrace is not there" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_SECCOMP), "sanitizers ask" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_CAPBSET_READ), "libcap counts capabilities: ls" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_NO_NEW_PRIVS), "it is set already" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_NO_NEW_PRIVS), "bubblewrap's friends ask" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_TIMERSLACK), "of its own sleeps" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_TIMERSLACK), "of its own sleeps" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_SET_THP_DISABLE), "of its own memory: Go, jemalloc" },
	{ "prctl", FOR_ALL, ALLOW, EQ(0, PR_GET_SPECULATION_CTRL), "browsers' engines ask" },
	{ "personality", FOR_ALL, ALLOW, EQ(0, 0xffffffff), "asking" },
	{ "personality", FOR_ALL, FAIL(EPERM), ANY, "sbcl wants fixed addresses and goes on without" },
	{ "landlock_create_ruleset landlock_add_rule landlock_restrict_self",
	  FOR_ALL, FAIL(ENOSYS), ANY, "tools that confine themselves go on without" },
	/* -- sockets: pairs to talk to one's own children, nothing with a name */
	{ "socketpair", FOR_ALL, ALLOW, EQ(0, AF_UNIX), "node's and Python's children" },
	{ "socketpair", FOR_ALL, FAIL(EAFNOSUPPORT), ANY, "another family would be a module to load" },
	{ "sendmsg recvmsg sendto recvfrom shutdown", FOR_ALL, ALLOW, ANY, "on pairs; multiprocessing sends descriptors" },
	{ "getsockopt getsockname getpeername", FOR_ALL, ALLOW, ANY, "Python and libuv ask what a descriptor is" },
	{ "setsockopt", FOR_ALL, FAIL(ENOPROTOOPT), ANY, "larger buffers, filters: a pair needs none" },
	{ "socket", FOR_PROGRAMS, FAIL(EAFNOSUPPORT), EQ(0, AF_UNIX), "libc looks for nscd" },
	{ "socket", FOR_TOOLS, FAIL(EAFNOSUPPORT), ANY, "javac looks which families there are, make for its server" },
};

/* What a language needs more than others: a forbidden call that its runtime makes unasked. It may
 * only be a program of the host: what a student wrote lies in the scratch space or in a file
 * without a name. */
static const struct {
	const char *call, *program;
	int error;
	const char *why;
} probes[] = {
	{ "socket", "beam.smp", EAFNOSUPPORT, "Erlang looks which families there are" },
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

int syscalls_build(unsigned int list, struct sock_fprog *ret, struct diag *diag)
{
	struct filter_rule unknown = { .nr = FIRST_UNKNOWN, .answer = FAIL(ENOSYS) };
	struct list l = { 0 };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rules) && r == 0; i++)
		if (rules[i].lists & list)
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
