/*
 * job_code.c - a job as JSON, and back
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/fields.h"
#include "judge/job.h"

#define MAX_FILES	10000		/* sources, includes */
#define NAME_MAX_LEN	1024

static const struct field limits_fields[] = {
	F(limits, INT64, cpu_us, ANY),
	F(limits, INT64, wall_us, ANY),
	F(limits, INT64, memory_bytes, ANY),
	F(limits, INT64, output_bytes, ANY),
	F(limits, INT64, processes, ANY),
	F(limits, INT64, files, ANY),
	F(limits, INT64, source_bytes, ANY),
	F(limits, INT64, compile_time_us, ANY),
	F(limits, INT64, compile_memory_bytes, ANY),
	F(limits, INT64, check_time_us, ANY),
	F(limits, INT64, check_memory_bytes, ANY),
	F(limits, INT64, check_output_bytes, ANY),
	F(limits, INT64, confirm, 0, LIMITS_MAX_CONFIRM),
	F(limits, INT64, confirm_percent, 0, 100),
};

static const struct field lang_limits_fields[] = {
	F(lang_limits, TEXT, lang, ANY),
	F(lang_limits, INT64, cpu_us, ANY),
	F(lang_limits, INT64, wall_us, ANY),
	F(lang_limits, INT64, memory_bytes, ANY),
};

static const struct field lang_fields[] = {
	F(lang, TEXT, id, ANY),
	F(lang, TEXT, name, ANY),
	F(lang, WORDS, suffixes, ANY),
	F(lang, WORDS, aliases, ANY),
	F(lang, INT64, priority, INT64_MIN, INT64_MAX),
	F(lang, TEXT, source, ANY),
	F(lang, WORDS, compile, ANY),
	F(lang, TEXT, exe, ANY),
	F(lang, WORDS, run, ANY),
	F(lang, WORDS, env, ANY),
	F(lang, WORDS, tools, ANY),
	F(lang, TEXT, package, ANY),
	F(lang, WORDS, version_cmd, ANY),
	F(lang, WORDS, out_of_memory, ANY),
	F(lang, REAL, time_factor, 0, 1000),
	F(lang, INT64, time_extra_us, ANY),
	F(lang, INT64, memory_extra_bytes, ANY),
	F(lang, INT64, processes, ANY),
	F(lang, INT64, compile_time_us, ANY),
	F(lang, INT64, compile_memory_bytes, ANY),
	F(lang, TEXT, version, ANY),
	F(lang, TEXT, identity, ANY),
	F(lang, TEXT, prepared, ANY),
	F(lang, TEXT, missing, ANY),
};

static const struct field check_fields[] = {
	F(check, BOOL, case_sensitive, ANY),
	F(check, BOOL, space_sensitive, ANY),
	F(check, REAL, absolute, -1, INT64_MAX),
	F(check, REAL, relative, -1, INT64_MAX),
	F(check, BOOL, presentation, ANY),
};

static const struct field test_fields[] = {
	F(test, TEXT, name, ANY),
	F(test, TEXT, group, ANY),
	F(test, BOOL, sample, ANY),
	F(test, WORDS, args, ANY),
};

static const struct field problem_fields[] = {
	F(problem, TEXT, id, ANY),
	F(problem, TEXT, title, ANY),
	F(problem, TEXT, format, ANY),
	F(problem, REAL, time_multiplier, 0, 1000),
	F(problem, INT64, time_resolution_us, ANY),
	F(problem, BOOL, run_all, ANY),
	F(problem, WORDS, languages, ANY),
	F(problem, INT64, open_us, ANY),
	F(problem, INT64, close_us, ANY),
};

static const struct field job_fields[] = {
	F(job, INT64, id, INT64_MIN, INT64_MAX),
	F(job, INT64, attempt, ANY),
	F(job, BOOL, run_all, ANY),
};

/* ------------------------------------------------------------- writing */

static void put_blob(struct buf *b, const char *key, const struct blob_ref *blob)
{
	buf_key(b, key);
	buf_printf(b, "{\"sha256\":\"%s\",\"size\":%lld}", blob->digest.hex,
		   (long long)blob->size);
}

static void put_sources(struct buf *b, const char *key, const struct source *s, size_t n)
{
	buf_key(b, key);
	buf_puts(b, "[");
	for (size_t i = 0; i < n; i++) {
		buf_key(b, NULL);
		buf_puts(b, "{");
		buf_key(b, "name");
		buf_json(b, s[i].name);
		put_blob(b, "blob", &s[i].blob);
		buf_puts(b, "}");
	}
	buf_puts(b, "]");
}

static void put_program(struct buf *b, const char *key, const struct program *p)
{
	buf_key(b, key);
	buf_puts(b, "{");
	if (p->lang) {
		buf_key(b, "lang");
		buf_puts(b, "{");
		fields_put(b, FIELDS(lang), p->lang);
		buf_puts(b, "}");
	}
	put_sources(b, "sources", p->sources, p->nsources);
	buf_puts(b, "}");
}

