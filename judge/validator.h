/*
 * validator.h - a program that a package brings, in a box of its own
 *
 *	struct validation v = { .program = ..., .profile = "checker", .stdin_fd = -1, .said_fd = -1 };
 *	r = validation_test(&v, test, &env, &diag);	one that wants the files of a test
 *	r = validation_begin(&v, &env, &spec, &diag);
 *	r = box_run(env->box, &spec, &v.report, &diag);
 *	r = validation_end(&v);
 *	validation_spec_release(&spec);
 *	validation_release(&v);
 *
 * What output validators, input validators and interactors have in common.
 */
#ifndef JUDGE_VALIDATOR_H
#define JUDGE_VALIDATOR_H

#include "base/base.h"
#include "base/strv.h"
#include "judge/check.h"
#include "judge/problem.h"
#include "sandbox/box.h"

#define VALIDATOR_RIGHT	42
#define VALIDATOR_WRONG	43

struct compiled;
struct judge_env;

struct validation {
	const struct compiled *program;
	const struct strv *args;
	const struct limits *limits;
	const char *profile;
	int stdin_fd;			/* borrowed */
	struct box_file files[3];	/* beside its own: validation_test(); owned */
	size_t nfiles;
	int64_t files_bytes;
	int said_fd;			/* stdout and stderr; owned */
	struct box_report report;	/* owned */
	char *said;			/* the beginning of what it wrote; owned */
};

/** validation_test() - its arguments begin with input, answer and feedback folder, which are there */
int validation_test(struct validation *v, const struct test *t, const struct judge_env *env,
		    struct diag *diag);

/** validation_begin() - all of a run; what @ret borrows is @v's */
int validation_begin(struct validation *v, const struct judge_env *env, struct box_spec *ret,
		     struct diag *diag);
int64_t validation_wall_us(const struct limits *limits);	/* of one that waits for nobody */
void validation_spec_release(struct box_spec *spec);

/** validation_end() - v->report is there: take what it wrote; Return: 0; -ECANCELED; -errno */
int validation_end(struct validation *v);
void validation_release(struct validation *v);

/** validation_feedback() - judgemessage.txt and teammessage.txt */
int validation_feedback(const struct validation *v, struct check_result *ret);

/** validation_cause() - "the WHICH ended with status 1, not EXPECTED; it wrote: ..."; free() it */
char *validation_cause(const char *which, const char *expected, const struct box_report *report,
		       const struct limits *limits, const char *said);

#endif
