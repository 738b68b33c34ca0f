/*
 * interact.h - a program that talks with an interactor, which decides
 *
 *	r = interact_run(program, interactor, test, &limits, &env, &run, &result, &diag);
 *
 * An interactor is an output validator (42 right, 43 wrong) whose stdin is the program's
 * stdout and the other way round. Each is in a box of its own, on one core; relay.h carries
 * what they say. The program is charged what it used itself, and has three times the
 * CPU time of the interactor as wall time on top of its own.
 */
#ifndef JUDGE_INTERACT_H
#define JUDGE_INTERACT_H

#include "base/base.h"
#include "judge/check.h"
#include "judge/relay.h"
#include "judge/run.h"

struct interact_facts {
	const struct run *program;	/* its end, looked at alone */
	const struct box_report *interactor;
	const struct relay_heard *heard;
	const char *said;		/* on the interactor's stderr; NULL */
};

/**
 * interact_verdict() - who is to blame; pure, the first row of its table that fits
 *
 *	what the interactor rejected before the program ended	WA, whatever the program did then
 *	an interactor that failed by itself			JE
 *	a program that did not end well				its own verdict
 *	else							what the interactor says
 *	an interactor that failed after the program's end	WA
 *
 * @ret_message: for the student instead of the interactor's; NULL: none. free() it
 * @ret_cause:	for staff, when the interactor failed; NULL: it did not. free() it
 */
enum verdict interact_verdict(const struct interact_facts *f, const struct limits *limits,
			      char **ret_message, char **ret_cause);

/* In messages; report.c has hints for them. */
#define INTERACT_SILENT	"nobody said anything more"
#define INTERACT_OVER	"the interactor had ended"
#define INTERACT_EARLY	"ended before the interactor could decide"

/**
 * interact_run() - one test
 * @ret_run:	what the program used and how it ended; its verdict is of no further use
 * @ret:	the verdict of both, and what there is to say of it
 * Return: 0; -EPIPE, -ECANCELED, -ENOMEM; another -errno when the sandbox failed.
 */
int interact_run(const struct compiled *program, const struct compiled *interactor,
		 const struct test *t, const struct limits *limits, const struct judge_env *env,
		 struct run *ret_run, struct check_result *ret, struct diag *diag);

#endif
