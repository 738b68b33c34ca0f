/*
 * upload.h - when is a file complete? The state of one file, pure
 *
 *	struct upload next = u;
 *	unsigned todo = upload_event(&next, UPLOAD_SYNCED, &facts, &times);
 *	...do it; when that succeeded: u = next
 *
 * New content counts, not closing. Nothing is judged while a local writer has
 * it open: a shell closes a copy of its descriptor before the first write, and
 * a paused writer has written half. A server (nfsd, ganesha) may keep a file
 * open for ever, so its handles do not count: quiet decides.
 *
 *	event		what came		what it may ask for
 *	OPENED		open for writing
 *	CHANGED		write, truncate		MARK: the content is no longer what was accepted
 *	FAILED		a write was refused	the content is a torso until it is emptied
 *	SYNCED		flush, fsync		ACCEPT: make it durable, then answer; REFUSE after FAILED
 *	RELEASED	a writer's last close	ACCEPT what came after the flush (mmap)
 *	RENAMED		now a name to judge, with content that is accepted
 *	TIMER		due_us has come		ACCEPT, COMPLETE: it becomes a submission
 */
#ifndef FS_UPLOAD_H
#define FS_UPLOAD_H

#include "base/base.h"

enum upload_what {
	UPLOAD_OPENED, UPLOAD_CHANGED, UPLOAD_FAILED, UPLOAD_SYNCED, UPLOAD_RELEASED,
	UPLOAD_RENAMED, UPLOAD_TIMER
};

enum { UPLOAD_MARK = 1, UPLOAD_ACCEPT = 2, UPLOAD_COMPLETE = 4, UPLOAD_REFUSE = 8 };

struct upload {
	int writers;		/* local ones */
	bool dirty;		/* changed since it was accepted or judged */
	bool received;		/* accepted, not yet a submission */
	int failed;		/* errno of a write that was refused, its writer goes on; 0 */
	int64_t due_us;		/* next TIMER; 0: none */
};

struct upload_facts {
	bool server;		/* the handle is an NFS server's */
	int64_t size;		/* of the file, after the event */
	int error;		/* of FAILED: why, a positive errno */
	int64_t now_us;		/* CLOCK_MONOTONIC */
};

struct upload_times {
	int64_t quiet_fsync_us;	/* after an fsync: 200 ms */
	int64_t quiet_us;	/* after a change that nobody closed: 2 s */
};

/** upload_event() - Return: what is to be done, UPLOAD_MARK and so on, 0 for nothing */
unsigned upload_event(struct upload *u, enum upload_what what, const struct upload_facts *f,
		      const struct upload_times *t);

/** upload_idle() - nothing is going on: all that is to be known is in the store */
bool upload_idle(const struct upload *u);

#endif
