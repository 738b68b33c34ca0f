/*
 * inside.h - from a child of the cell's init to the program, step by step
 */
#ifndef SANDBOX_INSIDE_H
#define SANDBOX_INSIDE_H

#include <sys/types.h>

#include "base/base.h"
#include "sandbox/profiles.h"

/* Where the child is; on a page that it shares with init. */
struct inside_state {
	const char *step;
	int error;		/* positive errno: @step failed */
};

struct inside {
	const struct profile *profile;
	char **argv, **env;
	char **paths;		/* to try in turn, when there is no exe */
	int exe;		/* or -1 */
	int in, out, err;	/* -1: /dev/null */
	int proc;		/* a /proc that can be written to */
	int channel;		/* socket that takes the filter's listener to init */
	uid_t uid;
	int64_t output_bytes, cpu_us, memory_bytes, processes;
	struct inside_state *state;
};

#define INSIDE_EXEC	"exec"	/* the last step's name: its failure is the program's */

/** inside_enter() - never returns; may run on init's memory (vfork) */
_Noreturn void inside_enter(const struct inside *in);

#endif
