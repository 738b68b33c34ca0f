/*
 * scratch.h - the writable space of one run: /box, /tmp and /dev/shm on one tmpfs
 *
 * Made and mounted by the cell's init, which hands judgefs-box descriptors. Files are
 * placed and collected through them, only while no process of a run is alive, never by a path
 * of the cell, through no link. What a run has touched is thrown away as a whole: when the
 * descriptors are closed it is init that has the last reference, and the work.
 */
#ifndef SANDBOX_SCRATCH_H
#define SANDBOX_SCRATCH_H

#include "sandbox/box.h"

/* Folders of the scratch and where they are seen in the cell. */
struct scratch_dir {
	const char *name, *at;
};

#define SCRATCH_DIRS	3
#define SCRATCH_FDS	(1 + SCRATCH_DIRS)	/* the mount, the folders */
extern const struct scratch_dir scratch_dirs[SCRATCH_DIRS];

/** scratch_make() - by init: a new one, attached nowhere */
int scratch_make(int ret[SCRATCH_FDS], struct diag *diag);
void scratch_close(int fds[SCRATCH_FDS]);

struct scratch;

/** scratch_new() - by judgefs-box, while nothing is in it; takes @fds over on success */
int scratch_new(int fds[SCRATCH_FDS], struct scratch **ret);
void scratch_free(struct scratch *s);		/* accepts NULL */

/** scratch_fill() - set the limits for a run and place its files in /box */
int scratch_fill(struct scratch *s, const struct box_limits *limits,
		 const struct box_file *files, size_t n, struct diag *diag);

/**
 * scratch_collect() - the regular files below /box that were not placed, sorted by name
 * Copies: nothing holds on to the scratch. What is over a limit or too deep is left out.
 */
int scratch_collect(struct scratch *s, const struct box_limits *limits, struct box_file **ret,
		    size_t *ret_n, struct diag *diag);

/** scratch_used() - whether anything was placed, made or touched since scratch_new() */
bool scratch_used(const struct scratch *s);

#endif
