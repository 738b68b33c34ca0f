/*
 * box.h - run untrusted programs and say how they ended
 *
 *	r = box_spawn(&settings, slot, &sock, &pid, &diag);	as root
 *	r = box_connect(sock, &box);				as anybody
 *	r = box_run(box, &spec, &report, &diag);		again and again
 *	r = box_run_together(box, specs, n, reports, &diag);	n that talk to each other
 *	box_report_release(&report);
 *	box_free(box);						judgefs-box ends with it
 *
 * A negative return means that the sandbox failed. What the program did is
 * only ever in the report: a crash of the program is a success of box_run().
 * The other side of the socket is the program judgefs-box, the only one that
 * has privileges: it takes the name of a profile, limits that it clamps by its
 * own settings, words and descriptors; never a path of the host or a uid.
 */
#ifndef SANDBOX_BOX_H
#define SANDBOX_BOX_H

#include <sys/types.h>

#include "base/base.h"
#include "base/strv.h"

#define BOX_DIR		"/box"	/* where files are placed; the working directory */
#define BOX_SLOTS	256
#define BOX_CELLS_MAX	16	/* of one judgefs-box; each has a uid */
#define BOX_TOGETHER_MAX 8	/* runs at one time */

/* What the operator allows; each run's limits are clamped to the maxima. */
struct box_settings {
	const char *program;		/* path of judgefs-box */
	const char *cgroup;		/* name of the judge's own group, e.g. "judgefs" */
	uid_t first_uid;		/* slot N has the BOX_CELLS_MAX uids from first_uid +
					   N * BOX_CELLS_MAX; groups the same */
	int core;			/* to pin to, or -1 */
	struct strv binds;		/* read-only; missing ones are left out; FROM:TO renames */
	int64_t max_cpu_us, max_wall_us, max_memory_bytes, max_output_bytes;
	int64_t max_processes, max_files, max_disk_bytes;
};

/** box_settings_default() - sane maxima and the binds that the known languages need */
int box_settings_default(struct box_settings *ret);
void box_settings_release(struct box_settings *s);

struct box_limits {			/* all must be positive */
	int64_t cpu_us;			/* user + system, all processes together */
	int64_t wall_us;
	int64_t memory_bytes;		/* of the group; swap is off */
	int64_t output_bytes;		/* size of any one file written, stdout included */
	int64_t processes;		/* threads count */
	int64_t files;			/* files that may be made in the box */
	int64_t disk_bytes;		/* all files made in the box together */
};

struct box_file {
	char *name;			/* relative, no "." or ".." part: "main.c", "util/a.h"; owned. Folders
					   on the way are made, read-only for the program */
	int fd;				/* read by pread from 0; owned; -1 for a folder */
	mode_t mode;			/* 0444 or 0555; S_IFDIR | 0777: an empty folder that the program may
					   write to ("feedback") */
	int64_t size;			/* set for collected files */
};

struct box_spec {
	const char *profile;		/* "compile", "step", "run", "checker", "interactor",
					   "generator" */
	struct strv argv;		/* argv[0]: found in the box's PATH, or a name in BOX_DIR */
	struct strv env;		/* NAME=VALUE; nothing is inherited; PATH and HOME have defaults */
	int exe_fd;			/* executed instead of argv[0] unless -1 */
	int stdin_fd, stdout_fd, stderr_fd;	/* -1: /dev/null. A memfd is opened anew for the program,
						   at its offset: it can not write its input or read
						   its output. One memfd for two: with O_APPEND. */
	struct box_file *files;		/* placed in BOX_DIR before the run, read-only */
	size_t nfiles;
	struct box_limits limits;
	bool collect;			/* bring back the regular files made in BOX_DIR */
	int cancel_fd;			/* readable: end the run, and those together with it; or -1 */
	int64_t linger_us;		/* together: what it has from the end of the first of the others;
					   0: its own limits alone */
	int patience;			/* together: so many times the CPU time of the others is added to
					   its wall limit; 0 .. 9 */
};

enum box_end {
	BOX_EXITED,			/* code: exit status */
	BOX_SIGNALED,			/* code: signal */
	BOX_CPU_LIMIT, BOX_WALL_LIMIT, BOX_MEMORY_LIMIT, BOX_OUTPUT_LIMIT,
	BOX_LINGERED,			/* its linger_us were over before it ended by itself */
	BOX_FORBIDDEN,			/* syscall: its name */
	BOX_CANCELLED,
	BOX_NOT_STARTED,		/* code: errno of exec: no such program, bad format */
};

