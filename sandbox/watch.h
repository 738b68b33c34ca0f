/*
 * watch.h - runs that are under way at one time, each in a cell of its own
 */
#ifndef SANDBOX_WATCH_H
#define SANDBOX_WATCH_H

#include "sandbox/cell.h"
#include "sandbox/starter.h"

/* What the starter said, and why we ended it if we did. */
struct ended {
	enum starter_end how;
	int code;
	char step[32];
	uint32_t arch;
	int forbidden;			/* number of the call, or -1 */
	int64_t wall_us;
	bool killed;
	enum box_end why;		/* when killed */
};

struct run {
	struct cell *cell;
	struct box_spec *spec;
	/* watch()'s own */
	int starter;			/* socket */
	bool started, done;
	int64_t sent_us, killed_us;
	int64_t wall_limit_us;		/* a patient one gets more */
	struct ended ended;
	struct box_report report;	/* the caller's, when watch() has returned 0 */
};

/**
 * watch() - start checked specs in clean cells, and watch over them until all have ended
 * @runs:	n of them, zero but for cell and spec. Descriptors of the specs are replaced
 *		(streams.h); those that are no files are closed once a program has them.
 * @client:	socket: a frame on it or its end cancels all
 * @stop:	cancels all too when it can be read; stays unread
 *
 * Return: 0; -errno when the sandbox failed in any of them. Then none is alive either: a cell
 * that no longer answers as it should is broken.
 */
int watch(struct run *runs, size_t n, int client, int stop, struct diag *diag);

#endif
