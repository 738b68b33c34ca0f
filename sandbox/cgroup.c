#include "sandbox/cgroup_kind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/strv.h"

#define PATIENCE_US	5000000		/* for what was killed to end */
#define LITTLE_PATIENCE_US 500000	/* once more */

static const char *const controllers[CGROUP_CONTROLLERS] = {
	[CGROUP_MEMORY] = "memory", [CGROUP_PIDS] = "pids", [CGROUP_CPU] = "cpuacct",
};

/* ------------------------------------------------- where the controllers are */

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

#define UNIFIED		CGROUP_CONTROLLERS	/* v2, after the controllers */
#define PLACES		(UNIFIED + 1)

struct place {
	char group[512];	/* the caller's, in the hierarchy; "" = not there */
	char dir[512];		/* its folder, where that is mounted */
};

static bool is_of(const char *list, const char *type, int place)
{
	return place == UNIFIED ? strcmp(type, "cgroup2") == 0 :
	       strcmp(type, "cgroup") == 0 && has_word(list, controllers[place]);
}

static void each_line(const char *path, void (*take)(char *line, struct place *all),
		      struct place *all)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0)
		take(line, all);
	free(line);
	if (f)
		fclose(f);
}

/* "4:memory:/path"; of v2 "0::/path" */
static void take_group(char *line, struct place *all)
{
	char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

	if (!path)
		return;
	list++;
	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	for (int i = 0; i < PLACES; i++)
		if (!*all[i].group && is_of(list, *list ? "cgroup" : "cgroup2", i) &&
		    snprintf(all[i].group, sizeof(all[i].group), "%s", path) >=
		    (int)sizeof(all[i].group))
			*all[i].group = '\0';
}

/* \040 and the like in a path of mountinfo. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		unsigned int c;

		if (s[0] == '\\' && sscanf(s + 1, "%3o", &c) == 1) {
			*to++ = c;
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

struct mount {
	char *root, *point, *type, *options;	/* options of the superblock; all in the line */
};

static bool parse_mount(char *line, struct mount *ret)
{
	char *field[6], *dash = strstr(line, " - "), *save = NULL;

	if (!dash)
		return false;
	*dash = '\0';
	for (int i = 0; i < 6; i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!field[i])
			return false;
	}
	ret->root = field[3];
	ret->point = field[4];
	ret->type = strtok_r(dash + 3, " ", &save);
	ret->options = strtok_r(NULL, " ", &save) ? strtok_r(NULL, " \n", &save) : NULL;
	unescape(ret->root);
	unescape(ret->point);
	return ret->options != NULL;
}

/* @group as seen below a mount whose root is @root: a container's root is not the host's. */
static const char *below_root(const char *group, const char *root)
{
	size_t len = strlen(root);

	if (strcmp(root, "/") == 0)
		return group;
	if (strncmp(group, root, len) == 0 && (group[len] == '/' || group[len] == '\0'))
		return group + len;
	return "";
}

static void take_mount(char *line, struct place *all)
{
	struct mount m;

	if (!parse_mount(line, &m))
		return;
	for (int i = 0; i < PLACES; i++) {
		struct place *p = &all[i];
		const char *below;

		if (*p->dir || !*p->group || !is_of(m.options, m.type, i))
			continue;
		below = below_root(p->group, m.root);
		if (snprintf(p->dir, sizeof(p->dir), "%s%s", m.point, strcmp(below, "/") ? below : "") >=
		    (int)sizeof(p->dir) || access(p->dir, X_OK) < 0)
			*p->dir = '\0';
	}
}

void cgroup_find(struct cgroup_host *ret)
{
	struct place all[PLACES] = { 0 };
	const char *unified = all[UNIFIED].dir;

	*ret = (struct cgroup_host){ .version = 1 };
	each_line("/proc/self/cgroup", take_group, all);
	each_line("/proc/self/mountinfo", take_mount, all);
	if (*unified && cgroup_v2_place(all[UNIFIED].dir))
		ret->version = 2;
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		strcpy(ret->dir[c], ret->version == 2 ? unified : all[c].dir);
		if (!*ret->dir[c])
			ret->version = 0;
	}
}

/* --------------------------------------------------------- files and folders */