static const char *const check_types[] = {
	[CHECK_TOKENS] = "tokens", [CHECK_LINES] = "lines", [CHECK_BYTES] = "bytes",
	[CHECK_PROGRAM] = "program", [CHECK_INTERACTIVE] = "interactive",
};

static const char *const feedbacks[] = {
	[FEEDBACK_FULL] = "full", [FEEDBACK_SAMPLES] = "samples",
	[FEEDBACK_VERDICT] = "verdict", [FEEDBACK_NONE] = "none",
};

static void put_check(struct buf *b, const struct check *c)
{
	buf_key(b, "check");
	buf_puts(b, "{");
	buf_key(b, "type");
	buf_json(b, check_types[c->type]);
	fields_put(b, FIELDS(check), c);
	put_program(b, "program", &c->program);
	buf_puts(b, "}");
}

static void put_test(struct buf *b, const struct test *t)
{
	buf_key(b, NULL);
	buf_puts(b, "{");
	fields_put(b, FIELDS(test), t);
	put_blob(b, "in", &t->in);
	put_blob(b, "ans", &t->ans);
	buf_puts(b, "}");
}

static void put_problem(struct buf *b, const struct problem *p)
{
	buf_key(b, "problem");
	buf_puts(b, "{");
	fields_put(b, FIELDS(problem), p);
	buf_key(b, "feedback");
	buf_json(b, feedbacks[p->feedback]);
	buf_key(b, "limits");
	buf_puts(b, "{");
	fields_put(b, FIELDS(limits), &p->limits);
	buf_puts(b, "}");
	buf_key(b, "lang_limits");
	buf_puts(b, "[");
	for (size_t i = 0; i < p->nlang_limits; i++) {
		buf_key(b, NULL);
		buf_puts(b, "{");
		fields_put(b, FIELDS(lang_limits), &p->lang_limits[i]);
		buf_puts(b, "}");
	}
	buf_puts(b, "]");
	put_check(b, &p->check);
	buf_key(b, "tests");
	buf_puts(b, "[");
	for (size_t i = 0; i < p->ntests; i++)
		put_test(b, &p->tests[i]);
	buf_puts(b, "]");
	put_sources(b, "includes", p->includes, p->nincludes);
	buf_puts(b, "}");
}

int job_encode(const struct job *job, struct buf *ret)
{
	buf_printf(ret, "{\"version\":%d", JOB_VERSION);
	fields_put(ret, FIELDS(job), job);
	put_program(ret, "program", &job->program);
	put_problem(ret, job->problem);
	buf_puts(ret, "}");
	return ret->failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------- reading */

/* A member that must be an object, or NULL. */
static const json_t *get_object(const json_t *o, const char *key, struct diag *diag)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_object(v))
		return v;
	diag_fail(diag, -EINVAL, "\"%s\" is not an object", key);
	return NULL;
}

static int get_blob(const json_t *o, const char *key, struct blob_ref *ret, struct diag *diag)
{
	const json_t *blob = get_object(o, key, diag);
	const char *hex;
	int64_t size = -1;
	int r;

	if (!blob)
		return -EINVAL;
	r = json_get_int(blob, "size", &size, diag);
	if (r < 0)
		return r;
	hex = json_string_value(json_object_get(blob, "sha256"));
	if (size < 0 || !hex || !digest_valid(hex))
		return diag_fail(diag, -EINVAL, "\"%s\" is no blob", key);
	snprintf(ret->digest.hex, sizeof(ret->digest.hex), "%s", hex);
	ret->size = size;
	return 0;
}

