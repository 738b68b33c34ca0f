#include "sandbox/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "sandbox/cell.h"
#include "sandbox/ids.h"
#include "sandbox/spec.h"
#include "sandbox/watch.h"

#define GRACE_US	10000000	/* for a cell to be ready, once somebody waits for it */
#define TRIES		3		/* cells whose making may fail while a run waits */
#define CELLS_PER_RUN	4		/* at most, while others clean themselves */
#define END_MS		5000		/* for all of them to be gone, at the end */

struct pool {
	const struct box_settings *settings;
	int slot;
	size_t wanted;			/* so many cells shall there be */
	size_t last;			/* that had a run: its memory is warm */
	struct cell *cells[BOX_CELLS_MAX];
	int locks[BOX_CELLS_MAX];	/* on the uids; -1: not taken yet */
	bool closed[BOX_CELLS_MAX];	/* somebody else has its uid or its group */
	int broken;			/* so many could not be made while a run waits */
	struct diag why;		/* the last one that was given up */
};

/* ------------------------------------------------------------ cells come and go */

static uid_t uid_of(const struct pool *p, size_t k)
{
	return p->settings->first_uid + p->slot * BOX_CELLS_MAX + k;
}

static bool in(const struct cell *c, enum cell_phase phase)
{
	return c && c->phase == phase;
}

/* Those that are of use, if not now. */
static size_t living(const struct pool *p)
{
	size_t n = 0;

	for (size_t k = 0; k < BOX_CELLS_MAX; k++)
		n += p->cells[k] && p->cells[k]->phase != CELL_ENDING;
	return n;
}

static bool is_tired(struct cell *c)
{
	return in(c, CELL_CLEAN) && !cell_rested(c);
}

static size_t tired(const struct pool *p)
{
	size_t n = 0;

	for (size_t k = 0; k < BOX_CELLS_MAX; k++)
		n += is_tired(p->cells[k]);
	return n;
}

/* Make room for one with a group that nobody was charged in yet. */
static void retire_one(struct pool *p)
{
	for (size_t k = 0; k < BOX_CELLS_MAX; k++) {
		if (is_tired(p->cells[k])) {
			cell_kill(p->cells[k]);
			return;
		}
	}
}

static void give_up(struct pool *p, size_t k, const char *why)
{
	bool new = in(p->cells[k], CELL_MAKING);

	log_warn("slot %d: cell %zu is given up: %s", p->slot, k, why);
	snprintf(p->why.text, sizeof(p->why.text), "%s", why);
	cell_kill(p->cells[k]);
	/* The next one may fare no better: not before one is needed. */
	if (new) {
		p->broken++;
		p->wanted = living(p);
	}
}

/* What was given up and is gone makes room. */
static void bury(struct pool *p)
{
	for (size_t k = 0; k < BOX_CELLS_MAX; k++) {
		if (in(p->cells[k], CELL_ENDING) && cell_gone(p->cells[k], 0)) {
			cell_free(p->cells[k]);
			p->cells[k] = NULL;
		}
	}
}

static int hold(struct pool *p, size_t k, struct diag *diag)
{
	if (p->locks[k] < 0)
		p->locks[k] = ids_hold(uid_of(p, k), diag);
	return p->locks[k] < 0 ? p->locks[k] : 0;
}

/* Begin to make one more. */
static int begin(struct pool *p, bool aside, struct diag *diag)
{
	bury(p);
	for (size_t k = 0; k < BOX_CELLS_MAX; k++) {
		int r;

		if (p->cells[k] || p->closed[k])
			continue;
		r = hold(p, k, diag);
		if (r == 0)
			r = cell_begin(p->settings, p->slot, k, aside, &p->cells[k], diag);
		if (r != -ETIMEDOUT && r != -EBUSY)
			return r;
		log_warn("slot %d: cell %zu can not be used: %s", p->slot, k, diag->text);
		p->closed[k] = true;
	}
	return diag_fail(diag, -EBUSY, "none of the %d cells of slot %d can be used", BOX_CELLS_MAX,
			 p->slot);
}

size_t pool_poll(const struct pool *p, struct pollfd ret[BOX_CELLS_MAX])
{
	size_t n = 0;

	for (size_t k = 0; k < BOX_CELLS_MAX; k++)
		if (p->cells[k] && p->cells[k]->sock >= 0)
			ret[n++] = (struct pollfd){ .fd = p->cells[k]->sock, .events = POLLIN };
	return n;
}

/* What can be read of cells is that they are ready, or that they are gone. */
static void hear(struct pool *p, int timeout_ms)
{
	struct pollfd fds[BOX_CELLS_MAX];
	size_t n = pool_poll(p, fds);

	if (poll(fds, n, timeout_ms) <= 0)
		return;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < BOX_CELLS_MAX; k++) {
			struct cell *c = p->cells[k];
			struct diag diag = { 0 };

			if (fds[i].revents && c && c->sock == fds[i].fd && cell_ready(c, &diag) < 0)
				give_up(p, k, diag.text);
		}
	}
}

