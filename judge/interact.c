#include "judge/interact.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "judge/compile.h"
#include "judge/job.h"
#include "judge/validator.h"

/* ------------------------------------------------------------- who is to blame */

enum {					/* what the interactor says */
	ACCEPTS = 1, REJECTS = 2, FAILS = 4,
};

enum {					/* how the program ended */
	WELL = 1,
	CUT = 2,			/* of words to an interactor that had left: no fault */
	SILENT = 4,			/* waiting */
	BADLY = 8,
};

enum {					/* when it ended: a later one knew of the other's end */
	BEFORE = 1, MEANWHILE = 2, AFTER = 4,
};

#define ANY	0xf
#define OWN	VERDICT_SK		/* the program's verdict and message */

static const struct row {
	unsigned says, ended, when;
	enum verdict verdict;
	const char *words;		/* a message, or what is added to the program's own */
} rows[] = {
	{ REJECTS,	ANY,	AFTER,			VERDICT_WA,	NULL },
	{ FAILS,	ANY,	MEANWHILE | AFTER,	VERDICT_JE,	NULL },
	{ ANY,		SILENT,	BEFORE,			OWN,		INTERACT_SILENT },
	{ ANY,		SILENT,	ANY,			OWN,		INTERACT_OVER },
	{ ANY,		BADLY,	ANY,			OWN,		NULL },
	{ ACCEPTS,	ANY,	ANY,			VERDICT_AC,	NULL },
	{ REJECTS,	ANY,	ANY,			VERDICT_WA,	NULL },
	{ FAILS,	ANY,	ANY,			VERDICT_WA,	INTERACT_EARLY },
};

static unsigned says(const struct box_report *interactor)
{
	if (interactor->end != BOX_EXITED)
		return FAILS;
	return interactor->code == VALIDATOR_RIGHT ? ACCEPTS :
	       interactor->code == VALIDATOR_WRONG ? REJECTS : FAILS;
}

static unsigned ended(const struct interact_facts *f)
{
	switch (f->program->verdict) {
	case VERDICT_AC:
		return WELL;
	case VERDICT_ILE:
		return SILENT;
	case VERDICT_RE:
		return f->program->signal == SIGPIPE && f->heard->cut[RELAY_PROGRAM] ? CUT : BADLY;
	default:
		return BADLY;
	}
}

static unsigned when(const struct interact_facts *f)
{
	const struct relay_heard *heard = f->heard;

	if (f->interactor->end == BOX_NOT_STARTED)
		return AFTER;		/* it was never there */
	if (heard->first[RELAY_PROGRAM] == heard->first[RELAY_INTERACTOR])
		return MEANWHILE;
	return heard->first[RELAY_PROGRAM] ? BEFORE : AFTER;
}

static char *words(const struct row *row, const struct run *program)
{
	const char *own = row->verdict == OWN && program->message ? program->message : "";
	char *text = NULL;

	if (!*own && !row->words)
		return NULL;
	if (asprintf(&text, "%s%s%s", own, *own && row->words ? ": " : "",
		     row->words ? row->words : "") < 0)
		return NULL;
	return text;
}

enum verdict interact_verdict(const struct interact_facts *f, const struct limits *limits,
			      char **ret_message, char **ret_cause)
{
	const unsigned said = says(f->interactor), end = ended(f), time = when(f);
	const struct row *row = rows;

	while (!(row->says & said && row->ended & end && row->when & time))
		row++;		/* the last three fit whatever there is */
	*ret_message = words(row, f->program);
	*ret_cause = said == FAILS ? validation_cause("interactor", "42 or 43", f->interactor,
						      limits, f->said) : NULL;
	return row->verdict == OWN ? f->program->verdict : row->verdict;
}

/* ------------------------------------------------------------- the run of both */

static void text_replace(char **to, char *from)
{
	free(*to);
	*to = from;
}

static int decide(const struct interact_facts *f, const struct limits *limits,
		  struct check_result *res)
{
	char *message = NULL, *cause = NULL;

