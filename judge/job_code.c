/*
 * job_code.c - job and outcome as JSON, and back
 *
 * One table of fields per struct serves both ways. What is decoded may come from a worker that
 * was taken over, or from another machine: counts, ranges, names and codes are all checked.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "judge/job.h"

#define MAX_TESTS	20000
#define MAX_FILES	10000		/* sources, includes */
#define MAX_WORDS	4096
#define MAX_TEXT	(256 << 10)

enum kind { INT64, INT, BOOL, REAL, TEXT, SHOWN, WORDS, VERDICT };	/* SHOWN: cleaned when read */

struct field {
	const char *key;
	enum kind kind;
	size_t offset;
	int64_t min, max;		/* of numbers */
};

#define ANY	0, INT64_MAX
#define TIME	0, INT64_C(1000000) * 86400 * 366	/* of MAX_TESTS together: no overflow */
#define BYTES	0, INT64_C(1) << 60
#define NAME_MAX_LEN	1024

#define F(type, kind, name, ...)	{ #name, kind, offsetof(struct type, name), __VA_ARGS__ }

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

static const struct field outcome_fields[] = {
	F(outcome, VERDICT, verdict, ANY),
	F(outcome, TEXT, test, ANY),
	F(outcome, SHOWN, message, ANY),
	F(outcome, REAL, score, 0, INT64_MAX),
	F(outcome, REAL, max_score, 0, INT64_MAX),
	F(outcome, SHOWN, compile_text, ANY),
	F(outcome, INT64, compile_cpu_us, TIME),
	F(outcome, BOOL, compile_failed, ANY),
	F(outcome, INT64, cpu_us, TIME),
	F(outcome, INT64, wall_us, TIME),
	F(outcome, INT64, memory_bytes, BYTES),
	F(outcome, TEXT, lang_id, ANY),
	F(outcome, SHOWN, lang_name, ANY),
	F(outcome, SHOWN, lang_version, ANY),
};

static const struct field result_fields[] = {
	F(test_result, TEXT, name, ANY),
	F(test_result, TEXT, group, ANY),
	F(test_result, BOOL, sample, ANY),
	F(test_result, VERDICT, verdict, ANY),
	F(test_result, INT64, cpu_us, TIME),
	F(test_result, INT64, wall_us, TIME),
	F(test_result, INT64, memory_bytes, BYTES),
	F(test_result, INT, exit_code, -1, 255),
	F(test_result, INT, signal, 0, 64),
	F(test_result, SHOWN, message, ANY),
	F(test_result, SHOWN, staff_message, ANY),
	F(test_result, SHOWN, difference, ANY),
	F(test_result, SHOWN, said, ANY),
};

#define FIELDS(name)	name##_fields, ARRAY_SIZE(name##_fields)

/* ------------------------------------------------------------- writing */

/* The comma before a member, unless it is the first. */
static void put_key(struct buf *b, const char *key)
{
	char last = b->len ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_puts(b, ",");
	if (key)
		buf_printf(b, "\"%s\":", key);
}

static void put_words(struct buf *b, const struct strv *words)
{
	buf_puts(b, "[");
	for (size_t i = 0; i < words->n; i++) {
		put_key(b, NULL);
		buf_json(b, words->v[i]);
	}
	buf_puts(b, "]");
}

static void put_field(struct buf *b, const struct field *f, const void *at)
{
	put_key(b, f->key);
	switch (f->kind) {
	case INT64:
		buf_printf(b, "%lld", (long long)*(const int64_t *)at);
		break;
	case INT:
		buf_printf(b, "%d", *(const int *)at);
		break;
	case BOOL:
		buf_puts(b, *(const bool *)at ? "true" : "false");
		break;
	case REAL:
		buf_printf(b, "%.17g", *(const double *)at);
		break;
	case TEXT:
	case SHOWN:
		buf_json(b, *(char *const *)at);
		break;
	case WORDS:
		put_words(b, at);
		break;
	case VERDICT:
		buf_json(b, verdict_words(*(const enum verdict *)at)->code);
		break;
	}
}

static void put_fields(struct buf *b, const struct field *fields, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++)
		put_field(b, &fields[i], (const char *)from + fields[i].offset);
}

static void put_blob(struct buf *b, const char *key, const struct blob_ref *blob)
{
	put_key(b, key);
	buf_printf(b, "{\"sha256\":\"%s\",\"size\":%lld}", blob->digest.hex,
		   (long long)blob->size);
}

