/*
 * probe.c - what this host has: a row and a function for each thing
 */
#include "sandbox/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "sandbox/caps.h"

/* ------------------------------------------------------------------ for the rows */

void probe_found(struct box_finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->found, sizeof(f->found), fmt, args);
	va_end(args);
}

void probe_lacks(struct box_finding *f, enum box_level level, const char *fmt, ...)
{
	va_list args;

	f->level = level;
	va_start(args, fmt);
	vsnprintf(f->remedy, sizeof(f->remedy), fmt, args);
	va_end(args);
}

void probe_line(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : io_read(fd, ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	io_close(fd);
}

int64_t probe_number(const char *path, int64_t otherwise)
{
	char text[32], *end;
	int64_t n;

	probe_line(path, text, sizeof(text));
	n = strtoll(text, &end, 10);
	return end == text ? otherwise : n;
}

static bool not_root(struct box_finding *f)
{
	if (geteuid() == 0)
		return false;
	probe_found(f, "not looked at without root");
	f->level = BOX_COSTS;
	return true;
}

/* ------------------------------------------------------------------ the rows */

static void probe_rights(struct box_finding *f, const struct cgroup_host *host)
{
	char missing[sizeof(f->found)];

	(void)host;
	if (geteuid() != 0) {
		probe_found(f, "uid %u", geteuid());
		probe_lacks(f, BOX_MISSING, "namespaces and control groups need root: use sudo");
	} else if (caps_missing(missing, sizeof(missing))) {
		probe_found(f, "root without %.140s", missing);
		probe_lacks(f, BOX_MISSING, "programs could be neither started nor ended as they must: give "
			    "these capabilities (CapabilityBoundingSet= of a service; in a container "
			    "--privileged or --cap-add)");
	} else {
		probe_found(f, "root");
	}
}

static void probe_kernel(struct box_finding *f, const struct cgroup_host *host)
{
	/* mount_setattr(2); v2: memory.peak */
	int need = host->version == 2 ? 19 : 12;
	struct utsname u;
	int major = 0, minor = 0;

	uname(&u);
	probe_found(f, "%s %s", u.sysname, u.release);
	if (sscanf(u.release, "%d.%d", &major, &minor) != 2 ||
	    major < 5 || (major == 5 && minor < need))
		probe_lacks(f, BOX_MISSING, "Linux 5.%d or later is needed: update the kernel", need);
}

static void probe_version(struct box_finding *f, const struct cgroup_host *host)
{
	char given[128];

	if (host->version) {
		probe_found(f, "v%d", host->version);
		return;
	}
	probe_line("/sys/fs/cgroup/cgroup.controllers", given, sizeof(given));
	if (*given)
		probe_found(f, "v2, which has only: %.120s", given);
	else
		probe_found(f, "none that has all three controllers");
	probe_lacks(f, BOX_MISSING, "no limit can be held: mount the controllers (cgroup2 on /sys/fs/cgroup),"
		    " boot without cgroup_disable=, in a container give it a cgroup tree of its own "
		    "with memory and pids");
}

static void probe_controller(struct box_finding *f, const struct cgroup_host *host, int c,
			     const char *costs)
{
	if (*host->dir[c]) {
		probe_found(f, "%.*s", (int)sizeof(f->found) - 1, host->dir[c]);
		return;
	}
	probe_found(f, "none");
	probe_lacks(f, BOX_MISSING, "%s", costs);
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

static void probe_tree(struct box_finding *f, const struct cgroup_host *host)
{
	bool any = false;

	if (not_root(f))
		return;
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		const char *dir = host->dir[c];

		if (!*dir || faccessat(AT_FDCWD, dir, W_OK, AT_EACCESS) == 0) {
			any = any || *dir;
			continue;
		}
		probe_found(f, "%.100s: %s", dir, strerror(errno));
		probe_lacks(f, BOX_MISSING, "no group can be made for a run: mount -o remount,rw %.80s, in a "
			    "container let it write to its cgroup tree (--privileged, "
			    "--cgroupns=private)", dir);
		return;
	}
	probe_found(f, any ? "can be written" : "none");
}

/* What @fn says in a child of our own: 0 or an errno. */
static int in_child(int (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static int try_namespaces(void)
{
	return unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		       CLONE_NEWCGROUP) < 0 ? errno : 0;
}

static void probe_namespaces(struct box_finding *f, const struct cgroup_host *host)
{
	int e;

	(void)host;
	if (not_root(f))
		return;
	e = in_child(try_namespaces);
	if (e) {
		probe_found(f, "can not be made: %s", strerror(e));
		probe_lacks(f, BOX_MISSING, "a program could see the host: CAP_SYS_ADMIN is needed (in a "
			    "container: --privileged), pid mnt net ipc uts cgroup namespaces in the "
			    "kernel, and room in sysctl user.max_*_namespaces");
		return;
	}
	probe_found(f, "pid mnt net ipc uts cgroup (user namespaces are not needed)");
}

static int try_mount(const char *type)
{
	int context = fsopen(type, FSOPEN_CLOEXEC), fd = -1, r = 0;

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ||
	    (fd = fsmount(context, FSMOUNT_CLOEXEC, 0)) < 0)
		r = errno;
	io_close(fd);
	io_close(context);
	return r;
}

static int try_tmpfs(void)
{
	return try_mount("tmpfs");
}

static int try_proc(void)
{
	return try_mount("proc");
}

/* A /proc of a pid namespace needs a process in it. */
static int try_proc_inside(void)
{
	return unshare(CLONE_NEWNS | CLONE_NEWPID) < 0 ? errno : in_child(try_proc);
}

static void probe_mounts(struct box_finding *f, const struct cgroup_host *host)
{
	static const struct { const char *type; int (*try)(void); } rows[] = {
		{ "tmpfs", try_tmpfs }, { "proc", try_proc_inside },
	};

	(void)host;
	if (not_root(f))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int e = in_child(rows[i].try);

		if (e == 0)
			continue;
		probe_found(f, "%s can not be mounted: %s", rows[i].type, strerror(e));
		probe_lacks(f, BOX_MISSING, "no run gets a file system of its own: CONFIG_TMPFS and "
			    "CONFIG_PROC_FS in the kernel, and no policy against it (AppArmor, seccomp; "
			    "in a container: --privileged)");
		return;
	}
	probe_found(f, "tmpfs proc");
}

