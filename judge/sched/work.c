#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "judge/sched/sched.h"

#define HEAD_BYTES	4096		/* of a source, for its language */

int64_t sched_slack_us = INT64_C(60000000);

/* ------------------------------------------------------------- to a worker */

/* Longer than a worker that is well can take. */
static int64_t work_time_us(const struct problem *p, const struct lang *lang)
{
	struct limits l = { 0 };

	problem_limits(p, lang, &l);
	return sched_slack_us + 4 * l.compile_time_us +
	       (int64_t)p->ntests * (l.wall_us + 4 * l.check_time_us + sched_slack_us / 10);
}

int work_send(struct client *c, const struct job *job)
{
	struct buf frame = { 0 }, text = { 0 };
	int r;

	r = job_encode(job, &text);
	buf_printf(&frame, "{\"op\":\"job\",\"id\":%" PRId64 ",\"attempt\":%" PRId64 ",\"job\":%s}",
		   job->id, job->attempt, buf_text(&text));
	if (r == 0 && frame.failed)
		r = -ENOMEM;
	if (r == 0) {
		buf_release(&c->job);
		c->job = text;
		text = (struct buf){ 0 };	/* transferred */
		c->busy = true;
		c->work = job->id;
		c->attempt = job->attempt;
		c->started_us = clock_mono_us();
		c->deadline_us = c->started_us +
				 work_time_us(job->problem, job->program.lang);
		c->jobs++;
		client_send(c, &frame);
	}
	buf_release(&frame);
	buf_release(&text);
	return r;
}

/* The problem as it is now, as a job without a program. */
static int spec_load(struct sched *s, int64_t problem, struct job **ret, struct diag *diag)
{
	struct buf spec = { 0 };
	int r;

	r = store_problem_spec(s->store, problem, &spec);
	if (r == 0)
		r = job_decode(spec.data, spec.len, ret, diag);
	buf_release(&spec);
	return r < 0 ? diag_fail(diag, r, "read the problem") : 0;
}

/* What can be handed in instead: every language of the problem that is here. */
static int unusable(const struct sched *s, const struct problem *p, const char *why,
		    struct diag *diag)
{
	struct buf text = { 0 };
	bool any = false;

	buf_printf(&text, "%s; languages:", why);
	for (size_t i = 0; i < s->langs->n; i++) {
		const struct lang *l = s->langs->v[i];

		if (l->missing || !lang_allowed(&p->languages, l))
			continue;
		buf_printf(&text, "%s %s (.%s)", any ? "," : "", l->name, l->suffixes.v[0]);
		any = true;
	}
	diag_fail(diag, -EINVAL, "%s%s", buf_text(&text), any ? "" : " none that this judge has");
	buf_release(&text);
	return -ENOENT;
}

/* Return: 0 with the language; -ENOENT with a message for the student; -errno. */
static int sub_language(struct sched *s, const struct sub *sub, const struct problem *p,
			const struct lang **ret, struct diag *diag)
{
	const struct lang *lang = NULL;
	char head[HEAD_BYTES], why[256];
	ssize_t n;
	int fd, r;

	fd = blobs_get(store_blobs(s->store), &sub->blob.digest);
	if (fd < 0)
		return diag_fail(diag, fd == -ENOENT ? -EIO : fd, "read the source");
	n = io_read(fd, head, sizeof(head));
	io_close(fd);
	if (n < 0)
		return diag_fail(diag, n, "read the source");
	r = langs_for_file(s->langs, sub->name, head, n, &p->languages, &lang, diag);
	if (r == -ENOENT)
		return unusable(s, p, diag->text, diag);
	if (r < 0)
		return r;
	if (!lang_allowed(&p->languages, lang)) {
		*ret = lang;
		snprintf(why, sizeof(why), "language %s is not allowed for this problem", lang->name);
		return unusable(s, p, why, diag);
	}
	if (lang->missing != NULL) {
		*ret = lang;
		snprintf(why, sizeof(why), "language %s is not available on this judge: %s",
			 lang->name, lang->missing);
		return unusable(s, p, why, diag);
	}
	*ret = lang;
	return 0;
}

