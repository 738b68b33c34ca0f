/*
 * settings.h - judge.ini: one table of keys, every key with a default
 *
 * The table in settings.c, docs/man/judge.ini.5 and examples/judge.ini list
 * the same keys; a unit test compares the three.
 */
#ifndef JUDGE_SETTINGS_H
#define JUDGE_SETTINGS_H

#include "base/base.h"
#include "base/buf.h"
#include "judge/problem.h"
#include "sandbox/box.h"

#define SETTINGS_FILE		"judge.ini"	/* below STATE */
#define SETTINGS_MAX_WORKERS	127	/* each has a slot; judgefs-prepare the next, judgectl the rest */

struct settings {
	/* [judge] */
	char *contact;			/* shown in README.txt and verdicts; "" = none */
	char *user;			/* system user of serve and sched: "judgefs" */
	char *worker_user;		/* of the workers: "judgefs-worker" */
	int64_t workers;		/* 0: one per core, less one when there are more than two */
	int64_t retries;		/* of a JE: 3 */
	/* [submit] */
	int64_t settle_us;		/* younger content replaces the attempt: 2 s */
	int64_t quiet_fsync_us, quiet_us;	/* 200 ms; 2 s */
	int64_t quota_bytes, quota_files;	/* of one user: 64 MiB, 4096 */
	int64_t reserve_bytes;		/* free space kept for judging: 256 MiB */
	/* [limits] */
	struct limits limits;		/* defaults of problems */
	/* [compile] */
	bool prepare;			/* what languages prepare is made at the start */
	int64_t cache_bytes;		/* of compiled programs, below STATE; 0: none */
	/* [sandbox] */
	struct box_settings box;	/* program and core are whoever spawns' to set */
	char *cgroup;			/* what box.cgroup points to */
	bool pin;			/* each worker has a core of its own */
};

/** settings_load() - STATE/judge.ini, defaults where it or a key is missing
 * Return: 0; -EINVAL with file and line in diag.
 */
int settings_load(int statefd, struct settings *ret, struct diag *diag);

/** settings_parse() - the same from a text; @file is for messages only */
int settings_parse(const char *text, const char *file, struct settings *ret, struct diag *diag);
void settings_release(struct settings *s);

/** settings_print() - every key with its value, as a judge.ini that says the same */
void settings_print(const struct settings *s, struct buf *ret);

/** settings_workers() - how many workers to start: the key, or by the cores of this process */
int settings_workers(const struct settings *s);

#endif
