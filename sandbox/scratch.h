/*
 * scratch.h - the writable space of one run: /box, /tmp and /dev/shm on one tmpfs
 *
 * Made outside of the cell and mounted by its init; judgefs-box keeps a descriptor. Files are
 * placed and collected through it, only while no process of a run is alive, never by a path
 * of the cell, through no link. What a run has touched is thrown away as a whole.
 */
#ifndef SANDBOX_SCRATCH_H
#define SANDBOX_SCRATCH_H

#include "sandbox/box.h"

/* Folders of the scratch and where they are seen in the cell. */
struct scratch_dir {
	const char *name, *at;
};

#define SCRATCH_DIRS	3
extern const struct scratch_dir scratch_dirs[SCRATCH_DIRS];

struct scratch;

int scratch_new(struct scratch **ret, struct diag *diag);
void scratch_free(struct scratch *s);		/* accepts NULL */
int scratch_fd(const struct scratch *s);	/* the mount, to be attached; stays the scratch's */

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
