/*
 * judgectl verify - does a package keep its promises?
 *
 * Its input validators over its inputs, its output validator over its answers, and every
 * reference submission against what its folder or tag says.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/log.h"
#include "base/units.h"
#include "judge/check.h"
#include "judge/compile.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"
#include "judge/run.h"

#define PATH_WIDTH	44	/* of the table's second column */

enum mark { MARK_OK, MARK_FAILED, MARK_SKIPPED, MARK_NOTE };	/* the last two do not count */

static const char *const mark_words[] = { "ok", "FAILED", "skipped", "note" };

struct verify {
	struct ctl_env env;
	bool json;
	struct buf rows;		/* of --json */
	size_t passed, failed;
};

/* One row of the table. */
struct row {
	enum mark mark;
	const char *kind;		/* "submission", "input validator", "answers", "package" */
	const char *path;
	const struct outcome *outcome;	/* of a submission that was judged, or NULL */
	const struct reference *ref;
	const char *note;
};

/* ------------------------------------------------------------- rows */

static void add_allowed(struct buf *b, unsigned allowed, const char *before, bool codes)
{
	for (int v = 0; v < VERDICTS; v++) {
		if (!(allowed & 1u << v))
			continue;
		buf_puts(b, before);
		if (codes)
			buf_json(b, verdict_words(v)->code);
		else
			buf_puts(b, verdict_words(v)->words);
		before = codes ? "," : " or ";
	}
}

/* On one line, whatever a package's author has put into it. */
static void add_line(struct buf *b, const char *text)
{
	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		buf_clean(b, text, n);
		buf_puts(b, text[n] ? " " : "");
	}
}

static void row_text(const struct row *row, struct buf *b)
{
	const struct outcome *o = row->outcome;
	char time[32], memory[32];
	size_t from;

	buf_printf(b, "  %-8s ", mark_words[row->mark]);
	from = b->len;
	add_line(b, row->path);
	if (b->len - from < PATH_WIDTH)
		buf_printf(b, "%*s", (int)(PATH_WIDTH - (b->len - from)), "");
	if (o) {
		format_duration(o->cpu_us, time);
		report_memory(o->memory_bytes, memory);
		buf_printf(b, "  %-23s  %9s  %10s", verdict_words(o->verdict)->words, time, memory);
		if (o->test)
			buf_printf(b, "  on test %s", o->test);
	}
	if (row->mark == MARK_FAILED && row->ref)
		add_allowed(b, row->ref->allowed, "  promised: ", false);
	if (row->note) {
		buf_puts(b, "  ");
		add_line(b, row->note);
	}
	buf_puts(b, "\n");
}

static void row_json(const struct row *row, const char *package, struct buf *b)
{
	const struct outcome *o = row->outcome;

	buf_puts(b, b->len ? "," : "");
	buf_puts(b, "{\"package\":");
	buf_json(b, package);
	buf_puts(b, ",\"kind\":");
	buf_json(b, row->kind);
	buf_puts(b, ",\"path\":");
	buf_json(b, row->path);
	buf_puts(b, ",\"result\":");
	buf_json(b, mark_words[row->mark]);
	buf_puts(b, ",\"language\":");
	buf_json(b, row->ref && row->ref->program.lang ? row->ref->program.lang->id : NULL);
	buf_puts(b, ",\"promised\":[");
	add_allowed(b, row->ref ? row->ref->allowed : 0, "", true);
	buf_puts(b, "],\"verdict\":");
	buf_json(b, o ? verdict_words(o->verdict)->code : NULL);
	buf_puts(b, ",\"test\":");
	buf_json(b, o ? o->test : NULL);
	buf_printf(b, ",\"cpu_us\":%lld,\"memory_bytes\":%lld,\"note\":",
		   o ? (long long)o->cpu_us : 0, o ? (long long)o->memory_bytes : 0);
	buf_json(b, row->note);
	buf_puts(b, "}");
}

static void row_put(struct verify *v, const char *package, const struct row *row)
{
	struct buf b = { 0 };

	v->passed += row->mark == MARK_OK;
	v->failed += row->mark == MARK_FAILED;
	if (v->json) {
		row_json(row, package, &v->rows);
		return;
	}
	ctl_progress("%s", "");
	row_text(row, &b);
	fputs(buf_text(&b), stdout);
	fflush(stdout);
	buf_release(&b);
}

/* ------------------------------------------------------------- submissions */

/* Some test got a promised verdict, though another one decided. */
static bool kept_somewhere(const struct outcome *o, unsigned allowed)
{
	for (size_t i = 0; i < o->ntests; i++)
		if (allowed & 1u << o->tests[i].verdict)
			return true;
	return false;
}

static int judge_reference(struct verify *v, const struct problem *p,
			   const struct reference *ref, bool run_all, struct outcome *ret,
			   struct diag *diag)
{
	const struct job job = { .problem = p, .program = ref->program, .run_all = run_all };
	const char *slash = strchr(ref->path, '/');

