/*
 * cgroup_v1.c - a folder per controller, init and runs in one group
 */
#include "sandbox/cgroup_kind.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#define MEMORY_OF_INIT	(INT64_C(64) << 20)
#define MEMORY_SPARE	(256 << 10)	/* the kernel charges as much ahead, on each core */
#define MEMORY_LEFT	(INT64_C(2) << 20)	/* the kernel charges ahead, and frees late */

static int keep(int dirfd, const char *file, int *ret, struct diag *diag)
{
	int fd = cgroup_open(dirfd, file);

	if (fd < 0)
		return diag_fail(diag, fd, "open %s of the group", file);
	*ret = fd;
	return 0;
}

static int v1_make(struct cgroup *g, struct diag *diag)
{
	int r;

	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		g->dir[c] = cgroup_new_dir(g, c, diag);
		if (g->dir[c] < 0)
			return g->dir[c];
	}
	/* Old kernels; on newer ones it is always so. */
	cgroup_write(g->dir[CGROUP_MEMORY], "memory.use_hierarchy", "1");
	cgroup_write(g->dir[CGROUP_MEMORY], "memory.swappiness", "0");
	r = keep(g->dir[CGROUP_MEMORY], "memory.usage_in_bytes", &g->usage_fd, diag);
	if (r == 0)
		r = keep(g->dir[CGROUP_MEMORY], "memory.max_usage_in_bytes", &g->peak_fd, diag);
	if (r == 0)
		r = keep(g->dir[CGROUP_MEMORY], "memory.oom_control", &g->oom_fd, diag);
	if (r == 0)
		r = keep(g->dir[CGROUP_MEMORY], "memory.stat", &g->stat_fd, diag);
	if (r == 0)
		r = keep(g->dir[CGROUP_CPU], "cpuacct.usage", &g->cpu_fd, diag);
	if (r == 0)
		g->oom_before = cgroup_read_key(g->oom_fd, "oom_kill");
	if (r == 0 && g->oom_before < 0)
		r = diag_fail(diag, -EINVAL, "memory.oom_control does not count kills: "
			      "the kernel is too old");
	return r;
}

/* The caller has one thread, and a thread that moves itself does not wait for the kernel's grace
 * period, as a process that is moved through cgroup.procs does: 6 to 12 ms. */
static int v1_enter(const struct cgroup *g)
{
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		int r = cgroup_write(g->dir[c], "tasks", "0");

		if (r < 0)
			return r;
	}
	return 0;
}

static int v1_settle(struct cgroup *g, pid_t init, struct diag *diag)
{
	(void)init;
	g->memory_own = cgroup_read_int(g->usage_fd);
	return g->memory_own < 0 ? diag_fail(diag, g->memory_own, "read the group's memory") : 0;
}

/* memory+swap can not be less than memory: the order depends on the direction. */
static int set_memory(struct cgroup *g, int64_t bytes)
{
	static const char *const files[] = { "memory.limit_in_bytes", "memory.memsw.limit_in_bytes" };
	bool grow = bytes > g->memory_bytes && g->memory_bytes >= 0;

	for (int i = 0; i < 2; i++) {
		const char *file = files[grow ? 1 - i : i];
		int r = cgroup_write_int(g->dir[CGROUP_MEMORY], file, bytes);

		/* Without swap accounting there is no second file. */
		if (r < 0 && !(r == -ENOENT && file == files[1]))
			return r;
	}
	g->memory_bytes = bytes;
	return 0;
}

/*
 * What of the usage stays whatever the run needs. Pages of files that earlier runs have read
 * give way under pressure: added to the limit they would be room for the program. How much they
 * are takes long to ask, and is asked when the usage has changed.
 */
static int64_t v1_kept_bytes(struct cgroup *g, int64_t usage)
{
	static const char *const files[] = { "active_file", "inactive_file" };
	int64_t sum = 0, kept;

	if (usage < 0)
		return usage;
	if (llabs(usage - g->memory_asked) > MEMORY_SPARE) {
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			int64_t n = cgroup_read_key(g->stat_fd, files[i]);

			if (n < 0)
				return n;
			sum += n;
		}
		g->memory_asked = usage;
		g->memory_files = sum;
	}
	kept = usage - g->memory_files;
	return kept > 0 ? kept : 0;
}

/* From one run to the next little changes: what is set stays as long as it is near. */
static int v1_limits(struct cgroup *g, int64_t memory_bytes, int64_t tasks, struct diag *diag)
{
	int r = 0;

	if (g->memory_bytes < memory_bytes || g->memory_bytes > memory_bytes + 2 * MEMORY_SPARE)
		r = set_memory(g, memory_bytes + MEMORY_SPARE);
	if (r < 0)
		return diag_fail(diag, r, "set the group's memory limit");
	if (tasks == g->tasks)
		return 0;
	r = cgroup_write_int(g->dir[CGROUP_PIDS], "pids.max", tasks);
	if (r < 0)
		return diag_fail(diag, r, "set the group's number of processes");
	g->tasks = tasks;
	return 0;
}

static int v1_begin(struct cgroup *g, int64_t memory_bytes, int64_t processes, int own,
		    int *ret_leaf, struct diag *diag)
{
	int r;

	*ret_leaf = -1;
	g->memory_before = cgroup_read_int(g->usage_fd);
	g->memory_kept = v1_kept_bytes(g, g->memory_before);
	if (g->memory_kept < 0)
		return diag_fail(diag, g->memory_kept, "read the group's memory");
	r = v1_limits(g, memory_bytes + g->memory_kept, processes + own, diag);
	if (r < 0)
		return r;
	r = io_pwrite(g->peak_fd, "0", 1, 0);
	return r < 0 ? diag_fail(diag, r, "set the group's memory counter back") : 0;
}

static int64_t v1_cpu_us(const struct cgroup *g)
{
	int64_t ns = cgroup_read_int(g->cpu_fd);

	return ns < 0 ? ns : ns / 1000;
}

static int v1_end(struct cgroup *g, struct cgroup_usage *ret, struct diag *diag)
{
	struct cgroup_usage u = { 0 };
	int64_t peak = cgroup_read_int(g->peak_fd), kills = cgroup_read_key(g->oom_fd, "oom_kill");
	int64_t before;

	if (peak < 0 || kills < 0)
		return diag_fail(diag, -EIO, "read the group's counters");
	u.oom_kills = kills - g->oom_before;
	u.at_limit = peak + CGROUP_PORTION >= g->memory_bytes;
	g->oom_before = kills;
	/* At the limit the pages of files have given way. */
	before = u.oom_kills > 0 ? g->memory_kept : g->memory_before;
	u.memory_bytes = peak > before ? peak - before : 0;
	*ret = u;
	return 0;
}

static bool v1_rested(struct cgroup *g)
{
	int64_t usage = cgroup_read_int(g->usage_fd), most = g->memory_own + MEMORY_LEFT;

	return usage <= most || v1_kept_bytes(g, usage) <= most;
}

static int v1_relax(struct cgroup *g, struct diag *diag)
{
	int r = g->memory_bytes < 0 ? 0 : set_memory(g, g->memory_bytes + MEMORY_OF_INIT);

	return r < 0 ? diag_fail(diag, r, "raise the group's memory limit") : 0;
}

const struct cgroup_kind cgroup_v1 = {
	true, v1_make, v1_enter, v1_settle, v1_begin, v1_cpu_us, v1_end, v1_relax,
	v1_rested,
};
