/*
 * pool.h - the cells of one judgefs-box
 *
 *	r = pool_new(&settings, slot, &pool, &diag);
 *	r = pool_run(pool, specs, n, sock, stop, reports, &diag);
 *	pool_tidy(pool);			after the reports have gone out
 *	pool_free(pool);
 *
 * One cell is made at first, more when they are needed.
 */
#ifndef SANDBOX_POOL_H
#define SANDBOX_POOL_H

#include "sandbox/box.h"

struct pool;

/** pool_new() - @settings is borrowed until pool_free() */
int pool_new(const struct box_settings *settings, int slot, struct pool **ret, struct diag *diag);
void pool_free(struct pool *p);			/* accepts NULL */

/**
 * pool_run() - specs as the client sent them, each in a clean cell
 * @client, @stop:	see watch()
 * @ret:	@n; all are filled, or none
 *
 * After a failure that concerns a cell alone the next call has another.
 */
int pool_run(struct pool *p, struct box_spec *specs, size_t n, int client, int stop,
	     struct box_report *ret, struct diag *diag);

/** pool_tidy() - clean what the last runs have used, replace what broke */
void pool_tidy(struct pool *p);

#endif