	v->env.judge.progress = ctl_judging;
	v->env.judge.ctx = (void *)(slash ? slash + 1 : ref->path);
	return job_judge(&job, &v->env.judge, ret, diag);
}

static int verify_reference(struct verify *v, const struct problem *p,
			    const struct reference *ref, struct diag *diag)
{
	struct row row = { .kind = "submission", .path = ref->path, .ref = ref };
	struct outcome o = { 0 };
	bool kept;
	int r;

	if (ref->skip) {
		row.mark = MARK_SKIPPED;
		row.note = ref->skip;
		row_put(v, p->id, &row);
		return 0;
	}
	r = judge_reference(v, p, ref, false, &o, diag);
	if (r < 0)
		return r;
	kept = ref->allowed & 1u << o.verdict;
	if (!kept && ref->also & 1u << o.verdict) {
		/* The first failed test is not all that counts here: look at the others too. */
		outcome_release(&o);
		r = judge_reference(v, p, ref, true, &o, diag);
		if (r < 0)
			return r;
		kept = kept_somewhere(&o, ref->allowed);
		if (kept)
			row.note = "as promised on another test";
	}
	row.mark = kept ? MARK_OK : MARK_FAILED;
	row.outcome = &o;
	if (!kept && o.message)
		row.note = o.message;
	row_put(v, p->id, &row);
	outcome_release(&o);
	return 0;
}

/* ------------------------------------------------------------- validators */

static int compile_validator(struct verify *v, const struct problem *p,
			     const struct program *program, struct compiled **ret,
			     struct diag *diag)
{
	int r = compile_program(program, NULL, 0, &p->limits, &v->env.judge, ret, diag);

	if (r == 0 && !(*ret)->ok)
		r = diag_fail(diag, -EINVAL, "does not compile: %s", (*ret)->why);
	return r;
}

/* Each input must be valid; the first that is not is named. */
static int validate_inputs(struct verify *v, const struct problem *p,
			   const struct validator *val, char **ret_why, struct diag *diag)
{
	struct compiled *c = NULL;
	int r;

	ctl_progress("%s: Compiling", val->path);
	r = compile_validator(v, p, &val->program, &c, diag);
	for (size_t i = 0; r == 0 && !*ret_why && i < p->ntests; i++) {
		const struct test *t = &p->tests[i];
		char *why = NULL;

		ctl_progress("%s: input %zu of %zu", val->path, i + 1, p->ntests);
		r = check_input(c, &t->in, &t->in_args, &p->limits, &v->env.judge, &why, diag);
		if (why && asprintf(ret_why, "%s: %s", t->name, why) < 0)
			*ret_why = NULL;
		free(why);
	}
	compiled_put(c);
	return r;
}

/* These end verifying; whatever else goes wrong with a validator is a row of the table. */
static bool fatal(int r)
{
	return r == -EPIPE || r == -ECANCELED || r == -ENOMEM;
}

static int verify_inputs(struct verify *v, const struct problem *p, const struct validator *val,
			 struct diag *ret_diag)
{
	struct row row = { .kind = "input validator", .path = val->path };
	struct diag diag = { "" };
	char *why = NULL, note[64];
	int r = 0;

	if (val->skip) {
		row.mark = MARK_SKIPPED;
		row.note = val->skip;
	} else {
		r = validate_inputs(v, p, val, &why, &diag);
		if (fatal(r)) {
			*ret_diag = diag;
			free(why);
			return r;
		}
		row.mark = r < 0 || why ? MARK_FAILED : MARK_OK;
		snprintf(note, sizeof(note), "%zu inputs are valid", p->ntests);
		row.note = r < 0 ? diag.text : why ? why : note;
	}
	row_put(v, p->id, &row);
	free(why);
	return 0;
}

/* Does the output validator take the answer of a test for an output? */
static int validate_answer(struct verify *v, const struct problem *p,
			   const struct compiled *checker, const struct test *t,
			   struct check_result *ret, struct diag *diag)
{
	int fd = run_input(&t->ans, &v->env.judge, diag), r;

	if (fd < 0)
		return fd;
	r = check_program(checker, t, &p->limits, &v->env.judge, fd, ret, diag);
	io_close(fd);
	return r;
}

/*
 * An answer file need not be an output: with a validator of its own a package may keep other
 * things in it. So a refusal is worth a note, and not more.
 */
