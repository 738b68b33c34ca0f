/*
 * outcome.h - beginning an outcome and deciding it; for job.c
 */
#ifndef JUDGE_OUTCOME_H
#define JUDGE_OUTCOME_H

#include "judge/job.h"

/** outcome_init() - every test is there from the start, not judged; @lang may be NULL */
int outcome_init(struct outcome *o, const struct problem *p, const struct lang *lang);

/** outcome_set() - the verdict of the whole, and why; @why may be NULL. 0 or -ENOMEM */
int outcome_set(struct outcome *o, enum verdict v, const char *why);

#endif
