/*
 * cgroup_v2.c - one tree: a cell has a leaf for init and a fresh one for each run
 *
 *	PARENT/judgefs/slot-0-0/init	the cell's init
 *	PARENT/judgefs/slot-0-0/run	made and removed per run: its counters begin at zero
 *
 * PARENT is the caller's own group where that was given into our hands (systemd's Delegate=yes,
 * a container's root), else the root of the tree. A group with processes of its own can not
 * have controlled ones below it: there they move into PARENT/judgefs.main first.
 */
#include "sandbox/cgroup_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/strv.h"

#define MAIN_SUFFIX	".main"

static bool has_controllers(const char *dir)
{
	struct strv words = { 0 };
	struct buf text = { 0 };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool yes = fd >= 0 && io_read_at(fd, "cgroup.controllers", 4096, &text) == 0;

	if (yes) {
		text.data[strcspn(text.data, "\n")] = '\0';
		yes = strv_split(&words, buf_text(&text)) == 0 && strv_has(&words, "memory") &&
		      strv_has(&words, "pids");
	}
	strv_release(&words);
	buf_release(&text);
	io_close(fd);
	return yes;
}

static bool delegated(const char *dir)
{
	static const char *const names[] = { "user.delegate", "trusted.delegate" };
	char value[2] = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (getxattr(dir, names[i], value, sizeof(value)) >= 1 && value[0] == '1')
			return true;
	return false;
}

/* The mount point of the tree that @dir lies in. */
static void to_root(char *dir)
{
	struct stat st, up;
	char *slash;

	if (stat(dir, &st) < 0)
		return;
	while ((slash = strrchr(dir, '/')) && slash != dir) {
		*slash = '\0';
		if (stat(dir, &up) < 0 || up.st_dev != st.st_dev) {
			*slash = '/';
			return;
		}
	}
}

bool cgroup_v2_place(char *dir)
{
	char *slash = strrchr(dir, '/');
	size_t len = strlen(dir), suffix = strlen(MAIN_SUFFIX);

	if (slash && len > suffix && strcmp(dir + len - suffix, MAIN_SUFFIX) == 0)
		*slash = '\0';		/* we moved there ourselves */
	if (!delegated(dir))
		to_root(dir);
	return has_controllers(dir);
}

