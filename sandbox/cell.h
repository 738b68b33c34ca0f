/*
 * cell.h - one slot's cell as judgefs-box holds it: made once, runs again and again
 *
 *	r = cell_new(&settings, slot, &cell, &diag);
 *	r = cell_run(cell, &spec, sock, stop, &report, &diag);
 *	r = cell_refresh(cell, &diag);		after the report has gone out
 *	cell_free(cell);
 *
 * The namespaces, the mounts and the group are made once. After every cell_run(), also
 * one that failed, comes cell_refresh(); when that fails the cell is of no use any more.
 */
#ifndef SANDBOX_CELL_H
#define SANDBOX_CELL_H

#include "sandbox/box.h"

struct cell;

/** cell_new() - @settings is borrowed until cell_free() */
int cell_new(const struct box_settings *settings, int slot, struct cell **ret, struct diag *diag);
void cell_free(struct cell *c);			/* accepts NULL; kills and removes everything */

/** cell_check() - what can be said of a spec before it is run; limits are clamped
 * Return: 0; -EINVAL: the cell is fine, this spec is not.
 */
int cell_check(const struct cell *c, struct box_spec *spec, struct diag *diag);

/**
 * cell_run() - run a checked spec
 * @spec:	its descriptors are replaced (streams.h); still the caller's
 * @client:	socket: a frame on it or its end cancels the run
 * @stop:	cancels it too when it can be read; stays unread
 */
int cell_run(struct cell *c, struct box_spec *spec, int client, int stop, struct box_report *ret,
	     struct diag *diag);
int cell_refresh(struct cell *c, struct diag *diag);

#endif
