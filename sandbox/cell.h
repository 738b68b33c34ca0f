/*
 * cell.h - namespaces, mounts, a group and an init: what one run at a time happens in
 *
 *	r = cell_new(&settings, slot, index, &cell, &diag);
 *	r = watch(&run, 1, sock, stop, &diag);	watch.h
 *	r = cell_refresh(cell, &diag);		after the report has gone out
 *	cell_free(cell);
 *
 * The namespaces, the mounts and the group are made once. After every run, also one that
 * failed, comes cell_refresh(); when that fails the cell is of no use any more.
 */
#ifndef SANDBOX_CELL_H
#define SANDBOX_CELL_H

#include <sys/types.h>

#include "sandbox/box.h"
#include "sandbox/cgroup.h"
#include "sandbox/inside.h"
#include "sandbox/profiles.h"
#include "sandbox/scratch.h"

struct cell {
	const struct box_settings *settings;
	uid_t uid;
	int lock;		/* on the uid */
	struct cgroup *group;
	struct scratch *scratch;
	struct inside_state *state;	/* of the run; shared with init */
	pid_t init;		/* 0: none */
	int sock;		/* to it */
	int starters[PROFILES_MAX];	/* to its threads that start runs; -1: not made yet */
	int nstarters;
	int64_t run;		/* number of the last */
	int64_t group_us, init_us;	/* CPU time at the end of the last run */
	int cores;		/* that its programs can use at once */
	bool broken;		/* init no longer answers as it should */
};

/**
 * cell_new() - @settings is borrowed until cell_free()
 * @index:	below BOX_CELLS_MAX; names uid and group
 */
int cell_new(const struct box_settings *settings, int slot, int index, struct cell **ret,
	     struct diag *diag);
void cell_free(struct cell *c);			/* accepts NULL; kills and removes everything */

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

int cell_refresh(struct cell *c, struct diag *diag);

#endif
