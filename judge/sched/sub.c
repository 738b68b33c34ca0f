/*
 * sub.c - the submissions that are not at rest, and what is stored of each
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "judge/sched/sched.h"

#define SHOWN_MAX	(10 << 20)	/* of a submission's texts: a frame must hold them */

/* ------------------------------------------------------------- submissions by id */

static size_t sub_at(const struct sched *s, int64_t id)
{
	size_t low = 0, high = s->nsubs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->subs[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct sub *sub_find(struct sched *s, int64_t id)
{
	size_t at = sub_at(s, id);

	return at < s->nsubs && s->subs[at]->id == id ? s->subs[at] : NULL;
}

void sub_forget(struct sched *s, struct sub *sub)
{
	size_t at = sub_at(s, sub->id);

	if (sub->state == SUBMISSION_QUEUED)
		queue_remove(&s->queue, sub->id);
	if (sub->worker != NULL)
		sub->worker->work = 0;	/* it stays busy until it answers */
	s->nsubs--;
	memmove(&s->subs[at], &s->subs[at + 1], (s->nsubs - at) * sizeof(s->subs[0]));
	free(sub);
}

/* Known from here on; NULL when out of memory or its user or problem can not be read. */
static struct sub *sub_new(struct sched *s, const struct submission_row *row)
{
	size_t at = sub_at(s, row->id);
	struct problem_row problem;
	struct user_row user;
	struct sub *sub, **more;
	int r;

	r = store_user_by_id(s->store, row->user, &user);
	if (r == 0)
		r = store_problem_by_id(s->store, row->problem, &problem);
	more = reallocarray(s->subs, s->nsubs + 1, sizeof(*more));
	if (more != NULL)
		s->subs = more;
	sub = r == 0 && more != NULL ? calloc(1, sizeof(*sub)) : NULL;
	if (sub == NULL) {
		sched_fatal(s, r < 0 ? r : -ENOMEM, "read a submission");
		return NULL;
	}
	sub->id = row->id;
	sub->attempt = row->attempt;
	sub->change = row->change;
	sub->place = row->place;
	sub->problem = row->problem;
	sub->number = row->number;
	sub->blob = row->blob;
	sub->received_us = row->received_us;
	sub->state = row->state;
	sub->user_id = row->user;
	snprintf(sub->user, sizeof(sub->user), "%s", user.name);
	snprintf(sub->problem_name, sizeof(sub->problem_name), "%s", problem.name);
	snprintf(sub->name, sizeof(sub->name), "%s", row->name);
	memmove(&s->subs[at + 1], &s->subs[at], (s->nsubs - at) * sizeof(s->subs[0]));
	s->subs[at] = sub;
	s->nsubs++;
	return sub;
}

static void sub_queue(struct sched *s, struct sub *sub)
{
	int r;

	sub->state = SUBMISSION_QUEUED;
	sub->worker = NULL;
	r = queue_add(&s->queue, sub->user_id, sub->id, sub->background);
	if (r < 0)
		sched_fatal(s, r, "queue a submission");
	else
		publish_place(s, sub);
}

/* ------------------------------------------------------------- what is new in the store */

static bool look_queued(void *ctx, const struct submission_row *row)
{
	struct sched *s = ctx;
	struct sub *sub = sub_find(s, row->id);
	int r = 0;

	s->last_id = row->id;
	if (sub != NULL && sub->state != SUBMISSION_DONE)
		return true;
	/* Only we lease: who runs now ran for a scheduler that is dead. */
	if (row->state == SUBMISSION_RUNNING)
		r = store_requeue(s->store, row->id, row->attempt);
	if (r == -ESTALE)
		return true;		/* replaced in this moment */
	if (r < 0) {
		sched_fatal(s, r, "queue a submission again");
		return false;
	}
	if (sub == NULL)
		sub = sub_new(s, row);
	if (sub == NULL)
		return false;
	sub->change = row->change;
	sub->retries = sub->losses = 0;
	sub->again = sub->background = row->judged_us > 0;
	sub_queue(s, sub);
	return true;
}

static bool look_unpublished(void *ctx, const struct submission_row *row)
{
	struct sched *s = ctx;
	struct sub *sub = sub_find(s, row->id);

	if (sub == NULL)
		sub = sub_new(s, row);
	if (sub == NULL)
		return false;
	sub->state = SUBMISSION_DONE;
	sub->attempt = row->attempt;
	sub->change = row->change;
	return true;
}

void subs_look(struct sched *s)
{
	int r;

	s->bell = false;
	r = store_queue(s->store, s->last_id, look_queued, s);
	if (r == 0)
		r = store_unpublished(s->store, look_unpublished, s);
	if (r < 0)
		sched_fatal(s, r, "look into the store");
}

void subs_look_again(struct sched *s)
{
	s->last_id = 0;
	s->bell = true;
}

/* ------------------------------------------------------------- its states, stored */

int sub_lease(struct sched *s, struct sub *sub, const struct lang *lang, int worker,
	      int64_t deadline_us)
{
	int r;

	r = store_lease(s->store, sub->id, lang != NULL ? lang->id : "", worker, deadline_us,
			&sub->attempt);
	if (r == -ESTALE) {
		sub_forget(s, sub);	/* replaced while it waited */
	} else if (r < 0) {
		sched_fatal(s, r, "lease a submission");
	} else {
		sub->state = SUBMISSION_RUNNING;
	}
	return r;
}

static int outcome_store(struct sched *s, struct sub *sub, const struct outcome *o)
{
	struct report_about about = {
		.id = sub->id, .problem = sub->problem_name, .user = sub->user,
		.file_name = sub->name, .contact = s->settings.contact, .attempt = sub->attempt,
		.submitted_us = sub->received_us, .judged_us = clock_wall_us(), .final = true,
	};
	struct buf text = { 0 }, json = { 0 }, encoded = { 0 };
	struct problem_row problem;
	int r;

	r = store_problem_by_id(s->store, sub->problem, &problem);
	if (r < 0)
		return r;
	about.feedback = problem.feedback;
	report_verdict(o, &about, &text);
	report_json(o, &about, &json);
	r = outcome_encode(o, &encoded);
	if (r == 0 && text.len + json.len > SHOWN_MAX)
		r = -EMSGSIZE;
	if (r == 0 && (text.failed || json.failed || encoded.failed))
		r = -ENOMEM;
	if (r == 0) {
		const char *const shown[RESULT_KINDS] = {
			[RESULT_VERDICT] = buf_text(&text),
			[RESULT_JSON] = buf_text(&json),
			[RESULT_COMPILE] = about.feedback == FEEDBACK_NONE ? NULL : o->compile_text,
		};

		r = store_done(s->store, sub->id, sub->attempt, o->verdict, buf_text(&encoded),
			       shown);
	}
	buf_release(&text);
	buf_release(&json);
	buf_release(&encoded);
	return r;
}

/* The judge's own fault, when there is no outcome of a worker to say so. */
void sub_judge_error(struct sched *s, struct sub *sub, const char *why)
{
	struct outcome o = { .verdict = VERDICT_JE, .max_score = 1 };

	o.message = strdup(why);
	sub_done(s, sub, &o);
	outcome_release(&o);
}

/* Its row is RUNNING with our attempt; whatever happens it is at rest or gone afterwards. */
void sub_done(struct sched *s, struct sub *sub, const struct outcome *o)
{
	struct submission_row row;
	int r;

	sub->worker = NULL;
	r = outcome_store(s, sub, o);
	if (r == 0)
		r = store_submission(s->store, sub->id, &row);
	if (r == -ESTALE || r == -ENOENT) {
		sub_forget(s, sub);	/* replaced by a younger content: dropped */
		return;
	}
	if (r == -EMSGSIZE) {
		sub_judge_error(s, sub, "the result is too long to be shown");
		return;
	}
	if (r < 0) {
		sched_fatal(s, r, "store an outcome");
		return;
	}
	if (o->verdict == VERDICT_JE)
		log_error("submission %" PRId64 " (%s, %s, %s): judge error: %s", sub->id,
			  sub->user, sub->problem_name, sub->name,
			  o->message != NULL ? o->message : "unknown cause");
	sub->state = SUBMISSION_DONE;
	sub->change = row.change;
	sub->line[0] = '\0';
	if (o->verdict == VERDICT_JE)
		root_health(s);
}

void sub_requeue(struct sched *s, struct sub *sub)
{
	int r;

	r = store_requeue(s->store, sub->id, sub->attempt);
	if (r == -ESTALE) {
		sub->worker = NULL;
		sub_forget(s, sub);
	} else if (r < 0) {
		sched_fatal(s, r, "queue a submission again");
	} else {
		sub_queue(s, sub);
	}
}

/* What was stored by an older version of this program is readable once the package is read anew. */
void sub_hold(struct sched *s, struct sub *sub)
{
	log_info("submission %" PRId64 " waits until problem '%s' is read", sub->id,
		 sub->problem_name);
	sub->held = s->holds = true;
}

void subs_unhold(struct sched *s)
{
	for (size_t i = 0; s->holds && i < s->nsubs; i++) {
		if (!s->subs[i]->held)
			continue;
		s->subs[i]->held = false;
		sub_queue(s, s->subs[i]);
	}
	s->holds = false;
}
