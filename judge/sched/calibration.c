/*
 * calibration.c - a problem without a time limit gets one from its accepted references
 *
 * They are judged one after another by the workers, each a job of its own with time to spare.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "judge/sched/sched.h"

struct calibration {
	struct calibration *next;
	struct problem *problem;
	char digest[65];
	int64_t wall_us;		/* as the package has it */
	size_t reference;		/* which is judged */
	int64_t id;			/* of its job, negative */
	int64_t slowest_us;		/* < 0: none was judged */
	int losses;
};

static void calibration_free(struct calibration *c)
{
	if (c == NULL)
		return;
	problem_free(c->problem);
	free(c);
}

static struct calibration *calibration_find(struct sched *s, int64_t id)
{
	for (struct calibration *c = s->calibrations; c != NULL; c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

static void calibration_remove(struct sched *s, struct calibration *c)
{
	struct calibration **at = &s->calibrations;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	queue_remove(&s->queue, c->id);
	calibration_free(c);
}

void calibration_forget(struct sched *s, const char *name)
{
	for (struct calibration *c = s->calibrations; c != NULL; c = c->next) {
		if (strcmp(c->problem->id, name) != 0)
			continue;
		calibration_remove(s, c);
		return;
	}
}

static void calibration_broken(struct sched *s, struct calibration *c, const char *why)
{
	problem_broken(s, c->problem->id, c->digest, why);
	calibration_remove(s, c);
}

static const struct reference *calibration_reference(const struct calibration *c)
{
	return &c->problem->references[c->reference];
}

/* Queue the next reference that counts; after the last one the limit is known. */
static void calibration_next(struct sched *s, struct calibration *c)
{
	struct problem *p = c->problem;
	struct diag why = { "" };

	while (c->reference < p->nreferences && (!p->references[c->reference].defines_time ||
						 p->references[c->reference].skip != NULL))
		c->reference++;
	if (c->reference < p->nreferences) {
		c->id = --s->last_calibration;
		if (queue_add(&s->queue, 0, c->id, false) < 0)
			sched_fatal(s, -ENOMEM, "calibrate");
		return;
	}
	if (problem_limit_measured(p, c->slowest_us, &why) < 0) {
		calibration_broken(s, c, why.text);
		return;
	}
	p->limits.wall_us = c->wall_us;
	problem_install(s, p, c->digest);
	calibration_remove(s, c);
}

void calibration_start(struct sched *s, struct found *f)
{
	struct calibration *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		sched_fatal(s, -ENOMEM, "calibrate");
		return;
	}
	c->problem = f->problem;
	f->problem = NULL;		/* transferred */
	memcpy(c->digest, f->digest, sizeof(c->digest));
	c->slowest_us = -1;
	c->wall_us = c->problem->limits.wall_us;
	c->next = s->calibrations;
	s->calibrations = c;
	problem_unlimit(c->problem);
	log_info("problem '%s': its time limit is measured", c->problem->id);
	calibration_next(s, c);
}

void calibration_dispatch(struct sched *s, int64_t id, struct client *client)
{
	struct calibration *c = calibration_find(s, id);
	struct job job = { .id = id, .attempt = 1, .run_all = true };

	if (c == NULL)
		return;
	job.problem = c->problem;
	job.program = calibration_reference(c)->program;
	if (work_send(client, &job) < 0)
		calibration_broken(s, c, "its time limit can not be measured");
}

void calibration_outcome(struct sched *s, int64_t id, const struct outcome *o)
{
	struct calibration *c = calibration_find(s, id);
	struct diag why = { "" };

	if (c == NULL)
		return;			/* a newer version took its place */
	if (o->verdict == VERDICT_JE && c->losses + 1 < SCHED_LOSSES) {
		c->losses++;
		calibration_next(s, c);
		return;
	}
	if (problem_reference_time(calibration_reference(c), o, &c->slowest_us, &why) < 0) {
		calibration_broken(s, c, why.text);
		return;
	}
	c->reference++;
	calibration_next(s, c);
}

void calibration_lost(struct sched *s, int64_t id)
{
	struct calibration *c = calibration_find(s, id);
	struct diag why = { "" };

	if (c == NULL)
		return;
	if (++c->losses < SCHED_LOSSES) {
		calibration_next(s, c);
		return;
	}
	diag_fail(&why, -EINVAL, "%s: the worker died in every attempt",
		  calibration_reference(c)->path);
	calibration_broken(s, c, why.text);
}

void calibrations_stop(struct sched *s)
{
	while (s->calibrations != NULL)
		calibration_remove(s, s->calibrations);
}
