/*
 * cgroup_kind.h - what cgroup.c shares with cgroup_v1.c and cgroup_v2.c; nobody else's
 */
#ifndef SANDBOX_CGROUP_KIND_H
#define SANDBOX_CGROUP_KIND_H

#include "sandbox/cgroup.h"

#define CGROUP_PATH_MAX	1024

struct cgroup_kind {
	bool shared;
	int (*make)(struct cgroup *g, struct diag *diag);
	int (*enter)(const struct cgroup *g);
	int (*settle)(struct cgroup *g, pid_t init, struct diag *diag);
	int (*begin)(struct cgroup *g, int64_t memory_bytes, int64_t processes, int own,
		     int *ret_leaf, struct diag *diag);
	int64_t (*cpu_us)(const struct cgroup *g);
	int (*end)(struct cgroup *g, struct cgroup_usage *ret, struct diag *diag);
	int (*relax)(struct cgroup *g, struct diag *diag);	/* NULL: init is not in it */
	bool (*rested)(struct cgroup *g);			/* NULL: nothing is left ever */
};

extern const struct cgroup_kind cgroup_v1, cgroup_v2;

struct cgroup {
	const struct cgroup_kind *kind;
	struct cgroup_host host;
	char name[64];			/* of the judge's own group */
	char cell[32];			/* of the cell's, in it: "slot-N-K" */
	int dir[CGROUP_CONTROLLERS];	/* the cell's group; v2 uses the first */
	int usage_fd, peak_fd, oom_fd, cpu_fd, stat_fd;	/* counters, kept open (v1) */
	int leaf;			/* of the running run (v2) */
	int64_t memory_bytes;		/* limit that is set; v1: -1 at first */
	int64_t tasks, memory_before, memory_kept;	/* v1 */
	int64_t oom_before;		/* kills in earlier runs; v2: none, the counter is new */
	int64_t memory_own;		/* of init alone (v1) */
	int64_t memory_asked, memory_files;	/* v1: pages of files, when so much was in use */
};

/* Memory is given out in portions, and one that did not fit is not in the peak. */
#define CGROUP_PORTION	(1 << 20)

/**
 * cgroup_v2_place() - from the caller's own group to the one that ours may lie in
 * Return: false when it has no memory and pids controllers to give.
 */
bool cgroup_v2_place(char *dir);

/** cgroup_path() - the cell's group where controller @c is; the judge's own for NULL */
void cgroup_path(const struct cgroup_host *host, int c, const char *name, const char *cell,
		 char ret[CGROUP_PATH_MAX]);

/**
 * cgroup_new_dir() - the cell's group, anew and empty, in the judge's own
 * Return: a descriptor that holds it against others; -EBUSY when another judgefs-box has it;
 * -ETIMEDOUT when what was left in it does not die; -errno.
 */
int cgroup_new_dir(const struct cgroup *g, int c, struct diag *diag);

/** cgroup_remove() - kill all in a group and below, and remove it; 0 when it is not there */
int cgroup_remove(const char *path);

int cgroup_write(int dirfd, const char *file, const char *text);	/* 0 or -errno */
int cgroup_write_int(int dirfd, const char *file, int64_t n);
int cgroup_open(int dirfd, const char *file);			/* to keep; fd or -errno */
int64_t cgroup_read_int(int fd);				/* from 0; -errno */

/** cgroup_read_key() - the number behind a word: "oom_kill 3"; -ENOENT without it */
int64_t cgroup_read_key(int fd, const char *key);

#endif