int pool_new(const struct box_settings *settings, int slot, struct pool **ret, struct diag *diag)
{
	struct pool *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->settings = settings;
	p->slot = slot;
	p->wanted = 1;
	for (size_t k = 0; k < BOX_CELLS_MAX; k++)
		p->locks[k] = -1;
	/* The first uid and the first group stand for the slot. */
	r = hold(p, 0, diag);
	if (r == 0) {
		cgroup_clear(settings->cgroup, slot);
		r = cell_begin(settings, slot, 0, false, &p->cells[0], diag);
	}
	if (r == -ETIMEDOUT) {
		log_warn("slot %d: cell 0 can not be used: %s", slot, diag->text);
		p->closed[0] = true;
		r = begin(p, false, diag);
	}
	for (size_t k = 0; k < BOX_CELLS_MAX && r == 0; k++)
		if (p->cells[k])
			r = cell_ready(p->cells[k], diag);
	if (r < 0)
		pool_free(p);
	else
		*ret = p;
	return r;
}

void pool_free(struct pool *p)
{
	int64_t deadline = clock_mono_us() + END_MS * 1000;

	if (!p)
		return;
	for (size_t k = 0; k < BOX_CELLS_MAX; k++)
		if (p->cells[k])
			cell_kill(p->cells[k]);
	for (size_t k = 0; k < BOX_CELLS_MAX; k++) {
		int64_t left = deadline - clock_mono_us();

		if (p->cells[k] && !cell_gone(p->cells[k], left > 0 ? left / 1000 : 0)) {
			log_warn("slot %d: cell %zu does not end; its group stays", p->slot, k);
			continue;
		}
		cell_free(p->cells[k]);
		ids_release(p->locks[k], uid_of(p, k));
	}
	free(p);
}

/* --------------------------------------------------------------- cells for runs */

static bool pick(struct pool *p, struct run *runs, size_t n)
{
	size_t i = 0, first = p->last;

	for (size_t at = 0; at < BOX_CELLS_MAX && i < n; at++) {
		size_t k = (p->last + at) % BOX_CELLS_MAX;

		if (!in(p->cells[k], CELL_CLEAN) || !cell_rested(p->cells[k]))
			continue;
		first = i == 0 ? k : first;
		runs[i++].cell = p->cells[k];
	}
	p->last = first;
	return i == n;
}

/* Those that somebody waits for in vain are given up; Return: until when the others have time. */
static int64_t hurry(struct pool *p)
{
	int64_t now = clock_mono_us(), first = now + GRACE_US;

	for (size_t k = 0; k < BOX_CELLS_MAX; k++) {
		struct cell *c = p->cells[k];

		if (!in(c, CELL_MAKING) && !in(c, CELL_CLEANING))
			continue;
		cell_wanted(c);
		if (now - c->since_us > GRACE_US)
			give_up(p, k, "its init does not answer");
		else if (c->since_us + GRACE_US < first)
			first = c->since_us + GRACE_US;
	}
	return first;
}

static void grow(struct pool *p, size_t n)
{
	if (p->wanted < n)
		p->wanted = n;
	if (p->wanted < CELLS_PER_RUN * n && p->wanted < BOX_CELLS_MAX)
		p->wanted++;
}

/* A clean cell for each run. When one must be waited for, there shall be one more. */
static int give_cells(struct pool *p, struct run *runs, size_t n, struct diag *diag)
{
	if (pick(p, runs, n))
		return 0;
	p->broken = 0;
	hear(p, 0);
	if (!pick(p, runs, n) && living(p) >= n)
		grow(p, n);
	while (!pick(p, runs, n)) {
		int64_t until = hurry(p);
		int r = 0;

		while (living(p) - tired(p) < n && r == 0) {
			if (living(p) >= p->wanted)
				retire_one(p);
			r = begin(p, false, diag);
		}
		if (r < 0)
			return r;
		if (p->broken >= TRIES)
			return diag_fail(diag, -EIO, "no cell can be made: %.900s", p->why.text);
		until -= clock_mono_us();
		hear(p, until > 0 ? until / 1000 + 1 : 1);
	}
	return 0;
}

int pool_run(struct pool *p, struct box_spec *specs, size_t n, int client, int stop,
	     struct box_report *ret, struct diag *diag)
{
	struct run runs[BOX_TOGETHER_MAX] = { 0 };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = spec_check(&specs[i], p->settings, diag);
		runs[i].spec = &specs[i];
	}
	if (r == 0)
		r = give_cells(p, runs, n, diag);
	for (size_t i = 0; i < n && r == 0; i++)
		runs[i].cell->phase = CELL_USED;
	if (r == 0)
		r = watch(runs, n, client, stop, diag);
	for (size_t i = 0; i < n && r == 0; i++)
		ret[i] = runs[i].report;
	return r == -EPIPE ? -EIO : r;
}

void pool_tidy(struct pool *p)
{
	struct diag diag = { 0 };

	bury(p);
	for (size_t k = 0; k < BOX_CELLS_MAX; k++) {
		if (!in(p->cells[k], CELL_USED) || cell_clean(p->cells[k], &diag) == 0)
			continue;
		give_up(p, k, diag.text);
		hear(p, 0);		/* it may not be the only one */
	}
	while (living(p) < p->wanted) {
		if (begin(p, true, &diag) == 0)
			continue;
		log_warn("slot %d: %s", p->slot, diag.text);
		p->wanted = living(p);	/* until more are needed once again */
	}
}

void pool_hear(struct pool *p)
{
	hear(p, 0);
	pool_tidy(p);
}
