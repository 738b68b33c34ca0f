/*
 * probe.c - what this host has: a row and a function for each thing
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/units.h"
#include "sandbox/box.h"
#include "sandbox/cgroup.h"

#define FREE_WANTED	(INT64_C(1) << 30)

/* First line of a small file, "" when it can not be read. */
static void first_line(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : io_read(fd, ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	io_close(fd);
}

static void found(struct box_finding *f, const char *fmt, ...) PRINTF(2, 3);
static void found(struct box_finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->found, sizeof(f->found), fmt, args);
	va_end(args);
}

static void lacks(struct box_finding *f, enum box_level level, const char *fmt, ...) PRINTF(3, 4);
static void lacks(struct box_finding *f, enum box_level level, const char *fmt, ...)
{
	va_list args;

	f->level = level;
	va_start(args, fmt);
	vsnprintf(f->remedy, sizeof(f->remedy), fmt, args);
	va_end(args);
}

static void probe_rights(struct box_finding *f, const struct cgroup_host *host)
{
	(void)host;
	found(f, geteuid() == 0 ? "root" : "uid %u", geteuid());
	if (geteuid() != 0)
		lacks(f, BOX_MISSING, "namespaces and control groups need root: use sudo");
}

static void probe_kernel(struct box_finding *f, const struct cgroup_host *host)
{
	/* mount_setattr(2); v2: memory.peak */
	int need = host->version == 2 ? 19 : 12;
	struct utsname u;
	int major = 0, minor = 0;

	uname(&u);
	found(f, "%s %s", u.sysname, u.release);
	if (sscanf(u.release, "%d.%d", &major, &minor) != 2 ||
	    major < 5 || (major == 5 && minor < need))
		lacks(f, BOX_MISSING, "Linux 5.%d or later is needed: update the kernel", need);
}

static void probe_version(struct box_finding *f, const struct cgroup_host *host)
{
	if (host->version) {
		found(f, "v%d", host->version);
		return;
	}
	found(f, "none that has all three controllers");
	lacks(f, BOX_MISSING, "no limit can be held without: mount the controllers (cgroup2 on "
	      "/sys/fs/cgroup), in a container give it its own cgroup tree");
}

static void probe_controller(struct box_finding *f, const struct cgroup_host *host, int c,
			     const char *costs)
{
	if (*host->dir[c]) {
		found(f, "%.*s", (int)sizeof(f->found) - 1, host->dir[c]);
		return;
	}
	found(f, "none");
	lacks(f, BOX_MISSING, "%s", costs);
}

static void probe_memory(struct box_finding *f, const struct cgroup_host *host)
{
	probe_controller(f, host, CGROUP_MEMORY, "memory can not be limited or measured: boot with "
			 "cgroup_enable=memory, mount the controller");
}

static void probe_pids(struct box_finding *f, const struct cgroup_host *host)
{
	probe_controller(f, host, CGROUP_PIDS, "a fork bomb can not be stopped: mount the pids "
			 "controller (CONFIG_CGROUP_PIDS)");
}

static void probe_cpu(struct box_finding *f, const struct cgroup_host *host)
{
	probe_controller(f, host, CGROUP_CPU, "children can hide their CPU time: mount the cpuacct "
			 "controller");
}

static void probe_namespaces(struct box_finding *f, const struct cgroup_host *host)
{
	const int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			  CLONE_NEWCGROUP;
	int status = 0;
	pid_t pid;

	(void)host;
	if (geteuid() != 0) {
		found(f, "not looked at without root");
		f->level = BOX_COSTS;
		return;
	}
	pid = fork();
	if (pid == 0)
		_exit(unshare(flags) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
		found(f, "can not be made: %s",
		      strerror(WIFEXITED(status) && pid > 0 ? WEXITSTATUS(status) : EAGAIN));
		lacks(f, BOX_MISSING, "a program could see the host: CAP_SYS_ADMIN is needed, and pid mnt "
		      "net ipc uts cgroup namespaces in the kernel (in a container: run it privileged)");
		return;
	}
	found(f, "pid mnt net ipc uts cgroup");
}

static void probe_seccomp(struct box_finding *f, const struct cgroup_host *host)
{
	char actions[256];

	(void)host;
	first_line("/proc/sys/kernel/seccomp/actions_avail", actions, sizeof(actions));
	found(f, "%.120s", *actions ? actions : "none");
	if (!strstr(actions, "user_notif"))
		lacks(f, BOX_MISSING, "system calls can not be filtered: a kernel with CONFIG_SECCOMP_FILTER");
}

