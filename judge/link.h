/*
 * link.h - who talks to judgefs-sched, and what they say
 *
 * judgefs (the supervisor) makes one listening socket, STATE/run/sched, and
 * hands it to each judgefs-sched it starts; serve, workers and judgectl connect
 * to it and connect again when it was away. A frame (msg.h) is one JSON object with "op":
 *
 *	hello		role: serve | worker | publisher | control, slot	first frame of each client
 *	bell		serve -> sched		look into the store: something is queued
 *	replaced	serve -> sched		id: submission that left no trace: cancel it
 *	job		sched -> worker		id, attempt, job: job_encode()
 *	cancel		sched -> worker		id
 *	progress	worker -> sched		id, attempt, stage: compiling | running, test, tests
 *	outcome		worker -> sched		id, attempt, outcome: outcome_encode() | failed: text
 *	publish		sched -> publisher	id, change, final, user, problem, name, texts: SUFFIX: text
 *						| root: NAME, text
 *	published	publisher -> sched	id, change | root; failed: text, to be tried again
 *	scan		control -> sched	look at STATE/problems now; answer when done: report
 *	status		control -> sched	answer: text, and queue, workers, problems, languages
 *	rejudge		control -> sched	id or problem; answer: count | error
 *
 * A job's id is the submission's; negative ones calibrate a problem. A file's name is in
 * hexadecimal digits, since it may be any bytes and JSON is text. Texts of a publish have
 * the suffixes of the result files: "verdict", "result.json", "compile.txt".
 *
 * Signals from the supervisor: SIGHUP to sched: read judge.ini and languages.d again (a fault
 * is logged, the old settings stay); SIGHUP to a worker: end with status 0 when no job is in
 * hand, its pair is started anew; SIGTERM: end now, with status 0.
 *
 * Who the peer is is asked of the kernel (SO_PEERCRED): serve is uid judgefs, workers the
 * worker's uid, publisher and control root or uid judgefs.
 */
#ifndef JUDGE_LINK_H
#define JUDGE_LINK_H

#include <sys/types.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/msg.h"

#define LINK_PATH	"run/sched"	/* below STATE */

/* Frames that the publisher has not answered: one a user, as their folder may hang whoever
 * enters it, and one for the files of the root; all together. It has a process for each. */
#define LINK_WRITERS	33

/** link_connect() - to STATE's scheduler; waits up to @wait_us for it to be there
 * Return: a socket after its hello, or -errno (-ECONNREFUSED, -ENOENT).
 */
int link_connect(int statefd, const char *role, int slot, int64_t wait_us, struct diag *diag);

/** link_send() - one object; link_recv() - one frame's object (json_decref() it) */
int link_send(int sock, const char *json, size_t len);
int link_recv(int sock, json_t **ret, struct diag *diag);

/* An end that never waits: for a loop with many of them. */
struct link {
	int fd;				/* non-blocking; owned */
	struct buf in, out;
	size_t in_done, out_done;	/* bytes that were taken, sent */
};

/** link_init() - takes @fd over */
void link_init(struct link *l, int fd);
void link_release(struct link *l);

/** link_put() - queue one object and send what the socket takes
 * Return: 0, also when some is still to be sent: link_waiting(); -ENOBUFS: the other end does not
 * read; -errno: it is of no use any more
 */
int link_put(struct link *l, const char *json, size_t len);
int link_flush(struct link *l);
bool link_waiting(const struct link *l);	/* poll for POLLOUT and link_flush() */

/** link_fill() - read what is there; Return: 0; -EPIPE at the end; -errno */
int link_fill(struct link *l);

/** link_next() - Return: 1 with an object, 0 when none is whole yet, -EBADMSG */
int link_next(struct link *l, json_t **ret);

/** link_peer() - uid of who made the connection; Return: 0 or -errno */
int link_peer(int sock, uid_t *ret);

/** link_hex(), link_unhex() - any bytes as hexadecimal digits and back (-EBADMSG; no NUL) */
void link_hex(struct buf *b, const char *bytes);
int link_unhex(const char *hex, struct buf *ret);

#endif
