/*
 * calibrate.c - the time limit from the accepted submissions
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "judge/job.h"

#define SECOND		INT64_C(1000000)
#define PROBE_US	(60 * SECOND)	/* CPU time of a test while the limit is not known */

int64_t problem_limit_from(const struct problem *p, int64_t slowest_us)
{
	int64_t step = p->time_resolution_us > 0 ? p->time_resolution_us : 1;
	double want = slowest_us * (p->time_multiplier > 0 ? p->time_multiplier : 1);
	double steps = ceil(want / step);

	return steps < 1 ? step : (int64_t)steps * step;
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
	if (o.verdict != VERDICT_AC)
		r = diag_fail(diag, -EINVAL, "%s: it should be accepted and is not: %s%s%s%s%s",
			      ref->path, verdict_words(o.verdict)->words, o.test ? " on test " : "",
			      o.test ? o.test : "", o.message ? ": " : "",
			      o.message ? o.message : "");
	else if (o.cpu_us > *slowest)
		*slowest = o.cpu_us;
	outcome_release(&o);
	return r;
}

int problem_calibrate(struct problem *p, const struct judge_env *env, struct diag *diag)
{
	const struct limits before = p->limits;
	int64_t slowest = -1;
	int r = 0;

	p->limits.cpu_us = PROBE_US;
	p->limits.wall_us = 0;
	for (size_t i = 0; r == 0 && i < p->nreferences; i++)
		if (p->references[i].defines_time && !p->references[i].skip)
			r = time_reference(p, &p->references[i], env, &slowest, diag);
	p->limits = before;
	if (r < 0)
		return r;
	if (slowest < 0)
		return diag_fail(diag, -EINVAL, "no time limit, and no accepted submission that "
				 "can be run here to get one from");
	p->limits.cpu_us = problem_limit_from(p, slowest);
	return 0;
}
