/*
 * bell.h - judgefs-sched is told that something waits for it
 *
 * The scheduler finds everything in the store: the bell only saves it from
 * looking all the time. So ringing never waits, a bell that is lost is no harm,
 * and each new connection begins with one. A thread of its own connects.
 */
#ifndef FS_BELL_H
#define FS_BELL_H

#include "base/base.h"

struct bell;

/** bell_new() - starts its thread; @statefd: dup'ed */
int bell_new(int statefd, struct bell **ret, struct diag *diag);
void bell_free(struct bell *b);		/* accepts NULL; ends the thread */

/** bell_ring() - there is a new submission, or one whose results are to be shown again */
void bell_ring(struct bell *b);

/** bell_replaced() - this submission left no trace: whoever runs it may stop */
void bell_replaced(struct bell *b, int64_t submission);

#endif
