/*
 * pool.h - the cells of one judgefs-box
 *
 *	r = pool_new(&settings, slot, &pool, &diag);
 *	r = pool_run(pool, specs, n, sock, stop, reports, &diag);
 *	pool_tidy(pool);			after the reports have gone out
 *	pool_hear(pool);			when one of pool_poll() has something to say
 *	pool_free(pool);
 *
 * One cell is made at first. What a run has used is cleaned while the next run has another
 * cell: when there is none, the pool grows, by as many as run together. A cell that breaks,
 * or does not become clean in time, is given up: it is killed, and when nothing of it is
 * alive its uid and group may be used for a new one.
 */
#ifndef SANDBOX_POOL_H
#define SANDBOX_POOL_H

#include <poll.h>

#include "sandbox/box.h"

struct pool;

/** pool_new() - @settings is borrowed until pool_free(); waits for the first cell
 * Return: 0; -EBUSY when another judgefs-box has the slot; -errno.
 */
int pool_new(const struct box_settings *settings, int slot, struct pool **ret, struct diag *diag);
void pool_free(struct pool *p);			/* accepts NULL; with all cells and groups */

/**
 * pool_run() - specs as the client sent them, each in a clean cell
 * @client, @stop:	see watch()
 * @ret:	@n; all are filled, or none
 *
 * After a failure that concerns a cell alone the next call has another.
 * Return: 0; never -EPIPE: that is what a client has when there is no judgefs-box any more.
 */
int pool_run(struct pool *p, struct box_spec *specs, size_t n, int client, int stop,
	     struct box_report *ret, struct diag *diag);

/** pool_tidy() - begin to clean what the last runs have used, and to replace what broke */
void pool_tidy(struct pool *p);

/** pool_poll() - what to wait for while there is nothing else to do; Return: how many */
size_t pool_poll(const struct pool *p, struct pollfd ret[BOX_CELLS_MAX]);
void pool_hear(struct pool *p);

#endif