static void sub_refuse(struct sched *s, struct sub *sub, const struct problem *p,
		       const struct lang *lang, const char *why)
{
	struct outcome o = { 0 };

	if (sub_lease(s, sub, lang, -1, 0) < 0)
		return;
	if (outcome_refused(p, lang, why, &o) < 0)
		sched_fatal(s, -ENOMEM, "refuse a submission");
	else
		sub_done(s, sub, &o);
	outcome_release(&o);
}

/* How far it came says on which test it failed, or that it did not compile. */
static void sub_line(struct sub *sub, bool running, int64_t test, int64_t tests)
{
	bool tells = sub->feedback == FEEDBACK_FULL || sub->feedback == FEEDBACK_SAMPLES;

	if (!running && sub->feedback != FEEDBACK_NONE)
		snprintf(sub->line, sizeof(sub->line), "Compiling");
	else if (!tells)
		snprintf(sub->line, sizeof(sub->line), "Running");
	else
		snprintf(sub->line, sizeof(sub->line), "Running test %" PRId64 " of %" PRId64,
			 test, tests);
}

static void sub_send(struct sched *s, struct sub *sub, struct client *c, struct job *job,
		     const struct lang *lang)
{
	struct source source = { .name = sub->name, .blob = sub->blob };
	const struct job full = {
		.id = sub->id, .attempt = sub->attempt + 1, .problem = job->problem,
		.program = { .lang = lang, .sources = &source, .nsources = 1 },
	};

	/* First the lease is on the disk, then the worker hears of it. */
	if (sub_lease(s, sub, lang, c->slot,
		      clock_wall_us() + work_time_us(job->problem, lang)) < 0)
		return;
	sub->worker = c;
	sub->feedback = job->problem->feedback;
	sub_line(sub, false, 0, 0);
	if (work_send(c, &full) < 0)
		sub_judge_error(s, sub, "the job can not be written");
}

static void sub_fault(struct sched *s, struct sub *sub, const char *why)
{
	if (sub_lease(s, sub, NULL, -1, 0) == 0)
		sub_judge_error(s, sub, why);
}

static void sub_start(struct sched *s, struct sub *sub, struct client *c)
{
	const struct lang *lang = NULL;
	struct diag diag = { "" };
	struct job *job = NULL;
	int64_t tries = 0;
	int r;

	r = store_tries(s->store, sub->id, &tries);
	if (r == 0 && tries >= SCHED_TRIES + s->settings.retries) {
		sub_fault(s, sub, "no attempt came to an end");
		return;
	}
	r = spec_load(s, sub->problem, &job, &diag);
	if (r < 0 || job == NULL) {
		if (problems_pending(s))
			sub_hold(s, sub);
		else
			sub_fault(s, sub, diag.text);
		return;
	}
	r = sub_language(s, sub, job->problem, &lang, &diag);
	if (r == 0)
		sub_send(s, sub, c, job, lang);
	else if (r == -ENOENT)
		sub_refuse(s, sub, job->problem, lang, diag.text);
	else
		sub_fault(s, sub, diag.text);
	job_free(job);
}

void work_dispatch(struct sched *s)
{
	struct client *c;
	int64_t id;

	while (!s->stop && (c = sched_idle_worker(s)) != NULL &&
	       (id = queue_take(&s->queue)) != 0) {
		struct sub *sub;

		if (id < 0) {
			calibration_dispatch(s, id, c);
			continue;
		}
		sub = sub_find(s, id);
		if (sub != NULL)
			sub_start(s, sub, c);
	}
}

/* ------------------------------------------------------------- from a worker */

static bool is_of_its_job(const struct client *c, const json_t *o)
{
	return c->busy && json_integer_value(json_object_get(o, "attempt")) == c->attempt;
}

void work_progress(struct sched *s, struct client *c, const json_t *o)
{
	const char *stage = json_string_value(json_object_get(o, "stage"));
	int64_t test = json_integer_value(json_object_get(o, "test"));
	int64_t tests = json_integer_value(json_object_get(o, "tests"));
	struct sub *sub = c->work > 0 ? sub_find(s, c->work) : NULL;

	if (!is_of_its_job(c, o) || sub == NULL || sub->worker != c || stage == NULL ||
	    test < 0 || test > tests)
		return;
	sub_line(sub, strcmp(stage, "running") == 0, test, tests);
}

