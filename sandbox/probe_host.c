/*
 * probe_host.c - what a run needs of the host to be judged fairly: room, and steady cores
 */
#include "sandbox/probe.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/units.h"

#define FREE_WANTED	(INT64_C(1) << 30)
#define MEMORY_WANTED	(INT64_C(512) << 20)	/* for each core */
#define PROCESSES_WANTED 4096

static int cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) < 0 ? 1 : CPU_COUNT(&set);
}

/* The least that @file says in the group where @c is and in those above it. */
static int64_t least_up(const struct cgroup_host *host, int c, const char *file)
{
	char path[PATH_MAX], dir[sizeof(host->dir[c])];
	int64_t least = INT64_MAX;
	char *slash;

	snprintf(dir, sizeof(dir), "%s", host->dir[c]);
	while ((slash = strrchr(dir, '/')) && slash != dir) {
		int64_t n;

		snprintf(path, sizeof(path), "%s/%s", dir, file);
		n = probe_number(path, INT64_MAX);
		if (n < least)
			least = n;
		*slash = '\0';
	}
	return least;
}

/* ------------------------------------------------------------------ room */

void probe_limits(struct box_finding *f, const struct cgroup_host *host)
{
	struct limit l;

	(void)host;
	if (!limits_low(0, &l)) {
		probe_found(f, "none that is too low");
		return;
	}
	probe_found(f, "%s: %lld", l.what, (long long)l.have);
	if (l.enough == INT64_MAX)
		probe_lacks(f, strcmp(l.what, "stack") ? BOX_MISSING : BOX_COSTS,
			    "programs could not use what their own limits allow: %s unlimited "
			    "(%s=infinity of a service, --ulimit of a container)", l.shell, l.manager);
	else
		probe_lacks(f, BOX_MISSING, "too few for a judge, and what fails then is not the students' "
			    "fault: %s %lld (%s= of a service, --ulimit of a container)", l.shell,
			    (long long)l.enough, l.manager);
}

void probe_processes(struct box_finding *f, const struct cgroup_host *host)
{
	const struct { const char *what, *remedy; int64_t n; } rows[] = {
		{ "kernel.pid_max", "sysctl kernel.pid_max=32768",
		  probe_number("/proc/sys/kernel/pid_max", INT64_MAX) },
		{ "kernel.threads-max", "sysctl kernel.threads-max=32768",
		  probe_number("/proc/sys/kernel/threads-max", INT64_MAX) },
		{ "pids.max of the group", "TasksMax=infinity of a service, --pids-limit of a container",
		  least_up(host, CGROUP_PIDS, "pids.max") },
	};
	size_t least = 0;

	for (size_t i = 1; i < ARRAY_SIZE(rows); i++)
		if (rows[i].n < rows[least].n)
			least = i;
	if (rows[least].n == INT64_MAX) {
		probe_found(f, "no limit known");
		return;
	}
	probe_found(f, "%lld (%s)", (long long)rows[least].n, rows[least].what);
	if (rows[least].n < PROCESSES_WANTED)
		probe_lacks(f, BOX_COSTS, "programs of many threads may not get them, through no fault of "
			    "theirs: %s", rows[least].remedy);
}

void probe_memory_size(struct box_finding *f, const struct cgroup_host *host)
{
	const char *file = host->version == 2 ? "memory.max" : "memory.limit_in_bytes";
	int64_t limit = least_up(host, CGROUP_MEMORY, file), bytes = 0;
	char text[32];
	struct sysinfo info;

	if (sysinfo(&info) == 0)
		bytes = (int64_t)info.totalram * info.mem_unit;
	if (bytes == 0) {
		probe_found(f, "unknown");
		return;
	}
	if (limit < bytes)
		bytes = limit;
	format_size(bytes, text);
	probe_found(f, "%s%s for %d core%s", text, bytes == limit ? " (limit of the group)" : "", cores(),
		    cores() == 1 ? "" : "s");
	if (bytes / cores() < MEMORY_WANTED)
		probe_lacks(f, BOX_COSTS, "runs beside each other may not get what their limits allow; such "
			    "a run is judged again: more memory, lower limits or fewer workers");
}

void probe_swap(struct box_finding *f, const struct cgroup_host *host)
{
	FILE *swaps = fopen("/proc/swaps", "re");
	char line[256], path[PATH_MAX];
	bool any = false;

	if (swaps && fgets(line, sizeof(line), swaps))
		any = fgets(line, sizeof(line), swaps) != NULL;
	if (swaps)
		fclose(swaps);
	probe_found(f, any ? "in use, but not by programs that are judged" : "off");
	if (!any || host->version != 1)
		return;
	snprintf(path, sizeof(path), "%s/memory.memsw.limit_in_bytes", host->dir[CGROUP_MEMORY]);
	if (access(path, F_OK) == 0)
		return;
	probe_found(f, "in use, and not counted");
	probe_lacks(f, BOX_MISSING, "a program could have more memory than its limit: swapoff -a, or boot "
		    "with swapaccount=1");
}

void probe_panic(struct box_finding *f, const struct cgroup_host *host)
{
	int64_t mode = probe_number("/proc/sys/vm/panic_on_oom", 0);

	(void)host;
	probe_found(f, "vm.panic_on_oom = %d", (int)mode);
	if (mode == 2)
		probe_lacks(f, BOX_MISSING, "a program over its memory limit would bring the host down: "
			    "sysctl vm.panic_on_oom=0");
}