static void probe_seccomp(struct box_finding *f, const struct cgroup_host *host)
{
	char actions[256];

	(void)host;
	probe_line("/proc/sys/kernel/seccomp/actions_avail", actions, sizeof(actions));
	probe_found(f, "%.120s", *actions ? actions : "none");
	if (!strstr(actions, "user_notif"))
		probe_lacks(f, BOX_MISSING, "system calls can not be filtered: a kernel with "
			    "CONFIG_SECCOMP_FILTER");
}

static void probe_memfd(struct box_finding *f, const struct cgroup_host *host)
{
	int64_t mode = probe_number("/proc/sys/vm/memfd_noexec", 0);

	(void)host;
	probe_found(f, "vm.memfd_noexec = %d", (int)mode);
	if (mode > 1)
		probe_lacks(f, BOX_MISSING, "programs that were compiled can not be started: "
			    "sysctl vm.memfd_noexec=0 (or 1)");
}

static const struct {
	const char *what;
	probe_fn *probe;
} rows[] = {
	{ "rights",			probe_rights },
	{ "kernel",			probe_kernel },
	{ "cgroup version",		probe_version },
	{ "cgroup memory controller",	probe_memory },
	{ "cgroup pids controller",	probe_pids },
	{ "cgroup CPU time",		probe_cpu },
	{ "cgroup tree",		probe_tree },
	{ "namespaces",			probe_namespaces },
	{ "file systems",		probe_mounts },
	{ "proc",			probe_proc },
	{ "seccomp",			probe_seccomp },
	{ "memfd",			probe_memfd },
	{ "fuse",			probe_fuse },
	{ "limits of this process",	probe_limits },
	{ "processes",			probe_processes },
	{ "memory",			probe_memory_size },
	{ "swap",			probe_swap },
	{ "out of memory",		probe_panic },
	{ "overcommit",			probe_overcommit },
	{ "huge pages",			probe_huge_pages },
	{ "core dumps",			probe_core_dumps },
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