static void put_sources(struct buf *b, const char *key, const struct source *s, size_t n)
{
	put_key(b, key);
	buf_puts(b, "[");
	for (size_t i = 0; i < n; i++) {
		put_key(b, NULL);
		buf_puts(b, "{");
		put_key(b, "name");
		buf_json(b, s[i].name);
		put_blob(b, "blob", &s[i].blob);
		buf_puts(b, "}");
	}
	buf_puts(b, "]");
}

static void put_program(struct buf *b, const char *key, const struct program *p)
{
	put_key(b, key);
	buf_puts(b, "{");
	if (p->lang) {
		put_key(b, "lang");
		buf_puts(b, "{");
		put_fields(b, FIELDS(lang), p->lang);
		buf_puts(b, "}");
	}
	put_sources(b, "sources", p->sources, p->nsources);
	buf_puts(b, "}");
}

static const char *const check_types[] = {
	[CHECK_TOKENS] = "tokens", [CHECK_LINES] = "lines", [CHECK_BYTES] = "bytes",
	[CHECK_PROGRAM] = "program",
};

static const char *const feedbacks[] = {
	[FEEDBACK_FULL] = "full", [FEEDBACK_SAMPLES] = "samples",
	[FEEDBACK_VERDICT] = "verdict", [FEEDBACK_NONE] = "none",
};

static void put_check(struct buf *b, const struct check *c)
{
	put_key(b, "check");
	buf_puts(b, "{");
	put_key(b, "type");
	buf_json(b, check_types[c->type]);
	put_fields(b, FIELDS(check), c);
	put_program(b, "program", &c->program);
	buf_puts(b, "}");
}

static void put_test(struct buf *b, const struct test *t)
{
	put_key(b, NULL);
	buf_puts(b, "{");
	put_fields(b, FIELDS(test), t);
	put_blob(b, "in", &t->in);
	put_blob(b, "ans", &t->ans);
	buf_puts(b, "}");
}

static void put_problem(struct buf *b, const struct problem *p)
{
	put_key(b, "problem");
	buf_puts(b, "{");
	put_fields(b, FIELDS(problem), p);
	put_key(b, "feedback");
	buf_json(b, feedbacks[p->feedback]);
	put_key(b, "limits");
	buf_puts(b, "{");
	put_fields(b, FIELDS(limits), &p->limits);
	buf_puts(b, "}");
	put_key(b, "lang_limits");
	buf_puts(b, "[");
	for (size_t i = 0; i < p->nlang_limits; i++) {
		put_key(b, NULL);
		buf_puts(b, "{");
		put_fields(b, FIELDS(lang_limits), &p->lang_limits[i]);
		buf_puts(b, "}");
	}
	buf_puts(b, "]");
	put_check(b, &p->check);
	put_key(b, "tests");
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
	put_fields(ret, FIELDS(job), job);
	put_program(ret, "program", &job->program);
	put_problem(ret, job->problem);
	buf_puts(ret, "}");
	return ret->failed ? -ENOMEM : 0;
}