void probe_overcommit(struct box_finding *f, const struct cgroup_host *host)
{
	int64_t mode = probe_number("/proc/sys/vm/overcommit_memory", 0);

	(void)host;
	probe_found(f, "vm.overcommit_memory = %d", (int)mode);
	if (mode == 2)
		probe_lacks(f, BOX_COSTS, "what reserves much and uses little (Java, Go, JavaScript) may fail: "
			    "sysctl vm.overcommit_memory=0");
}

void probe_huge_pages(struct box_finding *f, const struct cgroup_host *host)
{
	char modes[64], mode[16] = "";

	(void)host;
	probe_line("/sys/kernel/mm/transparent_hugepage/enabled", modes, sizeof(modes));
	sscanf(modes, "%*[^[][%15[a-z]", mode);
	if (*modes == '[')
		sscanf(modes, "[%15[a-z]", mode);
	probe_found(f, "%s", *mode ? mode : "none");
	if (strcmp(mode, "always") == 0)
		probe_lacks(f, BOX_COSTS, "programs get memory in pieces of 2 MiB when there are such: times and "
			    "memory vary: echo madvise >/sys/kernel/mm/transparent_hugepage/enabled");
}

void probe_core_dumps(struct box_finding *f, const struct cgroup_host *host)
{
	char pattern[128];

	(void)host;
	probe_line("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern));
	probe_found(f, "%.100s; never of programs that are judged", *pattern ? pattern : "none");
}

void probe_fuse(struct box_finding *f, const struct cgroup_host *host)
{
	struct stat st;

	(void)host;
	if (stat("/dev/fuse", &st) == 0 && S_ISCHR(st.st_mode)) {
		probe_found(f, "/dev/fuse");
		return;
	}
	probe_found(f, "none");
	probe_lacks(f, BOX_MISSING, "the mount needs it (judgectl judge and run do not): modprobe fuse, in a "
		    "container --device /dev/fuse");
}

/* Options of the topmost mount on /proc; "" when there is none. */
static void proc_options(char *ret, size_t size)
{
	FILE *f = fopen("/proc/self/mounts", "re");
	char line[1024], point[256], type[64], options[512];

	*ret = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %255s %63s %511s", point, type, options) == 3 &&
		    strcmp(point, "/proc") == 0)
			snprintf(ret, size, "%s", options);
	if (f)
		fclose(f);
}

void probe_proc(struct box_finding *f, const struct cgroup_host *host)
{
	char options[512];

	(void)host;
	proc_options(options, sizeof(options));
	if (!*options) {
		probe_found(f, "not mounted");
		probe_lacks(f, BOX_MISSING, "nothing of this can be looked at: mount -t proc proc /proc");
	} else if (strstr(options, "subset=pid")) {
		probe_found(f, "processes only");
		probe_lacks(f, BOX_MISSING, "what the kernel is set to can not be seen: "
			    "mount -o remount,subset= /proc");
	} else if (strstr(options, "hidepid=") && !strstr(options, "hidepid=0") &&
		   !strstr(options, "hidepid=off")) {
		probe_found(f, "%.80s", strstr(options, "hidepid="));
		probe_lacks(f, BOX_COSTS, "the mount can not tell an NFS server of this host from other "
			    "programs, and may judge a file before all of it has come: "
			    "mount -o remount,hidepid=0 /proc");
	} else {
		probe_found(f, "/proc");
	}
}

void probe_disk(struct box_finding *f, const struct cgroup_host *host)
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
		probe_found(f, "unknown");
		return;
	}
	bytes = (int64_t)v.f_bavail * v.f_frsize;
	format_size(bytes, free_text);
	probe_found(f, "%s free at %s", free_text, places[i]);
	if (bytes < FREE_WANTED)
		probe_lacks(f, BOX_COSTS, "submissions are refused when it is full: make room (1 GiB or more)");
}

/* ------------------------------------------------------------------ steady cores */

void probe_cores(struct box_finding *f, const struct cgroup_host *host)
{
	long all = sysconf(_SC_NPROCESSORS_ONLN);
	int n = cores();

	(void)host;
	if (n < all)
		probe_found(f, "%d of %ld", n, all);
	else
		probe_found(f, "%d", n);
	if (n < 2)
		probe_lacks(f, BOX_COSTS, "programs that are judged share the core with the judge: times vary "
			    "more; two or more are better");
}

void probe_smt(struct box_finding *f, const struct cgroup_host *host)
{
	char active[8];

	(void)host;
	probe_line("/sys/devices/system/cpu/smt/active", active, sizeof(active));
	probe_found(f, *active == '1' ? "on" : *active ? "off" : "not there");
	if (*active == '1')
		probe_lacks(f, BOX_COSTS, "two runs on one core slow each other down and times vary: "
			    "echo off > /sys/devices/system/cpu/smt/control");
}

void probe_governor(struct box_finding *f, const struct cgroup_host *host)
{
	char governor[32];

	(void)host;
	probe_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", governor, sizeof(governor));
	probe_found(f, "%s", *governor ? governor : "none (a virtual machine has none)");
	if (*governor && strcmp(governor, "performance") != 0)
		probe_lacks(f, BOX_COSTS, "times vary with the clock: cpupower frequency-set -g performance");
}
