/*
 * cell.h - namespaces, mounts, a group and an init: what one run at a time happens in
 *
 *	       cell_begin()          cell_ready()
 *	(none) ------------> MAKING --------------+
 *	                                          v    a run
 *	                    CLEANING -----------> CLEAN ------> USED
 *	                        ^     cell_ready()  ^            |  nothing is left of it
 *	                        |                   +------------+
 *	                        +--------------------------------+  cell_clean()
 *
 * The namespaces, the mounts and the group are made once. Making and cleaning are the work of
 * init: judgefs-box goes on meanwhile, and hears by READY on the socket that it is done. A cell
 * with which anything goes wrong is of no use any more: cell_kill(), and when it is gone
 * cell_free().
 */
#ifndef SANDBOX_CELL_H
#define SANDBOX_CELL_H

#include <sys/types.h>

#include "sandbox/box.h"
#include "sandbox/cgroup.h"
#include "sandbox/inside.h"
#include "sandbox/profiles.h"
#include "sandbox/scratch.h"

enum cell_phase { CELL_MAKING, CELL_CLEAN, CELL_USED, CELL_CLEANING, CELL_ENDING };

struct cell {
	const struct box_settings *settings;
	enum cell_phase phase;
	uid_t uid;
	struct cgroup *group;
	struct scratch *scratch;	/* while it is CLEAN or USED */
	struct inside_state *state;	/* of the run; shared with init */
	pid_t init;		/* 0: none */
	int sock;		/* to it */
	int starters[PROFILES_MAX];	/* to its threads that start runs; -1: not made yet */
	int nstarters;
	int64_t run;		/* number of the last */
	int64_t group_us, init_us;	/* CPU time at the end of the last run */
	pid_t launcher;		/* while it is MAKING */
	int pid_pipe;		/* on which that says what init is */
	bool rested;		/* while CLEAN: see cgroup_rested() */
	bool aside;		/* what it does nobody waits for */
	int64_t since_us;	/* since when somebody does wait; 0: nobody */
	int cores;		/* that its programs can use at once */
	bool broken;		/* init does not answer as it should, or not yet */
};

/**
 * cell_begin() - begin to make one
 * @settings:	borrowed until cell_free()
 * @index:	below BOX_CELLS_MAX; names uid and group. The uid's lock is the caller's.
 * @aside:	nobody waits for it
 *
 * Return: 0; -EBUSY when another judgefs-box has its group; -ETIMEDOUT when something of a dead
 * one's does not die; -errno.
 */
int cell_begin(const struct box_settings *settings, int slot, int index, bool aside,
	       struct cell **ret, struct diag *diag);

/** cell_starter() - who starts runs of @profile; made when it is needed first; stays the cell's */
int cell_starter(struct cell *c, const struct profile *profile, struct diag *diag);

/**
 * cell_cpu_us() - CPU time of the run: of the group without init's; -errno
 * cell_take_cpu_us() - at its end: the next one's begins here
 *
 * What init does between two runs is in both terms.
 */
int64_t cell_cpu_us(const struct cell *c);
int64_t cell_take_cpu_us(struct cell *c);

/** cell_clean() - after a run: what is left of it is thrown away; CLEAN at once, or CLEANING */
int cell_clean(struct cell *c, struct diag *diag);

/** cell_wanted() - somebody waits for it to be ready */
void cell_wanted(struct cell *c);

/** cell_ready() - take what its socket has for us; CLEAN then; also says that init is gone */
int cell_ready(struct cell *c, struct diag *diag);

/** cell_rested() - of a clean one: whether its group is as good as new */
bool cell_rested(struct cell *c);

void cell_kill(struct cell *c);			/* its end begins */

/** cell_gone() - whether nothing of it is alive; waits for at most so long */
bool cell_gone(struct cell *c, int timeout_ms);

/** cell_free() - of one that is gone, or was not begun; with its group; accepts NULL */
void cell_free(struct cell *c);

#endif
