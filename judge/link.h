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
 *	job		sched -> worker		job: job_encode()
 *	cancel		sched -> worker
 *	progress	worker -> sched		stage, test, tests
 *	outcome		worker -> sched		id, attempt, outcome: outcome_encode() | failed: text
 *	publish		sched -> publisher	id, change, final, user, problem, name, texts | root: NAME, text
 *	published	publisher -> sched	id, change
 *	scan		control -> sched	look at STATE/problems now; answer when done: report
 *	status		control -> sched	answer: queue, workers, problems, languages
 *	rejudge		control -> sched	id or problem
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

#include "base/base.h"
#include "base/json.h"
#include "base/msg.h"

#define LINK_PATH	"run/sched"	/* below STATE */

/** link_connect() - to STATE's scheduler; waits up to @wait_us for it to be there
 * Return: a socket after its hello, or -errno (-ECONNREFUSED, -ENOENT).
 */
int link_connect(int statefd, const char *role, int slot, int64_t wait_us, struct diag *diag);

/** link_send() - one object; link_recv() - one frame's object (json_decref() it) */
int link_send(int sock, const char *json, size_t len);
int link_recv(int sock, json_t **ret, struct diag *diag);

#endif
