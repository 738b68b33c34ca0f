#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/queue.h"

static struct queue_user *ring_user(struct queue_ring *ring, int64_t user)
{
	for (size_t i = 0; i < ring->n; i++)
		if (ring->users[i].user == user)
			return &ring->users[i];
	return NULL;
}

/* Who comes new is before all who had a turn already. */
static struct queue_user *ring_join(struct queue_ring *ring, int64_t user)
{
	struct queue_user *more = reallocarray(ring->users, ring->n + 1, sizeof(*more));
	size_t at = 0;

	if (more == NULL)
		return NULL;
	ring->users = more;
	while (at < ring->n && !more[at].had_turn)
		at++;
	memmove(&more[at + 1], &more[at], (ring->n - at) * sizeof(*more));
	more[at] = (struct queue_user){ .user = user };
	ring->n++;
	return &more[at];
}

static void ring_leave(struct queue_ring *ring, size_t at)
{
	free(ring->users[at].ids);
	ring->n--;
	memmove(&ring->users[at], &ring->users[at + 1],
		(ring->n - at) * sizeof(ring->users[0]));
}

/* Where @id is, or belongs. */
static size_t user_find(const struct queue_user *u, int64_t id)
{
	size_t low = 0, high = u->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool user_has(const struct queue_user *u, size_t at, int64_t id)
{
	return at < u->n && u->ids[at] == id;
}

static void user_drop(struct queue_user *u, size_t at)
{
	u->n--;
	memmove(&u->ids[at], &u->ids[at + 1], (u->n - at) * sizeof(u->ids[0]));
}

int queue_add(struct queue *q, int64_t user, int64_t id, bool background)
{
	struct queue_ring *ring = background ? &q->background : &q->front;
	struct queue_user *u;
	int64_t *more;
	size_t at;

	if (queue_before(q, id) >= 0)
		return -EEXIST;
	u = ring_user(ring, user);
	if (u == NULL)
		u = ring_join(ring, user);
	if (u == NULL)
		return -ENOMEM;
	more = reallocarray(u->ids, u->n + 1, sizeof(*more));
	if (more == NULL) {
		return -ENOMEM;
	}
	u->ids = more;
	at = user_find(u, id);
	memmove(&u->ids[at + 1], &u->ids[at], (u->n - at) * sizeof(u->ids[0]));
	u->ids[at] = id;
	u->n++;
	return 0;
}

/*
 * The first user's first; then that user has the last turn. Who has nothing more waits for it
 * too: else one who always hands in just one more would always come new.
 */
static int64_t ring_take(struct queue_ring *ring)
{
	struct queue_user turn;
	int64_t id;

	while (ring->n > 0 && ring->users[0].n == 0)
		ring_leave(ring, 0);
	if (ring->n == 0)
		return 0;
	turn = ring->users[0];
	id = turn.ids[0];
	user_drop(&turn, 0);
	turn.had_turn = true;
	memmove(&ring->users[0], &ring->users[1], (ring->n - 1) * sizeof(turn));
	ring->users[ring->n - 1] = turn;
	return id;
}

int64_t queue_take(struct queue *q)
{
	int64_t id = ring_take(&q->front);

	return id != 0 ? id : ring_take(&q->background);
}

static bool ring_remove(struct queue_ring *ring, int64_t id)
{
	for (size_t i = 0; i < ring->n; i++) {
		struct queue_user *u = &ring->users[i];
		size_t at = user_find(u, id);

		if (!user_has(u, at, id))
			continue;
		user_drop(u, at);
		if (u->n == 0 && !u->had_turn)
			ring_leave(ring, i);
		return true;
	}
	return false;
}

bool queue_remove(struct queue *q, int64_t id)
{
	return ring_remove(&q->front, id) || ring_remove(&q->background, id);
}

static size_t ring_length(const struct queue_ring *ring)
{
	size_t n = 0;

	for (size_t i = 0; i < ring->n; i++)
		n += ring->users[i].n;
	return n;
}

static int64_t ring_before(const struct queue_ring *ring, int64_t id)
{
	size_t own = 0, at = 0, before;

	for (own = 0; own < ring->n; own++) {
		at = user_find(&ring->users[own], id);
		if (user_has(&ring->users[own], at, id))
			break;
	}
	if (own == ring->n)
		return -ENOENT;
	/* In each of the rounds before its own every user has a turn; in its own, those before. */
	before = at;
	for (size_t i = 0; i < ring->n; i++) {
		size_t turns = at + (i < own), n = ring->users[i].n;

		if (i != own)
			before += turns < n ? turns : n;
	}
	return before;
}

int64_t queue_before(const struct queue *q, int64_t id)
{
	int64_t before = ring_before(&q->front, id);

	if (before >= 0)
		return before;
	before = ring_before(&q->background, id);
	return before < 0 ? before : before + (int64_t)ring_length(&q->front);
}

size_t queue_length(const struct queue *q)
{
	return ring_length(&q->front) + ring_length(&q->background);
}

static void ring_release(struct queue_ring *ring)
{
	for (size_t i = 0; i < ring->n; i++)
		free(ring->users[i].ids);
	free(ring->users);
	*ring = (struct queue_ring){ 0 };
}

void queue_release(struct queue *q)
{
	ring_release(&q->front);
	ring_release(&q->background);
}
