/*
 * env.h - what `judge` and `verify` need: settings, languages, a box, a table of blobs
 *
 * No daemon and no mount; STATE's settings and languages are used when it is there.
 */
#ifndef JUDGECTL_ENV_H
#define JUDGECTL_ENV_H

#include <sys/types.h>

#include "judge/job.h"
#include "judge/settings.h"

#define CTL_STATE	"/var/lib/judgefs"
#define CTL_CACHE	"/var/cache/judgefs"	/* of what is prepared, where there is no STATE */

struct ctl_env {
	struct settings settings;
	struct langs *langs;
	struct compile_cache *cache;
	struct judge_env judge;		/* blobs, box, cache, prepared; SIGINT and the like cancel */
	pid_t box_pid;
};

/**
 * ctl_env_open() - as root only
 * @languages:	folder of --languages, or NULL: STATE's, else those that came with us
 * @diag:	what is missing and what to do
 * Return: 0 or -errno; ctl_env_close() it only after 0.
 */
int ctl_env_open(const char *languages, struct ctl_env *ret, struct diag *diag);
void ctl_env_close(struct ctl_env *env);

/** ctl_prepared() - the folder of what is prepared: STATE's, else CTL_CACHE's */
const char *ctl_prepared(void);

/** ctl_box_spawn() - box_spawn() of a single run, in a slot that neither a judge nor ctl_env_open() has */
int ctl_box_spawn(const struct box_settings *settings, int *ret_sock, pid_t *ret_pid,
		  struct diag *diag);

/**
 * ctl_problem_open() - load a package folder, or the name of a problem in STATE/problems
 * When it has no time limit, its accepted submissions are judged to find one.
 * @report:	every fault of the package, a line each; may be NULL
 * Return: 0; -ENOTSUP for a kind that is not judged yet; -errno; problem_free() it.
 */
int ctl_problem_open(struct ctl_env *env, const char *path, struct problem **ret,
		     struct buf *report, struct diag *diag);

/** ctl_judging() - a judge_env.progress that shows on a terminal what is done; ctx: a name, or NULL */
void ctl_judging(void *ctx, enum job_stage stage, size_t test, size_t ntests);

/** ctl_progress() - a line on a terminal's stderr that the next one replaces; "" clears it */
void ctl_progress(const char *fmt, ...) PRINTF(1, 2);

#endif