static int verify_answers(struct verify *v, const struct problem *p, struct diag *ret_diag)
{
	struct row row = { .kind = "answers", .path = "output validator on the answers" };
	struct check_result res = { .verdict = VERDICT_AC };
	struct compiled *checker = NULL;
	struct diag diag = { "" };
	char note[256];
	size_t i;
	int r;

	if (p->check.type != CHECK_PROGRAM)
		return 0;
	ctl_progress("output validator: Compiling");
	r = compile_validator(v, p, &p->check.program, &checker, &diag);
	for (i = 0; r == 0 && res.verdict == VERDICT_AC && i < p->ntests; i++) {
		ctl_progress("output validator: answer %zu of %zu", i + 1, p->ntests);
		check_result_release(&res);
		r = validate_answer(v, p, checker, &p->tests[i], &res, &diag);
	}
	compiled_put(checker);
	if (fatal(r)) {
		*ret_diag = diag;
		check_result_release(&res);
		return r;
	}
	if (r < 0) {
		row.mark = MARK_FAILED;
		row.note = diag.text;
	} else if (res.verdict != VERDICT_AC) {
		row.mark = MARK_NOTE;
		snprintf(note, sizeof(note), "%s is no output that it accepts%s%.160s",
			 p->tests[i - 1].name, res.staff_message ? ": " : "",
			 res.staff_message ? res.staff_message : "");
		row.note = note;
	} else {
		row.mark = MARK_OK;
		snprintf(note, sizeof(note), "%zu answers are accepted", p->ntests);
		row.note = note;
	}
	row_put(v, p->id, &row);
	check_result_release(&res);
	return 0;
}

/* ------------------------------------------------------------- packages */

static void print_head(const struct verify *v, const struct problem *p)
{
	char limit[32];

	if (v->json)
		return;
	format_duration(p->limits.cpu_us, limit);
	printf("%s (%s, %zu test%s, time limit %s)\n", p->id, p->format ? p->format : "?",
	       p->ntests, p->ntests == 1 ? "" : "s", limit);
}

/* A package that can not be read is a broken promise; one of a kind for later is not. */
static void put_unreadable(struct verify *v, const char *path, int r, const struct buf *report,
			   const struct diag *diag)
{
	const struct row row = {
		.mark = r == -ENOTSUP ? MARK_SKIPPED : MARK_FAILED, .kind = "package",
		.path = path, .note = diag->text,
	};

	if (!v->json && r != -ENOTSUP)
		fputs(buf_text(report), stderr);
	row_put(v, path, &row);
}

/* Return: < 0 when nothing more can be judged. */
static int verify_package(struct verify *v, const char *path, struct diag *diag)
{
	struct problem *p = NULL;
	struct buf report = { 0 };
	int r = ctl_problem_open(&v->env, path, &p, &report, diag);

	if (fatal(r))
		goto out;
	if (r < 0) {
		put_unreadable(v, path, r, &report, diag);
		r = 0;
		goto out;
	}
	print_head(v, p);
	if (!v->json && p->nreferences == 0)
		puts("  no reference submissions: there is nothing to judge; put some into "
		     "submissions/accepted/");
	for (size_t i = 0; r == 0 && i < p->ninput_validators; i++)
		r = verify_inputs(v, p, &p->input_validators[i], diag);
	if (r == 0)
		r = verify_answers(v, p, diag);
	for (size_t i = 0; r == 0 && i < p->nreferences; i++)
		r = verify_reference(v, p, &p->references[i], diag);
out:
	buf_release(&report);
	problem_free(p);
	return r;
}

static bool parse(int argc, char **argv, const char **ret_languages, bool *ret_json)
{
	static const struct option options[] = {
		{ "languages", required_argument, NULL, 'L' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
		if (c == 'L')
			*ret_languages = optarg;
		else if (c == 'j')
			*ret_json = true;
		else
			ctl_bad_option(argv, c);
		if (c == '?')
			return false;
	}
	if (optind == argc)
		ctl_usage(argv[0], "it needs a package");
	return optind < argc;
}

static void print_sum(const struct verify *v)
{
	if (v->json)
		printf("{\"results\":[%s],\"passed\":%zu,\"failed\":%zu}\n", buf_text(&v->rows),
		       v->passed, v->failed);
	else
		printf("%zu passed, %zu failed\n", v->passed, v->failed);
}

int verb_verify(int argc, char **argv)
{
	const char *languages = NULL;
	struct verify v = { 0 };
	struct diag diag = { "" };
	int r;

	if (!parse(argc, argv, &languages, &v.json))
		return CTL_FAILED;
	r = ctl_env_open(languages, &v.env, &diag);
	if (r == 0) {
		for (int i = optind; r == 0 && i < argc; i++)
			r = verify_package(&v, argv[i], &diag);
		ctl_progress("%s", "");
		if (r == 0)
			print_sum(&v);
		buf_release(&v.rows);
		ctl_env_close(&v.env);
	}
	if (r < 0) {
		log_error("verify: %s", r == -ECANCELED ? "interrupted" :
			  diag.text[0] ? diag.text : strerror(-r));
		return CTL_FAILED;
	}
	return v.failed > 0 ? CTL_NO : CTL_YES;
}