struct box_report {
	enum box_end end;
	int code;
	char syscall[32];
	int64_t cpu_us, wall_us;
	bool awake;			/* when its wall time was over some process of it ran, or waited
					   for a core: it did not idle */
	int64_t started_us, ended_us;	/* by clock_mono_us(), ended_us when it ended or was killed */
	int64_t memory_bytes;		/* peak of the group */
	struct box_file *files;		/* collected, by name; regular files in BOX_DIR and below
					   ("a/b.class" is the name then) */
	size_t nfiles;
};

struct box;

/**
 * box_spawn() - start judgefs-box for one slot
 * @slot:	below BOX_SLOTS; names the uids and the groups below settings->cgroup. Groups left
 *		behind by a slot's dead predecessor are killed and removed first.
 * @ret_sock:	the client's end; the caller's to close
 * @ret_pid:	to wait for. judgefs-box exits 0 when the other end of its socket closes; 1 with a
 *		line on stderr when it can not go on.
 *
 * Waits until the first cell stands.
 * Return: 0; -EBUSY when another living judgefs-box has this slot's uids; -EINVAL with what to do
 * without root; else the errno of the step that diag names.
 */
int box_spawn(const struct box_settings *settings, int slot, int *ret_sock, pid_t *ret_pid,
	      struct diag *diag);

/**
 * box_hold() - a judge's claim on its group, before box_sweep() and as long as it runs
 * Return: a descriptor to keep, close-on-exec; -EBUSY when another judge has the group.
 */
int box_hold(const char *cgroup, struct diag *diag);
void box_release(int fd, const char *cgroup);	/* accepts -1 */

/**
 * box_sweep() - remove every group of a judge: at its end, and what a dead one left
 * @cgroup:	settings->cgroup. As root; no judgefs-box of this judge may be running.
 *
 * What is still in the groups below it is killed; then they and the judge's own group are
 * removed, wherever the host has its controllers.
 * Return: 0, also when there is nothing; -EBUSY when something does not die; -errno.
 */
int box_sweep(const char *cgroup, struct diag *diag);

/** box_connect() - wrap the client's end; takes @sock over, also on failure */
int box_connect(int sock, struct box **ret);
void box_free(struct box *box);			/* accepts NULL */

/**
 * box_run() - run spec->argv in a fresh sandbox and wait for it
 * @spec:	borrowed; its descriptors stay open and stay the caller's
 * @ret:	filled on success, untouched on failure
 * @diag:	on failure one line that names the step, for a human
 *
 * Blocks for at most spec->limits.wall_us and some seconds of grace. No process of the box is
 * alive when it returns, and nothing that it wrote is there for the next run.
 *
 * Return: 0; -EINVAL for a spec that can not hold; -EPIPE when judgefs-box is gone; else the
 * step's -errno: the cell is replaced, and the next run may do better.
 */
int box_run(struct box *box, const struct box_spec *spec, struct box_report *ret,
	    struct diag *diag);

/**
 * box_run_together() - box_run() of several at once, which are connected by pipes, say
 * @specs:	@n of them, 1 .. BOX_TOGETHER_MAX. Their stdin_fd and stdout_fd are taken over:
 *		closed and set to -1, also on failure, as soon as the programs have them. So a
 *		pipe breaks when the last program that has an end of it is gone. stderr_fd,
 *		exe_fd and files stay the caller's, as does a dup(2) of a memfd.
 * @ret:	@n reports, in the order of the specs; all are filled, or none
 *
 * Each is in a cell of its own, with its own limits and profile, all on one core. They start
 * in the order of the specs, each when the cells of all stand. It returns when the last one has
 * ended, and its files are collected. Any cancel_fd cancels all.
 *
 * An end by a limit of time has its ended_us before anything of the program is closed.
 * One that ends by itself breaks its pipes first: of two such within microseconds ended_us does
 * not tell which brought about the other's.
 */
int box_run_together(struct box *box, struct box_spec *specs, size_t n, struct box_report *ret,
		     struct diag *diag);
void box_report_release(struct box_report *r);
const char *box_end_name(enum box_end end);	/* "exited", "cpu-limit", ... */

/* What this host has: one row each, for `judgectl doctor`, health.txt and judgefs' start. */
enum box_level { BOX_FINE, BOX_COSTS, BOX_MISSING };	/* MISSING: judgefs refuses to start */

struct box_finding {
	const char *what;		/* "cgroup memory controller" */
	enum box_level level;
	char found[160];		/* "v1 at /sys/fs/cgroup/memory" */
	char remedy[256];		/* "" when fine: what it costs and how to mend it */
};

/** box_probe() - look; Return: the number of findings, at most @max */
size_t box_probe(struct box_finding *ret, size_t max);

#endif