int cgroup_write(int dirfd, const char *file, const char *text)
{
	int fd = openat(dirfd, file, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = io_write(fd, text, strlen(text));
	io_close(fd);
	return r;
}

int cgroup_write_int(int dirfd, const char *file, int64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	return cgroup_write(dirfd, file, text);
}

int cgroup_open(int dirfd, const char *file)
{
	int fd = openat(dirfd, file, O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static ssize_t read_text(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return n;
}

int64_t cgroup_read_int(int fd)
{
	char text[64];
	ssize_t n = read_text(fd, text, sizeof(text));

	return n < 0 ? n : strtoll(text, NULL, 10);
}

int64_t cgroup_read_key(int fd, const char *key)
{
	size_t len = strlen(key);
	char text[4096];
	ssize_t n = read_text(fd, text, sizeof(text));

	if (n < 0)
		return n;
	for (char *line = text; *line;) {
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			return strtoll(line + len, NULL, 10);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return -ENOENT;
}

void cgroup_path(const struct cgroup_host *host, int c, const char *name, const char *cell,
		 char ret[CGROUP_PATH_MAX])
{
	snprintf(ret, CGROUP_PATH_MAX, "%s/%s%s%s", host->dir[c], name, cell ? "/" : "",
		 cell ? cell : "");
}

static bool kill_all(int dirfd)
{
	int fd = openat(dirfd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	bool any = false;
	int pid;

	if (!f) {
		io_close(fd);
		return false;
	}
	while (fscanf(f, "%d", &pid) == 1) {
		/* 0: one of a pid namespace that is not seen from here */
		if (pid > 0 && pid != getpid()) {
			kill(pid, SIGKILL);
			any = true;
		}
	}
	fclose(f);
	return any;
}

static int remove_below(int dirfd, int64_t deadline);

/* Mostly a group is empty: it is looked into when it does not go. */
static int remove_at(int dirfd, const char *name, int64_t deadline)
{
	int fd, r;

	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		return 0;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	r = remove_below(fd, deadline);
	while (r == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT) {
		if (errno != EBUSY || clock_mono_us() > deadline) {
			r = -errno;
			break;
		}
		kill_all(fd);
		usleep(2000);
	}
	io_close(fd);
	return r;
}

/* Files are listed too, and are no groups. */
static int remove_below(int dirfd, int64_t deadline)
{
	struct strv names = { 0 };
	int r = io_list(dirfd, ".", &names);

	for (size_t i = 0; i < names.n && r == 0; i++)
		r = remove_at(dirfd, names.v[i], deadline);
	strv_release(&names);
	return r;
}

int cgroup_remove(const char *path)
{
	return remove_at(AT_FDCWD, path, clock_mono_us() + PATIENCE_US);
}

/* Open a cell's group and hold it; -ENOENT; -EBUSY while a living judgefs-box holds it. */
static int hold_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	struct stat ours, there;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
	else if (fstat(fd, &ours) < 0 || stat(path, &there) < 0 || ours.st_ino != there.st_ino)
		r = -EBUSY;		/* somebody was quicker, and made it anew */
	if (r < 0) {
		io_close(fd);
		return r;
	}
	return fd;
}

/* The uid is held already, but of that another root directory's judge may know nothing. */
static int remove_left_behind(const char *path, int64_t deadline, struct diag *diag)
{
	int fd = hold_dir(path), r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : diag_fail(diag, fd, "hold the group '%s'", path);
	r = remove_at(AT_FDCWD, path, deadline);
	io_close(fd);
	if (r == -EBUSY)
		r = -ETIMEDOUT;
	return r < 0 ? diag_fail(diag, r, "remove the group '%s' that was left behind", path) : 0;
}

int cgroup_new_dir(const struct cgroup *g, int c, struct diag *diag)
{
	char parent[CGROUP_PATH_MAX], path[CGROUP_PATH_MAX];
	int fd, r;

	cgroup_path(&g->host, c, g->name, NULL, parent);
	cgroup_path(&g->host, c, g->name, g->cell, path);
	r = remove_left_behind(path, clock_mono_us() + LITTLE_PATIENCE_US, diag);
	if (r < 0)
		return r;
	/* The end of another cell may take the parent away in between. */
	for (int tries = 0; tries < 100; tries++) {
		if (mkdir(parent, 0755) < 0 && errno != EEXIST)
			return diag_fail(diag, -errno, "make the group '%s'", parent);
		if (mkdir(path, 0755) == 0 || errno != ENOENT)
			break;
	}
	fd = hold_dir(path);
	return fd < 0 ? diag_fail(diag, fd, "make the group '%s'", path) : fd;
}

/* ----------------------------------------------------------- the calls of all */

static const struct cgroup_kind *const kinds[] = { NULL, &cgroup_v1, &cgroup_v2 };

void cgroup_clear(const char *name, int slot)
{
	struct cgroup_host host;
	char path[CGROUP_PATH_MAX], prefix[32];
	int64_t deadline = clock_mono_us() + PATIENCE_US;

	snprintf(prefix, sizeof(prefix), "slot-%d-", slot);
	cgroup_find(&host);
	for (int c = 0; c < (host.version == 2 ? 1 : CGROUP_CONTROLLERS); c++) {
		struct strv names = { 0 };
		int fd;

		cgroup_path(&host, c, name, NULL, path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		io_list(fd, ".", &names);
		io_close(fd);
		for (size_t i = 0; i < names.n; i++) {
			if (strncmp(names.v[i], prefix, strlen(prefix)) != 0)
				continue;
			cgroup_path(&host, c, name, names.v[i], path);
			remove_left_behind(path, deadline, NULL);
		}
		strv_release(&names);
	}
}

int cgroup_make(const char *name, int slot, int cell, struct cgroup **ret, struct diag *diag)
{
	struct cgroup *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return -ENOMEM;
	g->dir[0] = g->dir[1] = g->dir[2] = -1;
	g->usage_fd = g->peak_fd = g->oom_fd = g->cpu_fd = g->stat_fd = g->leaf = -1;
	g->memory_bytes = g->tasks = -1;
	snprintf(g->cell, sizeof(g->cell), "slot-%d-%d", slot, cell);
	snprintf(g->name, sizeof(g->name), "%s", name);
	cgroup_find(&g->host);
	if (g->host.version == 0) {
		r = diag_fail(diag, -EINVAL, "this host has no cgroup controllers for memory, pids "
			      "and CPU time (`judgectl doctor` tells more)");
		goto out;
	}
	g->kind = kinds[g->host.version];
	r = g->kind->make(g, diag);
	if (r < 0)
		goto out;
	*ret = g;
	g = NULL;
out:
	cgroup_free(g);
	return r;
}

int cgroup_enter(const struct cgroup *g)
{
	return g->kind->enter(g);
}

bool cgroup_is_shared(const struct cgroup *g)
{
	return g->kind->shared;
}

int cgroup_settle(struct cgroup *g, pid_t init, struct diag *diag)
{
	return g->kind->settle(g, init, diag);
}

int cgroup_begin(struct cgroup *g, int64_t memory_bytes, int64_t processes, int own, int *ret_leaf,
		 struct diag *diag)
{
	return g->kind->begin(g, memory_bytes, processes, own, ret_leaf, diag);
}

int64_t cgroup_cpu_us(const struct cgroup *g)
{
	return g->kind->cpu_us(g);
}

bool cgroup_short(const struct cgroup *g)
{
	return cgroup_read_key(g->oom_fd, "oom_kill") > g->oom_before;
}

static bool asleep(int tid)
{
	char path[40], text[256], *at;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	io_close(fd);
	if (n <= 0)
		return true;		/* it is gone */
	text[n] = '\0';
	at = strrchr(text, ')');	/* the state comes after the name */
	return at && strchr("SIZTtX", at[2]);
}

bool cgroup_asleep(const struct cgroup *g)
{
	int fd = g->leaf >= 0 ? openat(g->leaf, "cgroup.threads", O_RDONLY | O_CLOEXEC) :
				openat(g->dir[CGROUP_CPU], "tasks", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	bool all = f != NULL;
	int tid;

	while (all && fscanf(f, "%d", &tid) == 1)
		all = asleep(tid);
	if (f)
		fclose(f);
	else
		io_close(fd);
	return all;
}

int cgroup_end(struct cgroup *g, struct cgroup_usage *ret, struct diag *diag)
{
	return g->kind->end(g, ret, diag);
}

int cgroup_relax(struct cgroup *g, struct diag *diag)
{
	return g->kind->relax ? g->kind->relax(g, diag) : 0;
}

bool cgroup_rested(struct cgroup *g)
{
	return !g->kind->rested || g->kind->rested(g);
}

void cgroup_free(struct cgroup *g)
{
	char path[CGROUP_PATH_MAX];

	if (!g)
		return;
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		if (g->dir[c] < 0)
			continue;
		cgroup_path(&g->host, c, g->name, g->cell, path);
		cgroup_remove(path);
		io_close(g->dir[c]);	/* it is held until then: whoever makes it anew would lose it */
		cgroup_path(&g->host, c, g->name, NULL, path);
		rmdir(path);		/* by the last cell */
	}
	io_close(g->usage_fd);
	io_close(g->stat_fd);
	io_close(g->peak_fd);
	io_close(g->oom_fd);
	io_close(g->cpu_fd);
	io_close(g->leaf);
	free(g);
}

int cgroup_sweep(const char *name, struct diag *diag)
{
	struct cgroup_host host;
	char path[CGROUP_PATH_MAX];
	int ret = 0;

	cgroup_find(&host);
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		int r;

		if (!*host.dir[c])
			continue;
		cgroup_path(&host, c, name, NULL, path);
		r = cgroup_remove(path);
		if (r < 0 && ret == 0)
			ret = diag_fail(diag, r, "remove the group '%s'", path);
	}
	return ret;
}