	res->verdict = interact_verdict(f, limits, &message, &cause);
	/* What the interactor tells the student is about what it has decided itself. */
	if (message || (res->verdict != VERDICT_AC && res->verdict != VERDICT_WA))
		text_replace(&res->message, message);
	/* It tells more than what the interactor had written by then. */
	if (cause)
		text_replace(&res->staff_message, cause);
	return res->verdict == VERDICT_JE && !cause ? -ENOMEM : 0;
}

static int talk(struct box_spec specs[RELAY_SIDES], const struct limits *limits,
		const struct judge_env *env, struct box_report reports[RELAY_SIDES],
		struct relay_heard *heard, struct diag *diag)
{
	const struct relay_limits most = {
		.said = { [RELAY_PROGRAM] = limits->output_bytes, [RELAY_INTERACTOR] = INT64_MAX },
		/* As much as a pipe holds that nobody reads. */
		.unheard = { [RELAY_PROGRAM] = 64 << 10, [RELAY_INTERACTOR] = INT64_MAX },
	};
	struct relay_ends ends;
	struct relay *relay;
	int r;

	r = relay_start(&most, &relay, &ends, diag);
	if (r < 0)
		return r;
	for (int side = 0; side < RELAY_SIDES; side++) {
		specs[side].stdin_fd = ends.in[side];
		specs[side].stdout_fd = ends.out[side];
	}
	r = box_run_together(env->box, specs, RELAY_SIDES, reports, diag);
	relay_stop(relay, heard);
	return r;
}

int interact_run(const struct compiled *program, const struct compiled *interactor,
		 const struct test *t, const struct limits *limits, const struct judge_env *env,
		 struct run *ret_run, struct check_result *ret, struct diag *diag)
{
	struct validation v = { .program = interactor, .args = &t->args, .limits = limits,
				.profile = "interactor", .stdin_fd = -1, .said_fd = -1 };
	struct box_spec specs[RELAY_SIDES] = { 0 };
	struct box_report reports[RELAY_SIDES] = { 0 };
	struct run run = { .out_fd = -1 };
	struct check_result res = { 0 };
	struct relay_heard heard = { 0 };
	int err = run_stderr(), r;

	r = err < 0 ? diag_fail(diag, err, "prepare a run") : 0;
	if (r == 0)
		r = run_spec(program, limits, env, err, &specs[RELAY_PROGRAM]);
	if (r == 0)
		r = validation_test(&v, t, env, diag);
	if (r == 0)
		r = validation_begin(&v, env, &specs[RELAY_INTERACTOR], diag);
	if (r < 0)
		goto out;
	specs[RELAY_PROGRAM].patience = 3;	/* as its own wall time is of its CPU time */
	/* It waits for the program, and from the program's end on has what any validator has. */
	specs[RELAY_INTERACTOR].linger_us = validation_wall_us(limits);
	specs[RELAY_INTERACTOR].limits.wall_us += limits->wall_us + limits->check_time_us;
	r = talk(specs, limits, env, reports, &heard, diag);
	if (r < 0)
		goto out;
	v.report = reports[RELAY_INTERACTOR];
	r = run_take(program, &specs[RELAY_PROGRAM], &reports[RELAY_PROGRAM], limits,
		     heard.bytes[RELAY_PROGRAM], &run, diag);
	if (r == 0)
		r = validation_end(&v);
	if (r == 0)
		r = validation_feedback(&v, &res);
	if (r == 0)
		r = decide(&(struct interact_facts){ &run, &v.report, &heard, v.said }, limits, &res);
	if (r < 0)
		goto out;
	*ret_run = run;
	*ret = res;
	run = (struct run){ .out_fd = -1 };
	res = (struct check_result){ 0 };
out:
	box_report_release(&reports[RELAY_PROGRAM]);
	strv_release(&specs[RELAY_PROGRAM].argv);
	validation_spec_release(&specs[RELAY_INTERACTOR]);
	validation_release(&v);
	check_result_release(&res);
	run_release(&run);
	io_close(err);
	return r;
}
