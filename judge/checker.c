/*
 * checker.c - validators of outputs and of inputs
 */
#include <errno.h>
#include <stdlib.h>

#include "base/io.h"
#include "judge/check.h"
#include "judge/compile.h"
#include "judge/job.h"
#include "judge/run.h"
#include "judge/validator.h"

enum verdict check_end(const struct box_report *report, const struct limits *limits,
		       const char *said, char **ret_cause)
{
	*ret_cause = NULL;
	if (report->end == BOX_EXITED && report->code == VALIDATOR_RIGHT)
		return VERDICT_AC;
	if (report->end == BOX_EXITED && report->code == VALIDATOR_WRONG)
		return VERDICT_WA;
	*ret_cause = validation_cause("output validator", "42 or 43", report, limits, said);
	return VERDICT_JE;
}

static int validate(struct validation *v, const struct judge_env *env, struct diag *diag)
{
	struct box_spec spec = { 0 };
	int r = validation_begin(v, env, &spec, diag);

	if (r < 0)
		return r;
	r = box_run(env->box, &spec, &v->report, diag);
	if (r == 0)
		r = validation_end(v);
	validation_spec_release(&spec);
	return r;
}

int check_program(const struct compiled *checker, const struct test *t,
		  const struct limits *limits, const struct judge_env *env, int out_fd,
		  struct check_result *ret, struct diag *diag)
{
	struct validation v = { .program = checker, .args = &t->args, .limits = limits,
				.profile = "checker", .stdin_fd = out_fd, .said_fd = -1 };
	struct check_result res = { 0 };
	char *why = NULL;
	int r;

	r = validation_test(&v, t, env, diag);
	if (r == 0)
		r = validate(&v, env, diag);
	if (r == 0)
		r = validation_feedback(&v, &res);
	if (r < 0)
		goto out;
	res.verdict = check_end(&v.report, limits, v.said, &why);
	if (why) {
		/* It tells more than what the validator had written by then. */
		free(res.staff_message);
		res.staff_message = why;
	}
	*ret = res;
	res = (struct check_result){ 0 };
out:
	validation_release(&v);
	check_result_release(&res);
	return r;
}

int check_input(const struct compiled *validator, const struct blob_ref *in,
		const struct strv *args, const struct limits *limits,
		const struct judge_env *env, char **ret_why, struct diag *diag)
{
	struct validation v = { .program = validator, .args = args, .limits = limits,
				.profile = "checker", .stdin_fd = -1, .said_fd = -1 };
	bool valid;
	int r;

	v.stdin_fd = run_input(in, env, diag);
	if (v.stdin_fd < 0)
		return v.stdin_fd;
	r = validate(&v, env, diag);
	if (r == 0) {
		valid = v.report.end == BOX_EXITED && v.report.code == VALIDATOR_RIGHT;
		*ret_why = valid ? NULL :
			   validation_cause("input validator", "42", &v.report, limits, v.said);
	}
	io_close(v.stdin_fd);
	validation_release(&v);
	return r;
}