static void probe_memfd(struct box_finding *f, const struct cgroup_host *host)
{
	char mode[16];

	(void)host;
	first_line("/proc/sys/vm/memfd_noexec", mode, sizeof(mode));
	found(f, "vm.memfd_noexec = %s", *mode ? mode : "0");
	if (*mode == '1' || *mode == '2')
		lacks(f, BOX_MISSING, "programs that were compiled can not be started: "
		      "sysctl vm.memfd_noexec=0");
}

static void probe_swap(struct box_finding *f, const struct cgroup_host *host)
{
	FILE *swaps = fopen("/proc/swaps", "re");
	char line[256], path[PATH_MAX];
	bool any = false;

	if (swaps && fgets(line, sizeof(line), swaps))
		any = fgets(line, sizeof(line), swaps) != NULL;
	if (swaps)
		fclose(swaps);
	found(f, any ? "in use" : "off");
	if (!any || host->version != 1)
		return;
	snprintf(path, sizeof(path), "%s/memory.memsw.limit_in_bytes", host->dir[CGROUP_MEMORY]);
	if (access(path, F_OK) < 0)
		lacks(f, BOX_COSTS, "a program can have more memory than its limit, slowly: swapoff -a, "
		      "or boot with swapaccount=1");
	else
		found(f, "in use, and counted");
}

static void probe_cores(struct box_finding *f, const struct cgroup_host *host)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	(void)host;
	found(f, "%ld", n);
	if (n < 2)
		lacks(f, BOX_COSTS, "programs that are judged share the core with the judge: times vary "
		      "more; two or more are better");
}

static void probe_smt(struct box_finding *f, const struct cgroup_host *host)
{
	char active[8];

	(void)host;
	first_line("/sys/devices/system/cpu/smt/active", active, sizeof(active));
	found(f, *active == '1' ? "on" : *active ? "off" : "not there");
	if (*active == '1')
		lacks(f, BOX_COSTS, "two runs on one core slow each other down and times vary: "
		      "echo off > /sys/devices/system/cpu/smt/control");
}

static void probe_governor(struct box_finding *f, const struct cgroup_host *host)
{
	char governor[32];

	(void)host;
	first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", governor, sizeof(governor));
	found(f, "%s", *governor ? governor : "none (a virtual machine has none)");
	if (*governor && strcmp(governor, "performance") != 0)
		lacks(f, BOX_COSTS, "times vary with the clock: cpupower frequency-set -g performance");
}

static void probe_fuse(struct box_finding *f, const struct cgroup_host *host)
{
	struct stat st;

	(void)host;
	if (stat("/dev/fuse", &st) == 0 && S_ISCHR(st.st_mode)) {
		found(f, "/dev/fuse");
		return;
	}
	found(f, "none");
	lacks(f, BOX_MISSING, "the mount needs it (judgectl judge and run do not): modprobe fuse, in a "
	      "container --device /dev/fuse");
}

static void probe_disk(struct box_finding *f, const struct cgroup_host *host)
{
	static const char *const places[] = { "/var/lib/judgefs", "/var/lib", "/" };
	char free_text[32];
	struct statvfs v;
	size_t i = 0;
	int64_t bytes;

	(void)host;
	while (i < ARRAY_SIZE(places) && statvfs(places[i], &v) < 0)
		i++;
	if (i == ARRAY_SIZE(places)) {
		found(f, "unknown");
		return;
	}
	bytes = (int64_t)v.f_bavail * v.f_frsize;
	format_size(bytes, free_text);
	found(f, "%s free at %s", free_text, places[i]);
	if (bytes < FREE_WANTED)
		lacks(f, BOX_COSTS, "submissions are refused when it is full: make room (1 GiB or more)");
}

static const struct {
	const char *what;
	void (*probe)(struct box_finding *f, const struct cgroup_host *host);
} rows[] = {
	{ "rights",			probe_rights },
	{ "kernel",			probe_kernel },
	{ "cgroup version",		probe_version },
	{ "cgroup memory controller",	probe_memory },
	{ "cgroup pids controller",	probe_pids },
	{ "cgroup CPU time",		probe_cpu },
	{ "namespaces",			probe_namespaces },
	{ "seccomp",			probe_seccomp },
	{ "memfd",			probe_memfd },
	{ "fuse",			probe_fuse },
	{ "swap",			probe_swap },
	{ "cores",			probe_cores },
	{ "SMT",			probe_smt },
	{ "governor",			probe_governor },
	{ "disk",			probe_disk },
};

size_t box_probe(struct box_finding *ret, size_t max)
{
	struct cgroup_host host;
	size_t n = 0;

	cgroup_find(&host);
	for (; n < ARRAY_SIZE(rows) && n < max; n++) {
		ret[n] = (struct box_finding){ .what = rows[n].what, .level = BOX_FINE };
		rows[n].probe(&ret[n], &host);
	}
	return n;
}