/* Move what lives in @parent itself into a leaf below it. */
static int move_down(const struct cgroup *g, int parent)
{
	char leaf[sizeof(g->name) + sizeof(MAIN_SUFFIX)];
	struct strv pids = { 0 };
	struct buf text = { 0 };
	int fd, r;

	snprintf(leaf, sizeof(leaf), "%s" MAIN_SUFFIX, g->name);
	r = io_mkdir(parent, leaf, 0755);
	if (r < 0)
		return r;
	fd = openat(parent, leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = io_read_at(parent, "cgroup.procs", 1 << 20, &text);
	if (r == 0)
		r = strv_split(&pids, buf_text(&text));
	for (size_t i = 0; i < pids.n && r == 0; i++) {
		r = cgroup_write(fd, "cgroup.procs", pids.v[i]);
		if (r == -ESRCH)
			r = 0;
	}
	strv_release(&pids);
	buf_release(&text);
	io_close(fd);
	return r;
}

static int give_controllers(int dirfd)
{
	return cgroup_write(dirfd, "cgroup.subtree_control", "+memory +pids");
}

static int prepare_parents(struct cgroup *g, struct diag *diag)
{
	char own[CGROUP_PATH_MAX];
	int parent, fd = -1, r;

	parent = open(g->host.dir[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return diag_fail(diag, -errno, "open the group '%s'", g->host.dir[0]);
	r = give_controllers(parent);
	for (int tries = 0; r == -EBUSY && tries < 10; tries++) {
		r = move_down(g, parent);
		if (r == 0)
			r = give_controllers(parent);
	}
	if (r < 0)
		r = diag_fail(diag, r, "give '%s' the memory and pids controllers", g->host.dir[0]);
	cgroup_path(&g->host, 0, g->name, NULL, own);
	if (r == 0)
		r = io_mkdir(parent, g->name, 0755);
	if (r == 0) {
		fd = openat(parent, g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = fd < 0 ? -errno : give_controllers(fd);
		if (r < 0)
			diag_fail(diag, r, "give '%s' the memory and pids controllers", own);
	}
	io_close(fd);
	io_close(parent);
	return r;
}

/* The end of another cell may take the judge's own group away in between. */
static int make_cell(struct cgroup *g, struct diag *diag)
{
	for (int tries = 0; tries < 100; tries++) {
		int r = prepare_parents(g, diag);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		io_close(g->dir[0]);
		g->dir[0] = cgroup_new_dir(g, 0, diag);
		if (g->dir[0] < 0)
			return g->dir[0];
		if (faccessat(g->dir[0], "memory.max", F_OK, 0) == 0)
			return 0;
	}
	return diag_fail(diag, -EBUSY, "make a group with the memory controller");
}

static int v2_make(struct cgroup *g, struct diag *diag)
{
	int r = make_cell(g, diag);

	if (r < 0)
		return r;
	r = io_mkdir(g->dir[0], "init", 0755);
	return r < 0 ? diag_fail(diag, r, "make the group of init") : 0;
}

/* Into the cell's group itself: it becomes the root of the cell's cgroup namespace. */
static int v2_enter(const struct cgroup *g)
{
	return cgroup_write(g->dir[0], "cgroup.procs", "0");
}

static int v2_settle(struct cgroup *g, pid_t init, struct diag *diag)
{
	int r = cgroup_write_int(g->dir[0], "init/cgroup.procs", init);

	if (r == 0)
		r = give_controllers(g->dir[0]);
	return r < 0 ? diag_fail(diag, r, "move init into a group of its own") : 0;
}

static int remove_leaf(struct cgroup *g)
{
	int r = 0;

	/* The last process may still be on its way out. */
	for (int tries = 0; tries < 1000; tries++) {
		r = unlinkat(g->dir[0], "run", AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
		if (r != -EBUSY)
			break;
		usleep(1000);
	}
	io_close(g->leaf);
	io_close(g->peak_fd);
	io_close(g->oom_fd);
	io_close(g->cpu_fd);
	g->leaf = g->peak_fd = g->oom_fd = g->cpu_fd = -1;
	return r;
}

static int v2_begin(struct cgroup *g, int64_t memory_bytes, int64_t processes, int own,
		    int *ret_leaf, struct diag *diag)
{
	int r = remove_leaf(g);

	(void)own;
	if (r == 0)
		r = io_mkdir(g->dir[0], "run", 0755);
	if (r < 0)
		return diag_fail(diag, r, "make a group for the run");
	g->leaf = openat(g->dir[0], "run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (g->leaf < 0)
		return diag_fail(diag, -errno, "open the group of the run");
	g->memory_bytes = memory_bytes;
	r = cgroup_write_int(g->leaf, "memory.max", memory_bytes);
	if (r == 0) {
		r = cgroup_write(g->leaf, "memory.swap.max", "0");
		if (r == -ENOENT)
			r = 0;		/* a kernel without swap */
	}
	/* Who is killed is not alone: a run without one of its processes is over. */
	if (r == 0)
		r = cgroup_write(g->leaf, "memory.oom.group", "1");
	if (r == 0)
		r = cgroup_write_int(g->leaf, "pids.max", processes);
	if (r < 0)
		return diag_fail(diag, r, "set the limits of the run's group");
	g->peak_fd = cgroup_open(g->leaf, "memory.peak");
	g->oom_fd = cgroup_open(g->leaf, "memory.events");
	g->cpu_fd = cgroup_open(g->leaf, "cpu.stat");
	if (g->peak_fd < 0 || g->oom_fd < 0 || g->cpu_fd < 0)
		return diag_fail(diag, -EINVAL, "the group lacks memory.peak, memory.events or "
				 "cpu.stat: Linux 5.19 or later is needed");
	*ret_leaf = g->leaf;
	return 0;
}

static int64_t v2_cpu_us(const struct cgroup *g)
{
	return cgroup_read_key(g->cpu_fd, "usage_usec");
}

static int v2_end(struct cgroup *g, struct cgroup_usage *ret, struct diag *diag)
{
	struct cgroup_usage u = {
		.memory_bytes = cgroup_read_int(g->peak_fd),
		.oom_kills = cgroup_read_key(g->oom_fd, "oom_kill"),
	};
	int r;

	if (u.memory_bytes < 0 || u.oom_kills < 0)
		return diag_fail(diag, -EIO, "read the group's counters");
	u.at_limit = u.memory_bytes + CGROUP_PORTION >= g->memory_bytes;
	r = remove_leaf(g);
	if (r < 0)
		return diag_fail(diag, r, "remove the group of the run");
	*ret = u;
	return 0;
}

const struct cgroup_kind cgroup_v2 = {
	false, v2_make, v2_enter, v2_settle, v2_begin, v2_cpu_us, v2_end, NULL, NULL,
};