int outcome_encode(const struct outcome *o, struct buf *ret)
{
	buf_printf(ret, "{\"version\":%d", JOB_VERSION);
	put_fields(ret, FIELDS(outcome), o);
	put_key(ret, "tests");
	buf_puts(ret, "[");
	for (size_t i = 0; i < o->ntests; i++) {
		put_key(ret, NULL);
		buf_puts(ret, "{");
		put_fields(ret, FIELDS(result), &o->tests[i]);
		buf_puts(ret, "}");
	}
	buf_puts(ret, "]}");
	return ret->failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------- reading */

static int out_of_range(const struct field *f, struct diag *diag)
{
	return diag_fail(diag, -EINVAL, "\"%s\" is out of range", f->key);
}

static int get_int(const json_t *o, const struct field *f, int64_t *ret, struct diag *diag)
{
	int64_t v = *ret;
	int r = json_get_int(o, f->key, &v, diag);

	if (r == 0 && (v < f->min || v > f->max))
		r = out_of_range(f, diag);
	if (r == 0)
		*ret = v;
	return r;
}

static int get_text(const json_t *o, const char *key, size_t max, char **ret, struct diag *diag)
{
	char *text = NULL;
	int r = json_get_text(o, key, &text, diag);

	if (r == 0 && text && strlen(text) > max) {
		free(text);
		return diag_fail(diag, -EINVAL, "\"%s\" is too long", key);
	}
	if (r == 0)
		*ret = text;
	return r;
}

/* Who wrote it may not have cleaned it. */
static int get_shown(const json_t *o, const char *key, char **ret, struct diag *diag)
{
	struct buf clean = { 0 };
	char *text = NULL;
	int r = get_text(o, key, MAX_TEXT, &text, diag);

	if (r == 0 && text) {
		buf_clean(&clean, text, strlen(text));
		*ret = buf_steal(&clean);
		r = *ret ? 0 : -ENOMEM;
	}
	free(text);
	return r;
}

static int get_verdict(const json_t *o, const char *key, enum verdict *ret, struct diag *diag)
{
	const char *code = json_string_value(json_object_get(o, key));

	if (!code || verdict_from_code(code, ret) < 0)
		return diag_fail(diag, -EINVAL, "\"%s\" is no verdict", key);
	return 0;
}

static int get_field(const json_t *o, const struct field *f, void *at, struct diag *diag)
{
	int64_t n;
	int r;

	switch (f->kind) {
	case INT64:
		return get_int(o, f, at, diag);
	case INT:
		n = *(int *)at;
		r = get_int(o, f, &n, diag);
		*(int *)at = n;
		return r;
	case BOOL:
		return json_get_bool(o, f->key, at, diag);
	case REAL:
		r = json_get_real(o, f->key, at, diag);
		if (r == 0 && !(*(double *)at >= f->min && *(double *)at <= f->max))
			r = out_of_range(f, diag);
		return r;
	case TEXT:
		return get_text(o, f->key, MAX_TEXT, at, diag);
	case SHOWN:
		return get_shown(o, f->key, at, diag);
	case WORDS:
		r = json_get_words(o, f->key, at, diag);
		if (r == 0 && ((struct strv *)at)->n > MAX_WORDS)
			r = diag_fail(diag, -EINVAL, "\"%s\" has too many words", f->key);
		return r;
	case VERDICT:
		return get_verdict(o, f->key, at, diag);
	}
	return -EINVAL;
}

static int get_fields(const json_t *o, const struct field *fields, size_t n, void *ret,
		      struct diag *diag)
{
	for (size_t i = 0; i < n; i++) {
		int r = get_field(o, &fields[i], (char *)ret + fields[i].offset, diag);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A member that must be an object, or NULL. */
static const json_t *get_object(const json_t *o, const char *key, struct diag *diag)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_object(v))
		return v;
	diag_fail(diag, -EINVAL, "\"%s\" is not an object", key);
	return NULL;
}

/*
 * A list of objects becomes an array of structs, each filled by @fill. Also on failure the
 * array belongs to *ret and *ret_n, so that the owner's release function finds it.
 */
typedef int fill_fn(const json_t *o, void *ret, struct diag *diag);

static int get_list(const json_t *o, const char *key, size_t max, size_t size, fill_fn *fill,
		    void *ret, size_t *ret_n, struct diag *diag)
{
	const json_t *list = json_object_get(o, key), *item;
	char *array = NULL;
	size_t i;

	if (!json_is_array(list))
		return diag_fail(diag, -EINVAL, "\"%s\" is not a list", key);
	if (json_array_size(list) > max)
		return diag_fail(diag, -EINVAL, "\"%s\" has more than %zu entries", key, max);
	if (json_array_size(list) == 0)
		return 0;
	array = calloc(json_array_size(list), size);
	if (!array)
		return -ENOMEM;
	*(char **)ret = array;
	*ret_n = json_array_size(list);
	json_array_foreach(list, i, item) {
		int r = json_is_object(item) ? fill(item, array + i * size, diag) :
			diag_fail(diag, -EINVAL, "an entry of it is not an object");

		if (r < 0) {
			diag_prefix(diag, "%s %zu", key, i);
			return r;
		}
	}
	return 0;
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
	int r = get_text(o, "name", NAME_MAX_LEN, &s->name, diag);

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
	r = get_fields(o, FIELDS(lang), lang, diag);
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
		r = get_list(program, "sources", MAX_FILES, sizeof(struct source), fill_source,
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
		r = get_fields(check, FIELDS(check), ret, diag);
	if (r == 0)
		r = get_program(check, "program", &ret->program, diag);
	if (r == 0 && type == CHECK_PROGRAM && (!ret->program.lang || ret->program.nsources == 0))
		r = diag_fail(diag, -EINVAL, "the checker's program is missing");
	ret->type = type;
	return r;
}

static int fill_test(const json_t *o, void *ret, struct diag *diag)
{
	struct test *t = ret;
	int r = get_fields(o, FIELDS(test), t, diag);

	if (r == 0 && (!t->name || !t->group))
		r = diag_fail(diag, -EINVAL, "it has no name or group");
	if (r == 0)
		r = get_blob(o, "in", &t->in, diag);
	return r < 0 ? r : get_blob(o, "ans", &t->ans, diag);
}

static int fill_lang_limits(const json_t *o, void *ret, struct diag *diag)
{
	struct lang_limits *l = ret;
	int r = get_fields(o, FIELDS(lang_limits), l, diag);

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
	r = get_fields(problem, FIELDS(problem), p, diag);
	if (r == 0)
		r = get_word(problem, "feedback", feedbacks, ARRAY_SIZE(feedbacks), &feedback,
			     diag);
	if (r == 0)
		r = get_fields(limits, FIELDS(limits), &p->limits, diag);
	if (r == 0)
		r = get_list(problem, "lang_limits", MAX_WORDS, sizeof(struct lang_limits),
			     fill_lang_limits, &p->lang_limits, &p->nlang_limits, diag);
	if (r == 0)
		r = get_check(problem, &p->check, diag);
	if (r == 0)
		r = get_list(problem, "tests", MAX_TESTS, sizeof(struct test), fill_test,
			     &p->tests, &p->ntests, diag);
	if (r == 0)
		r = get_list(problem, "includes", MAX_FILES, sizeof(struct source), fill_source,
			     &p->includes, &p->nincludes, diag);
	if (r == 0 && !p->id)
		r = diag_fail(diag, -EINVAL, "the problem has no id");
	p->feedback = feedback;
	return r;
}

/* A frame that is an object of our version. */
static int get_frame(const char *text, size_t len, json_t **ret, struct diag *diag)
{
	int64_t version = 0;
	json_t *o = NULL;
	int r = json_parse(text, len, &o, diag);

	if (r == 0 && !json_is_object(o))
		r = diag_fail(diag, -EINVAL, "not an object");
	if (r == 0)
		r = json_get_int(o, "version", &version, diag);
	if (r == 0 && version != JOB_VERSION)
		r = diag_fail(diag, -EINVAL, "version %lld, not %d", (long long)version,
			      JOB_VERSION);
	if (r < 0) {
		json_decref(o);
		return r;
	}
	*ret = o;
	return 0;
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
	r = get_frame(text, len, &o, diag);
	if (r == 0)
		r = get_fields(o, FIELDS(job), job, diag);
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

static void program_release(struct program *p)
{
	for (size_t i = 0; i < p->nsources; i++)
		free(p->sources[i].name);
	free(p->sources);
	lang_free((struct lang *)p->lang);
	*p = (struct program){ 0 };
}

void job_free(struct job *job)
{
	struct problem *p;

	if (!job)
		return;
	program_release(&job->program);
	p = (struct problem *)job->problem;
	if (p) {
		/* problem_free() takes the language for borrowed. */
		program_release(&p->check.program);
		problem_free(p);
	}
	free(job);
}

static int fill_result(const json_t *o, void *ret, struct diag *diag)
{
	struct test_result *t = ret;
	int r = get_fields(o, FIELDS(result), t, diag);

	if (r == 0 && (!t->name || !t->group))
		r = diag_fail(diag, -EINVAL, "it has no name or group");
	return r;
}

int outcome_decode(const char *text, size_t len, struct outcome *ret, struct diag *diag)
{
	struct outcome o = { 0 };
	json_t *frame = NULL;
	int r = get_frame(text, len, &frame, diag);

	if (r == 0)
		r = get_fields(frame, FIELDS(outcome), &o, diag);
	if (r == 0)
		r = get_list(frame, "tests", MAX_TESTS, sizeof(struct test_result), fill_result,
			     &o.tests, &o.ntests, diag);
	json_decref(frame);
	if (r < 0) {
		diag_prefix(diag, "outcome");
		outcome_release(&o);
		return r;
	}
	*ret = o;
	return 0;
}

static void test_result_release(struct test_result *t)
{
	free(t->name);
	free(t->group);
	free(t->message);
	free(t->staff_message);
	free(t->difference);
	free(t->said);
}

void outcome_release(struct outcome *o)
{
	for (size_t i = 0; i < o->ntests; i++)
		test_result_release(&o->tests[i]);
	free(o->tests);
	free(o->test);
	free(o->message);
	free(o->compile_text);
	free(o->lang_id);
	free(o->lang_name);
	free(o->lang_version);
	*o = (struct outcome){ 0 };
}
