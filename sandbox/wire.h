/*
 * wire.h - what a client and judgefs-box, and judgefs-box and its cell's init, tell each other
 *
 * A frame (base/msg.h) is a row of 64-bit numbers and of texts with their length before
 * them; the first number is the op. Nothing that came is believed: a text ends inside of the
 * frame or the whole frame is bad.
 *
 *	HELLO						judgefs-box: the cell stands
 *	FAILED	errno text				instead of HELLO, READY, DONE, all REPORTs
 *	RUN	see wire_send_spec()			client; FILES frames follow
 *	FILES	count (name mode size)...		descriptors of those that are no folder
 *	CANCEL						client: end the runs
 *	REPORT	see wire_send_report()			judgefs-box; FILES frames follow; one for each RUN
 *	READY						init: the cell is clean; its scratch space.
 *							A starter: it can take runs
 *	CLEAN						to init: throw the scratch space away
 *	STARTER	profile, groups of their own?		to init: make one; its socket
 *	KILL	number					to init: end this run
 *	START	see starter.c				to a starter: run this
 *	DONE	see starter.c				a starter: it has ended
 */
#ifndef SANDBOX_WIRE_H
#define SANDBOX_WIRE_H

#include "base/buf.h"
#include "base/msg.h"
#include "sandbox/box.h"

enum wire_op { WIRE_HELLO = 1, WIRE_FAILED, WIRE_RUN, WIRE_FILES, WIRE_CANCEL, WIRE_REPORT,
	       WIRE_READY, WIRE_CLEAN, WIRE_STARTER, WIRE_START, WIRE_KILL, WIRE_DONE };

#define WIRE_MAX_FILES	4096

struct wire {
	const char *at, *end;
	bool bad;		/* something was missing: all further answers are 0 or "" */
};

struct wire wire_open(const struct msg *m);
int64_t wire_int(struct wire *w);
const char *wire_text(struct wire *w);			/* lies in the frame */
int wire_words(struct wire *w, struct strv *ret);	/* filled also on failure */
int wire_end(const struct wire *w);			/* 0 when all was there and nothing more */

void wire_put_int(struct buf *b, int64_t n);
void wire_put_text(struct buf *b, const char *text);
void wire_put_words(struct buf *b, const struct strv *words);

/** wire_send() - and empty @b; -ENOMEM when it had failed */
int wire_send(int sock, struct buf *b, const int *fds, size_t nfds);

/** wire_send_op() - a frame without anything */
int wire_send_op(int sock, enum wire_op op);

/** wire_send_failure() - FAILED with @r and what @diag says */
int wire_send_failure(int sock, int r, const struct diag *diag);

/** wire_failure() - the errno of a FAILED frame whose op was read; its text to @diag */
int wire_failure(struct wire *w, struct diag *diag);

/**
 * wire_expect() - receive one frame that must be @op without anything
 * Return: 0; the peer's errno for FAILED; -EPIPE; -EBADMSG.
 */
int wire_expect(int sock, enum wire_op op, struct diag *diag);

/**
 * wire_send_spec() - a run as the client wants it; its files follow as FILES frames
 * @more:	how many RUNs follow that are to run together with it
 */
int wire_send_spec(int sock, const struct box_spec *spec, size_t more);

/** wire_read_spec() - after the op was read; all in @ret is owned by the caller */
int wire_read_spec(int sock, struct wire *w, struct msg *m, struct box_spec *ret,
		   size_t *ret_more);
void wire_spec_release(struct box_spec *spec);

int wire_send_report(int sock, const struct box_report *report);
int wire_read_report(int sock, struct wire *w, struct box_report *ret);

void wire_files_release(struct box_file *files, size_t n);

#endif
