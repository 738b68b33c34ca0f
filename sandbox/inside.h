/*
 * inside.h - from a child of the cell's init to the program, step by step
 */
#ifndef SANDBOX_INSIDE_H
#define SANDBOX_INSIDE_H

#include <sys/types.h>

#include "base/base.h"
#include "sandbox/profiles.h"

/* Where a run is; on a page that its child, init and judgefs-box share. */
struct inside_state {
	const char *step;
	int error;			/* positive errno: @step failed */
	_Atomic int64_t started_us;	/* by clock_mono_us(); 0: not yet */
};

struct inside {
	const struct profile *profile;
	char **argv, **env;
	char **paths;		/* to try in turn, when there is no exe */
	int exe;		/* or -1 */
	int in, out, err;	/* -1: /dev/null */
	int channel;		/* socket that takes the filter's listener to init */
	uid_t uid;
	bool inherits;		/* who starts it has done inside_lasting() for it */
	int64_t output_bytes, cpu_us, memory_bytes, processes;
	struct inside_state *state;
};

#define INSIDE_EXEC	"exec"	/* the last step's name: its failure is the program's */

/** inside_prepare() - by init, once: limits that are the same for every run are inherited */
int inside_prepare(void);

/**
 * inside_lasting() - by a thread of init, once: the steps that its children inherit
 * Only this thread is changed. Its saved uid stays root's, which an exec ends.
 * @ret_step:	the one that failed
 */
int inside_lasting(const struct inside *in, const char **ret_step);

/** inside_enter() - never returns; may run on init's memory (vfork) */
_Noreturn void inside_enter(const struct inside *in);

#endif
