/*
 * job.c - a job's way: compile, run every test, check, decide
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/io.h"
#include "judge/check.h"
#include "judge/compile.h"
#include "judge/interact.h"
#include "judge/job.h"
#include "judge/outcome.h"
#include "judge/run.h"

/* ------------------------------------------------------------- judging */

struct judging {
	const struct job *job;
	const struct problem *problem;
	const struct judge_env *env;
	struct limits limits;		/* of a run in this language */
	struct compiled *program, *checker;
	struct outcome o;
	struct diag why;		/* of what went wrong on the judge's side */
};

static bool cancelled(const struct judging *j)
{
	struct pollfd p = { .fd = j->env->cancel_fd, .events = POLLIN };

	return p.fd >= 0 && poll(&p, 1, 0) > 0;
}

static void progress(const struct judging *j, enum job_stage stage, size_t test)
{
	if (j->env->progress)
		j->env->progress(j->env->ctx, stage, test, j->problem->ntests);
}

/* These end the judging without an outcome; whatever else goes wrong is a JE. */
static bool fatal(int r)
{
	return r == -EPIPE || r == -ECANCELED || r == -ENOMEM;
}

static int judge_error(struct judging *j, int r)
{
	if (fatal(r))
		return r;
	return outcome_set(&j->o, VERDICT_JE, j->why.text[0] ? j->why.text : strerror(-r));
}

/* Why this program is not even compiled, or "". */
static int refusal(const struct judging *j, struct buf *ret)
{
	const struct program *program = &j->job->program;
	const struct problem *p = j->problem;
	int64_t bytes = 0;

	for (size_t i = 0; i < program->nsources; i++)
		bytes += program->sources[i].blob.size;
	if (!lang_allowed(&p->languages, program->lang)) {
		buf_printf(ret, "language '%s' is not allowed here:", program->lang->name);
		for (size_t i = 0; i < p->languages.n; i++)
			buf_printf(ret, "%s %s", i ? "," : "", p->languages.v[i]);
	} else if (p->limits.source_bytes > 0 && bytes > p->limits.source_bytes) {
		buf_printf(ret, "the source has %lld bytes; %lld are allowed", (long long)bytes,
			   (long long)p->limits.source_bytes);
	}
	return ret->failed ? -ENOMEM : 0;
}

/* What compiling gave becomes the outcome's. */
static int take_compiled(struct judging *j)
{
	const struct compiled *c = j->program;

	j->o.compile_cpu_us = c->cpu_us;
	j->o.compile_failed = !c->ok;
	if (text_copy(&j->o.compile_text, c->text) < 0)
		return -ENOMEM;
	return c->ok ? 0 : outcome_set(&j->o, VERDICT_CE, c->why);
}

static int compile_checker(struct judging *j)
{
	const struct check *check = &j->problem->check;
	const char *which = check->type == CHECK_INTERACTIVE ? "interactor" : "output validator";
	int r;

	if (!check_has_program(check))
		return 0;
	r = compile_program(&check->program, NULL, 0, &j->problem->limits, j->env, &j->checker,
			    &j->why);
	if (r < 0) {
		diag_prefix(&j->why, "%s", which);
		return judge_error(j, r);
	}
	if (!j->checker->ok) {
		diag_fail(&j->why, -EINVAL, "the %s does not compile: %s; %.600s", which,
			  j->checker->why, j->checker->text ? j->checker->text : "");
		return judge_error(j, -EINVAL);
	}
	return 0;
}

/* A file in memory for as long as it is looked at. */
struct view {
	void *data;
	size_t len;
};

