/*
 * calibrate.c - the time limit from the accepted submissions
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "judge/job.h"

#define SECOND		INT64_C(1000000)

void problem_unlimit(struct problem *p)
{
	p->limits.cpu_us = 60 * SECOND;
	p->limits.wall_us = 0;
}

int problem_reference_time(const struct reference *ref, const struct outcome *o,
			   int64_t *slowest_us, struct diag *diag)
{
	if (o->verdict != VERDICT_AC)
		return diag_fail(diag, -EINVAL, "%s: it should be accepted and is not: %s%s%s%s%s",
				 ref->path, verdict_words(o->verdict)->words,
				 o->test ? " on test " : "", o->test ? o->test : "",
				 o->message ? ": " : "", o->message ? o->message : "");
	if (o->cpu_us > *slowest_us)
		*slowest_us = o->cpu_us;
	return 0;
}

int64_t problem_limit_from(const struct problem *p, int64_t slowest_us)
{
	int64_t step = p->time_resolution_us > 0 ? p->time_resolution_us : 1;
	double want = slowest_us * (p->time_multiplier > 0 ? p->time_multiplier : 1);
	double steps = ceil(want / step);

	return steps < 1 ? step : (int64_t)steps * step;
}

int problem_limit_measured(struct problem *p, int64_t slowest_us, struct diag *diag)
{
	if (slowest_us < 0)
		return diag_fail(diag, -EINVAL, "no time limit, and no accepted submission that "
				 "can be run here to get one from");
	p->limits.cpu_us = problem_limit_from(p, slowest_us);
	return 0;
}

/* Judges one accepted submission with time to spare; its slowest test counts. */
static int time_reference(const struct problem *p, const struct reference *ref,
			  const struct judge_env *env, int64_t *slowest, struct diag *diag)
{
	const struct job job = { .problem = p, .program = ref->program, .run_all = true };
	struct outcome o = { 0 };
	int r = job_judge(&job, env, &o, diag);

	if (r < 0)
		return r;
	r = problem_reference_time(ref, &o, slowest, diag);
	outcome_release(&o);
	return r;
}

int problem_calibrate(struct problem *p, const struct judge_env *env, struct diag *diag)
{
	const struct limits before = p->limits;
	int64_t slowest = -1;
	int r = 0;

	problem_unlimit(p);
	for (size_t i = 0; r == 0 && i < p->nreferences; i++)
		if (p->references[i].defines_time && !p->references[i].skip)
			r = time_reference(p, &p->references[i], env, &slowest, diag);
	p->limits = before;
	return r < 0 ? r : problem_limit_measured(p, slowest, diag);
}
