/*
 * starter.h - a thread of the cell's init that starts the runs of one profile
 *
 * What all runs of a profile have in common is done once, to this thread, and its children
 * inherit it: uid and groups, no capabilities, the system call filter. Loading a filter
 * costs more than all else that a run needs. Only where a run must be cloned into a group
 * of its own (cgroup v2) is it done for each: a filtered thread may not call clone3.
 *
 * A program sees as little of the thread as of init: signals from inside do not reach any
 * thread of process 1, and its saved uid, root's until a program is executed, keeps
 * it out of reach of prlimit and the like.
 */
#ifndef SANDBOX_STARTER_H
#define SANDBOX_STARTER_H

#include <pthread.h>

#include "base/base.h"
#include "base/msg.h"
#include "sandbox/inside.h"

/* How a run ended, as DONE has it. */
enum starter_end { RUN_EXITED, RUN_SIGNALED, RUN_NOT_EXECUTED, RUN_BROKEN };

struct forbidden {
	uint32_t arch;
	int nr;			/* -1: none */
	int probes;		/* how many were answered */
};

/* What the threads of init share. */
struct inner {
	uid_t uid;
	int channel;		/* takes a filter's listener to the first thread */
	int oom;		/* init's own oom_score_adj, and what it is */
	char oom_score[16];
	struct inside_state *state;

	pthread_mutex_t lock;	/* of what follows */
	int64_t run;		/* number of the one that is alive; 0: none */
	int64_t killed;		/* of the last that shall not live */
	struct forbidden forbidden;	/* what it tried */
};

/**
 * starter_new() - make one; takes @sock over, also on failure
 * @sock:	to judgefs-box; READY or FAILED comes first. When it closes the cell ends.
 * @own_group:	each run comes with a group to be cloned into
 */
int starter_new(struct inner *inner, const struct profile *profile, int sock, bool own_group);

/** starter_kill_all() - every process of the cell but init */
int starter_kill_all(void);

#endif