static int view_open(struct view *v, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	v->len = st.st_size;
	if (v->len == 0)
		return 0;
	v->data = mmap(NULL, v->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (v->data == MAP_FAILED) {
		v->data = NULL;
		return -errno;
	}
	return 0;
}

static void view_close(struct view *v)
{
	if (v->data)
		munmap(v->data, v->len);
}

static int compare(struct judging *j, const struct test *t, int out_fd,
		   struct check_result *ret)
{
	struct view ans = { 0 }, out = { 0 };
	int fd, r;

	fd = blobs_get(j->env->blobs, &t->ans.digest);
	if (fd < 0)
		return diag_fail(&j->why, fd, "read the answer");
	r = view_open(&ans, fd);
	if (r == 0)
		r = view_open(&out, out_fd);
	if (r < 0)
		diag_fail(&j->why, r, "look at the output");
	else
		r = check_text(&j->problem->check, &t->args, ans.data, ans.len, out.data,
			       out.len, ret, &j->why);
	view_close(&ans);
	view_close(&out);
	io_close(fd);
	return r;
}

/* Moves a text from one owner to another. */
static void text_move(char **to, char **from)
{
	*to = *from;
	*from = NULL;
}

/* On failure the test stays SK; whether that is a JE is the caller's to say. */
static int run_and_check(struct judging *j, const struct test *t, struct run *run,
			 struct check_result *res)
{
	int in = run_input(&t->in, j->env, &j->why), r;

	if (in < 0)
		return in;
	r = run_program(j->program, &j->limits, j->env, in, t->ans.size, run, &j->why);
	io_close(in);
	if (r < 0)
		return r;
	if (run->verdict != VERDICT_AC) {
		res->verdict = run->verdict;
		text_move(&res->message, &run->message);
		return 0;
	}
	return j->checker ? check_program(j->checker, t, &j->problem->limits, j->env, run->out_fd,
					  res, &j->why) :
			    compare(j, t, run->out_fd, res);
}

/* On a line of its own behind what is there. */
static int text_append(char **to, const char *text)
{
	char *both = NULL;

	if (asprintf(&both, "%s%s%s", *to ? *to : "", *to ? "\n" : "", text) < 0)
		return -ENOMEM;
	free(*to);
	*to = both;
	return 0;
}

struct try {
	struct run run;
	struct check_result res;
};

static void try_release(struct try *t)
{
	run_release(&t->run);
	check_result_release(&t->res);
}

static int try_test(struct judging *j, const struct test *t, struct try *ret)
{
	*ret = (struct try){ .run.out_fd = -1 };
	if (j->problem->check.type == CHECK_INTERACTIVE)
		return interact_run(j->program, j->checker, t, &j->limits, j->env, &ret->run,
				    &ret->res, &j->why);
	return run_and_check(j, t, &ret->run, &ret->res);
}

/* The first that is not too slow counts, else the fastest. @ret: the test's runs */
static int try_until_sure(struct judging *j, const struct test *t, struct try *best,
			  struct test_result *ret)
{
	int r = try_test(j, t, best);
	bool near = r == 0 && best->run.near;

	ret->runs = 1;
	ret->slowest_us = best->run.cpu_us;
	while (r == 0 && near && best->res.verdict == VERDICT_TLE && ret->runs <= j->limits.confirm) {
		struct try again, worse;

		r = try_test(j, t, &again);
		worse = again;
		if (r == 0 && (again.res.verdict != VERDICT_TLE ||
			       again.run.cpu_us < best->run.cpu_us)) {
			worse = *best;
			*best = again;
		}
		if (worse.run.cpu_us > ret->slowest_us)
			ret->slowest_us = worse.run.cpu_us;
		ret->runs++;
		try_release(&worse);
	}
	return r;
}

static int judge_test(struct judging *j, const struct test *t, struct test_result *ret)
{
	struct try try;
	struct run *run = &try.run;
	struct check_result *res = &try.res;
	int r;

	r = try_until_sure(j, t, &try, ret);
	if (r < 0)
		goto out;
	ret->cpu_us = run->cpu_us;
	ret->wall_us = run->wall_us;
	ret->memory_bytes = run->memory_bytes;
	ret->exit_code = run->exit_code;
	ret->signal = run->signal;
	ret->verdict = res->verdict;
	text_move(&ret->message, &res->message);
	text_move(&ret->staff_message, &res->staff_message);
	text_move(&ret->difference, &res->difference);
	if (run->verdict == VERDICT_AC || run->verdict != res->verdict)
		goto out;
	/* It is to blame. What it says about secret data is for staff. */
	if (t->sample)
		text_move(&ret->said, &run->said);
	else if (run->said)
		r = text_append(&ret->staff_message, run->said);
out:
	try_release(&try);
	return r;
}

/* The slowest and the greatest of all that ran. */
static void outcome_count(struct outcome *o, const struct test_result *t)
{
	if (t->cpu_us > o->cpu_us)
		o->cpu_us = t->cpu_us;
	if (t->wall_us > o->wall_us)
		o->wall_us = t->wall_us;
	if (t->memory_bytes > o->memory_bytes)
		o->memory_bytes = t->memory_bytes;
}

static int test_decides(struct outcome *o, const struct test_result *t)
{
	int r;

	free(o->test);
	r = text_copy(&o->test, t->name);
	if (r == 0)
		r = outcome_set(o, t->verdict, t->verdict == VERDICT_JE ? t->staff_message : NULL);
	return r;
}

/* A test for which the judge failed: JE here and as a whole. */
static int test_failed(struct judging *j, struct test_result *t, int r)
{
	if (fatal(r))
		return r;
	t->verdict = VERDICT_JE;
	free(t->staff_message);
	r = text_copy(&t->staff_message, j->why.text[0] ? j->why.text : strerror(-r));
	return r;
}

static int judge_tests(struct judging *j)
{
	bool all = j->job->run_all || j->problem->run_all;
	enum verdict decided = VERDICT_AC;
	int r;

	for (size_t i = 0; i < j->o.ntests; i++) {
		struct test_result *t = &j->o.tests[i];

		if (cancelled(j))
			return -ECANCELED;
		progress(j, JOB_RUNNING, i + 1);
		r = judge_test(j, &j->problem->tests[i], t);
		if (r < 0)
			r = test_failed(j, t, r);
		if (r < 0)
			return r;
		outcome_count(&j->o, t);
		if (t->verdict == VERDICT_JE)
			return test_decides(&j->o, t);
		if (t->verdict != VERDICT_AC && decided == VERDICT_AC) {
			decided = t->verdict;
			r = test_decides(&j->o, t);
			if (r < 0)
				return r;
			if (!all)
				return 0;
		}
	}
	j->o.verdict = decided;
	j->o.score = decided == VERDICT_AC ? j->o.max_score : 0;
	return 0;
}

static int judge(struct judging *j)
{
	const struct job *job = j->job;
	struct buf why = { 0 };
	int r = 0;

	if (!job->program.lang || job->program.nsources == 0 || j->problem->ntests == 0) {
		diag_fail(&j->why, -EINVAL, "the job lacks a %s",
			  j->problem->ntests == 0 ? "test" : "program");
		return judge_error(j, -EINVAL);
	}
	r = refusal(j, &why);
	if (r == 0 && why.len > 0) {
		j->o.compile_failed = true;
		r = outcome_set(&j->o, VERDICT_CE, buf_text(&why));
	}
	buf_release(&why);
	if (r < 0 || j->o.verdict != VERDICT_SK)
		return r;
	progress(j, JOB_COMPILING, 0);
	r = compile_program(&job->program, j->problem->includes, j->problem->nincludes,
			    &j->problem->limits, j->env, &j->program, &j->why);
	r = r < 0 ? judge_error(j, r) : take_compiled(j);
	if (r == 0 && j->o.verdict == VERDICT_SK)
		r = compile_checker(j);
	if (r < 0 || j->o.verdict != VERDICT_SK)
		return r;
	problem_limits(j->problem, job->program.lang, &j->limits);
	return judge_tests(j);
}

int job_judge(const struct job *job, const struct judge_env *env, struct outcome *ret,
	      struct diag *diag)
{
	struct judging j = { .job = job, .problem = job->problem, .env = env };
	int r = outcome_init(&j.o, job->problem, job->program.lang);

	if (r == 0)
		r = judge(&j);
	compiled_put(j.program);
	compiled_put(j.checker);
	if (r < 0) {
		outcome_release(&j.o);
		return diag_fail(diag, r, "%s", j.why.text[0] ? j.why.text : "judge");
	}
	*ret = j.o;
	return 0;
}