/* A judge error is tried again: it may have been the moment's. */
static void sub_outcome(struct sched *s, struct sub *sub, const struct outcome *o)
{
	if (o->verdict == VERDICT_JE && sub->retries < s->settings.retries) {
		sub->retries++;
		log_warn("submission %" PRId64 ": judge error in attempt %" PRId64 ": %s",
			 sub->id, sub->attempt, o->message != NULL ? o->message : "unknown cause");
		sub_requeue(s, sub);
		return;
	}
	sub_done(s, sub, o);
}

/* A worker may have been taken over: only what fits its job is an outcome. */
static int outcome_of(const struct client *c, const char *text, struct outcome *ret,
		      struct diag *diag)
{
	struct outcome o = { 0 };
	struct job *job = NULL;
	int r;

	r = outcome_decode(text, strlen(text), &o, diag);
	if (r == 0)
		r = job_decode(c->job.data, c->job.len, &job, diag);
	if (r == 0)
		r = outcome_fits(&o, job, diag);
	job_free(job);
	if (r < 0)
		outcome_release(&o);
	else
		*ret = o;
	return r;
}

/* What a worker said, as an outcome; a fault of the judge's own is one too. */
static int outcome_read(const struct client *c, const json_t *o, struct outcome *ret)
{
	const char *failed = json_string_value(json_object_get(o, "failed"));
	struct diag diag = { "" };
	char *text = NULL;
	int r = -EINVAL;

	if (failed == NULL) {
		text = json_dumps(json_object_get(o, "outcome"), JSON_COMPACT);
		if (text == NULL)
			return -EINVAL;
		r = outcome_of(c, text, ret, &diag);
		free(text);
		failed = diag.text;
	}
	if (r < 0) {
		*ret = (struct outcome){ .verdict = VERDICT_JE, .max_score = 1 };
		ret->message = strdup(failed);
		r = ret->message != NULL ? 0 : -ENOMEM;
	}
	return r;
}

void work_outcome(struct sched *s, struct client *c, const json_t *o)
{
	struct sub *sub = c->work > 0 ? sub_find(s, c->work) : NULL;
	struct outcome outcome = { 0 };
	int64_t work = c->work;

	if (!is_of_its_job(c, o) || outcome_read(c, o, &outcome) < 0) {
		log_warn("worker %d sends an outcome that nobody waits for", c->slot);
		c->dead = true;
		return;
	}
	c->busy = false;
	c->work = 0;
	if (sub != NULL && sub->worker == c) {
		s->judged++;
		s->judging_us += clock_mono_us() - c->started_us;
		sub_outcome(s, sub, &outcome);
	} else if (work < 0) {
		calibration_outcome(s, work, &outcome);
	}
	outcome_release(&outcome);
}

void work_lost(struct sched *s, struct client *c)
{
	struct sub *sub = c->work > 0 ? sub_find(s, c->work) : NULL;

	if (!c->busy)
		return;
	if (c->work < 0)
		calibration_lost(s, c->work);
	if (sub == NULL || sub->worker != c)
		return;
	sub->worker = NULL;
	log_warn("submission %" PRId64 ": attempt %" PRId64 " is lost with worker %d", sub->id,
		 sub->attempt, c->slot);
	if (++sub->losses < SCHED_LOSSES)
		sub_requeue(s, sub);
	else
		sub_judge_error(s, sub, "the worker died in every attempt");
}

/* ------------------------------------------------------------- from elsewhere */

void work_replaced(struct sched *s, int64_t id)
{
	struct sub *sub = sub_find(s, id);
	struct submission_row row;
	struct buf cancel = { 0 };

	/* It is said after the commit; a row that is there still was not replaced. */
	if (sub == NULL || store_submission(s->store, id, &row) != -ENOENT)
		return;
	if (sub->worker != NULL) {
		buf_printf(&cancel, "{\"op\":\"cancel\",\"id\":%" PRId64 "}", id);
		client_send(sub->worker, &cancel);
		buf_release(&cancel);
	}
	sub_forget(s, sub);
}
