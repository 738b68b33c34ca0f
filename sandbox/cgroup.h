/*
 * cgroup.h - the group that a cell lives in: its limits, its counters
 *
 *	cgroup_clear("judgefs", slot);
 *	r = cgroup_make("judgefs", slot, cell, &group, &diag);
 *	cgroup_enter(group)		by the process that then makes the cell's init
 *	cgroup_settle(group, init)	once init stands
 *	cgroup_begin(group, ...)	before a run
 *	cgroup_cpu_us(group)		at any time
 *	cgroup_end(group, &usage)	after a run, when nothing of it is alive
 *	cgroup_relax(group)		before init clears up
 *	cgroup_free(group)		kills what is in it and removes it
 *
 * With cgroup v1 the cell's init is born in the group, its runs with it, and counters are
 * set back: a pid is never written per run, which would wait for a grace period. With v2 each
 * run has a fresh leaf beside init's, into which it is cloned. Groups lie below the caller's
 * own one, so that a container's limits hold for us too.
 */
#ifndef SANDBOX_CGROUP_H
#define SANDBOX_CGROUP_H

#include <sys/types.h>

#include "base/base.h"

enum { CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_CONTROLLERS };

/* Where this host has its controllers. */
struct cgroup_host {
	int version;			/* 1, 2, or 0: not usable */
	char dir[CGROUP_CONTROLLERS][512];	/* the caller's own group; "" = not there */
};

struct cgroup_usage {
	int64_t memory_bytes;		/* peak beyond what was in use before */
	int64_t oom_kills;
	bool at_limit;			/* its own limit was reached; else who ran out of memory is the
					   host, or a group above */
};

struct cgroup;

/** cgroup_find() - never fails: what is missing is "" in @ret */
void cgroup_find(struct cgroup_host *ret);

/** cgroup_clear() - kill and remove what a slot's dead predecessor left, where that can be done */
void cgroup_clear(const char *name, int slot);

/**
 * cgroup_make() - "slot-N-K", anew and empty
 * Return: 0; -EBUSY when another judgefs-box has it; -ETIMEDOUT when what was left in it does not
 * die; -errno.
 */
int cgroup_make(const char *name, int slot, int cell, struct cgroup **ret, struct diag *diag);
int cgroup_enter(const struct cgroup *g);

/** cgroup_is_shared() - runs are born in init's group; cgroup_cpu_us() has its time in it too */
bool cgroup_is_shared(const struct cgroup *g);
int cgroup_settle(struct cgroup *g, pid_t init, struct diag *diag);

/**
 * cgroup_begin() - set limits and counters for a run
 * @memory_bytes:	beyond what is in use already (init, files placed)
 * @own:		threads of init, where the group is shared
 * @ret_leaf:		descriptor to clone the run into, or -1: it is born there; the group's
 */
int cgroup_begin(struct cgroup *g, int64_t memory_bytes, int64_t processes, int own, int *ret_leaf,
		 struct diag *diag);

/** cgroup_cpu_us() - all that has been used in it; Return: -errno when it can not be read */
int64_t cgroup_cpu_us(const struct cgroup *g);

/** cgroup_short() - whether a process of the run was killed for want of memory */
bool cgroup_short(const struct cgroup *g);

int cgroup_end(struct cgroup *g, struct cgroup_usage *ret, struct diag *diag);

/** cgroup_relax() - until the next cgroup_begin(): let init work though what a run left is full */
/** cgroup_asleep() - whether nothing in it runs or wants to */
bool cgroup_asleep(const struct cgroup *g);

int cgroup_relax(struct cgroup *g, struct diag *diag);

/**
 * cgroup_rested() - whether what earlier runs were charged with is gone, but for a little
 * Pages of a memfd that the judge holds still, for one: when it lets go of them a later run would
 * have that much more. Pages of files do not count: they give way.
 */
bool cgroup_rested(struct cgroup *g);
void cgroup_free(struct cgroup *g);		/* accepts NULL */

/** cgroup_sweep() - kill and remove every group below @name, and itself */
int cgroup_sweep(const char *name, struct diag *diag);

#endif