/* Relative, and no part of it empty, "." or "..". */
static bool name_valid(const char *name)
{
	if (!name || !*name || strlen(name) > NAME_MAX_LEN)
		return false;
	for (const char *part = name; ; part++) {
		size_t n = strcspn(part, "/");

		if (n == 0 || n > 255 || (n == 1 && part[0] == '.') ||
		    (n == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		part += n;
		if (!*part)
			return true;
	}
}

static int fill_source(const json_t *o, void *ret, struct diag *diag)
{
	struct source *s = ret;
	int r = field_text(o, "name", NAME_MAX_LEN, &s->name, diag);

	if (r == 0 && !name_valid(s->name))
		r = diag_fail(diag, -EINVAL, "\"name\" is no file name");
	return r < 0 ? r : get_blob(o, "blob", &s->blob, diag);
}

static int get_lang(const json_t *o, const struct lang **ret, struct diag *diag)
{
	struct lang *lang = calloc(1, sizeof(*lang));
	int r;

	if (!lang)
		return -ENOMEM;
	r = fields_get(o, FIELDS(lang), lang, diag);
	if (r == 0 && (!lang->id || !lang->name || !lang->source || !lang->exe ||
		       lang->run.n == 0))
		r = diag_fail(diag, -EINVAL, "it lacks a name or a command");
	if (r < 0) {
		diag_prefix(diag, "lang");
		lang_free(lang);
		return r;
	}
	*ret = lang;
	return 0;
}

static int get_program(const json_t *o, const char *key, struct program *ret, struct diag *diag)
{
	const json_t *program = get_object(o, key, diag), *lang;
	int r = 0;

	if (!program)
		return -EINVAL;
	lang = json_object_get(program, "lang");
	if (json_is_object(lang))
		r = get_lang(lang, &ret->lang, diag);
	if (r == 0)
		r = fields_list(program, "sources", MAX_FILES, sizeof(struct source), fill_source,
			     &ret->sources, &ret->nsources, diag);
	return r;
}

static int get_word(const json_t *o, const char *key, const char *const *names, size_t n,
		    int *ret, struct diag *diag)
{
	const char *text = json_string_value(json_object_get(o, key));

	for (size_t i = 0; text && i < n; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	return diag_fail(diag, -EINVAL, "\"%s\" is none of those known", key);
}

static int get_check(const json_t *o, struct check *ret, struct diag *diag)
{
	const json_t *check = get_object(o, "check", diag);
	int type = CHECK_TOKENS, r;

	if (!check)
		return -EINVAL;
	r = get_word(check, "type", check_types, ARRAY_SIZE(check_types), &type, diag);
	if (r == 0)
		r = fields_get(check, FIELDS(check), ret, diag);
	if (r == 0)
		r = get_program(check, "program", &ret->program, diag);
	ret->type = type;
	if (r == 0 && check_has_program(ret) && (!ret->program.lang || ret->program.nsources == 0))
		r = diag_fail(diag, -EINVAL, "the checker's program is missing");
	return r;
}

static int fill_test(const json_t *o, void *ret, struct diag *diag)
{
	struct test *t = ret;
	int r = fields_get(o, FIELDS(test), t, diag);

	if (r == 0 && (!t->name || !t->group))
		r = diag_fail(diag, -EINVAL, "it has no name or group");
	if (r == 0)
		r = get_blob(o, "in", &t->in, diag);
	return r < 0 ? r : get_blob(o, "ans", &t->ans, diag);
}

static int fill_lang_limits(const json_t *o, void *ret, struct diag *diag)
{
	struct lang_limits *l = ret;
	int r = fields_get(o, FIELDS(lang_limits), l, diag);

	if (r == 0 && !l->lang)
		r = diag_fail(diag, -EINVAL, "it names no language");
	return r;
}

static int get_problem(const json_t *o, struct problem *p, struct diag *diag)
{
	const json_t *problem = get_object(o, "problem", diag);
	const json_t *limits = problem ? get_object(problem, "limits", diag) : NULL;
	int feedback = FEEDBACK_FULL, r;

	if (!limits)
		return -EINVAL;
	r = fields_get(problem, FIELDS(problem), p, diag);
	if (r == 0)
		r = get_word(problem, "feedback", feedbacks, ARRAY_SIZE(feedbacks), &feedback,
			     diag);
	if (r == 0)
		r = fields_get(limits, FIELDS(limits), &p->limits, diag);
	if (r == 0)
		r = fields_list(problem, "lang_limits", MAX_WORDS, sizeof(struct lang_limits),
			     fill_lang_limits, &p->lang_limits, &p->nlang_limits, diag);
	if (r == 0)
		r = get_check(problem, &p->check, diag);
	if (r == 0)
		r = fields_list(problem, "tests", MAX_TESTS, sizeof(struct test), fill_test,
			     &p->tests, &p->ntests, diag);
	if (r == 0)
		r = fields_list(problem, "includes", MAX_FILES, sizeof(struct source), fill_source,
			     &p->includes, &p->nincludes, diag);
	if (r == 0 && !p->id)
		r = diag_fail(diag, -EINVAL, "the problem has no id");
	p->feedback = feedback;
	return r;
}

int job_decode(const char *text, size_t len, struct job **ret, struct diag *diag)
{
	struct problem *problem = calloc(1, sizeof(*problem));
	struct job *job = calloc(1, sizeof(*job));
	json_t *o = NULL;
	int r = -ENOMEM;

	if (!job || !problem) {
		free(problem);
		goto out;
	}
	problem->check.absolute = problem->check.relative = -1;
	job->problem = problem;
	r = frame_read(text, len, &o, diag);
	if (r == 0)
		r = fields_get(o, FIELDS(job), job, diag);
	if (r == 0)
		r = get_program(o, "program", &job->program, diag);
	if (r == 0)
		r = get_problem(o, problem, diag);
	if (r < 0) {
		diag_prefix(diag, "job");
		goto out;
	}
	*ret = job;
	job = NULL;
out:
	json_decref(o);
	job_free(job);
	return r;
}

/* The languages of a decoded job are its own copies. */
void job_free(struct job *job)
{
	struct problem *p;

	if (!job)
		return;
	lang_free((struct lang *)job->program.lang);
	program_release(&job->program);
	p = (struct problem *)job->problem;
	if (p)
		lang_free((struct lang *)p->check.program.lang);
	problem_free(p);
	free(job);
}
