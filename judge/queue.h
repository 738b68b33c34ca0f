/*
 * queue.h - whose turn it is: round robin over users, first come first served within one
 *
 *	queue_add(&q, user, id, false);
 *	while ((id = queue_take(&q)) != 0) ...
 *	queue_release(&q);
 *
 * Who had no turn yet is before all who had one: fifty users who hand in a hundred
 * each delay nobody else's first one. Ids that go in the background (a rejudging of
 * hundreds) wait for all others. Pure: no store, no clock; struct queue q = { 0 } is an
 * empty one.
 */
#ifndef JUDGE_QUEUE_H
#define JUDGE_QUEUE_H

#include "base/base.h"

struct queue_user {
	int64_t user;
	int64_t *ids;			/* ascending */
	size_t n;
	bool had_turn;			/* since it joined the ring */
};

struct queue_ring {			/* users who wait, in the order of their turns */
	struct queue_user *users;
	size_t n;
};

struct queue {
	struct queue_ring front, background;
};

/** queue_add() - @id != 0, known once; within a user ids go in ascending order
 * Return: 0; -EEXIST; -ENOMEM.
 */
int queue_add(struct queue *q, int64_t user, int64_t id, bool background);

/** queue_take() - who is next, removed; 0 when nobody waits */
int64_t queue_take(struct queue *q);
bool queue_remove(struct queue *q, int64_t id);		/* whether it was there */

/** queue_before() - how many will be taken before @id when nobody comes; -ENOENT */
int64_t queue_before(const struct queue *q, int64_t id);
size_t queue_length(const struct queue *q);
void queue_release(struct queue *q);

#endif
