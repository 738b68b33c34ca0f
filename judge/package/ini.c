/*
 * ini.c - problem.ini: the settings of the plain form, which override those of any other
 *
 * It is read first and applied last, so that its faults are told beside the package's.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/config.h"
#include "base/io.h"
#include "base/units.h"
#include "judge/package/package.h"

#define FILE_NAME	"problem.ini"

/* What was not said is NULL, empty, 0 or -1. */
struct package_ini {
	struct package *pkg;		/* while reading */
	char *title, *author, *statement;
	struct strv languages;
	int feedback;			/* -1 */
	int64_t open_us, close_us;
	struct limits limits;
	struct lang_limits *lang_limits;
	size_t nlang_limits;
	int check;			/* row of check_types, -1 */
	double absolute, relative;	/* -1 */
	int case_sensitive;		/* -1 */
	char *program;
	int program_line;
	struct strv arguments;
	struct strv samples;
	int run_all;			/* -1 */
};

static const struct check_row {
	const char *name;
	enum check_type type;
	bool floats;			/* numbers, within 1e-6 when nothing is said */
} check_types[] = {
	{ "tokens", CHECK_TOKENS, false },
	{ "float", CHECK_TOKENS, true },
	{ "lines", CHECK_LINES, false },
	{ "bytes", CHECK_BYTES, false },
	{ "program", CHECK_PROGRAM, false },
	{ "interactive", CHECK_INTERACTIVE, false },
};

static const char *const feedbacks[] = {
	[FEEDBACK_FULL] = "full", [FEEDBACK_SAMPLES] = "samples", [FEEDBACK_VERDICT] = "verdict",
	[FEEDBACK_NONE] = "none",
};

static int parse_feedback(const char *text, void *ret, const struct config_at *at,
			  struct diag *diag)
{
	for (size_t i = 0; i < ARRAY_SIZE(feedbacks); i++) {
		if (strcmp(feedbacks[i], text) == 0) {
			*(int *)ret = i;
			return 0;
		}
	}
	return diag_fail(diag, -EINVAL, "%s: '%s' is none of full, samples, verdict, none", at->key,
			 text);
}

static int parse_check(const char *text, void *ret, const struct config_at *at,
		       struct diag *diag)
{
	for (size_t i = 0; i < ARRAY_SIZE(check_types); i++) {
		if (strcmp(check_types[i].name, text) == 0) {
			*(int *)ret = i;
			return 0;
		}
	}
	return diag_fail(diag, -EINVAL, "%s: '%s' is none of tokens, float, lines, bytes, program, "
			 "interactive", at->key, text);
}

/* 2026-11-24 18:00, with seconds or not; local time, or UTC with a Z behind it. */
static int parse_time(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M" };
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		time_t t;

		if (!end || (*end != '\0' && strcmp(end, "Z") != 0))
			continue;
		t = *end == 'Z' ? timegm(&tm) : mktime(&tm);
		if (t <= 0)
			continue;
		*(int64_t *)ret = (int64_t)t * 1000000;
		return 0;
	}
	return diag_fail(diag, -EINVAL, "%s: '%s' is no time such as 2026-11-24 18:00", at->key,
			 text);
}

static int parse_flag(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	bool flag = false;
	int r = config_bool(text, &flag, at, diag);

	if (r == 0)
		*(int *)ret = flag;
	return r;
}

static int within(int r, const char *text, const void *value, const struct config_at *at,
		  struct diag *diag)
{
	const char *bounds = r == 0 ? limit_bounds(at->key, *(const int64_t *)value) : NULL;

	if (bounds)
		return diag_fail(diag, -EINVAL, "%s: '%s' is not from %s", at->key, text, bounds);
	return r;
}

static int parse_size_within(const char *text, void *ret, const struct config_at *at,
			     struct diag *diag)
{
	return within(config_size(text, ret, at, diag), text, ret, at, diag);
}

static int parse_time_within(const char *text, void *ret, const struct config_at *at,
			     struct diag *diag)
{
	return within(config_duration(text, ret, at, diag), text, ret, at, diag);
}

static int parse_count_within(const char *text, void *ret, const struct config_at *at,
			      struct diag *diag)
{
	return within(config_count(text, ret, at, diag), text, ret, at, diag);
}

static int parse_languages(const char *text, void *ret, const struct config_at *at,
			   struct diag *diag)
{
	struct package_ini *ini = ret;
	int r = config_words(text, &ini->languages, at, diag);

	for (size_t i = 0; r == 0 && i < ini->languages.n; i++)
		if (!langs_by_id(ini->pkg->langs, ini->languages.v[i]))
			r = diag_fail(diag, -EINVAL, "unknown language '%s'", ini->languages.v[i]);
	return r;
}

static int parse_program(const char *text, void *ret, const struct config_at *at,
			 struct diag *diag)
{
	struct package_ini *ini = ret;

	ini->program_line = at->line;
	return config_text(text, &ini->program, at, diag);
}

static int parse_protocol(const char *text, void *ret, const struct config_at *at,
			  struct diag *diag)
{
	(void)ret;
	if (strcmp(text, "kattis") == 0)
		return 0;
	return diag_fail(diag, -EINVAL, "%s: '%s' is not spoken yet; kattis is", at->key, text);
}

static int parse_judge(const char *text, void *ret, const struct config_at *at,
		       struct diag *diag)
{
	int yes = 0, r = parse_flag(text, &yes, at, diag);

	(void)ret;
	if (r == 0 && !yes)
		r = diag_fail(diag, -EINVAL, "judge = no: problems that are only collected come later");
	return r;
}

static int parse_later(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	(void)text;
	(void)ret;
	return diag_fail(diag, -EINVAL, "[%s] %s: not built yet", at->section, at->key);
}

/* [limits LANGUAGE] */
static int parse_lang_limit(const char *text, void *ret, const struct config_at *at,
			    struct diag *diag)
{
	static const struct {
		const char *key;
		config_parse_fn *parse;
		size_t offset;
	} keys[] = {
		{ "time", parse_time_within, offsetof(struct lang_limits, cpu_us) },
		{ "wall", parse_time_within, offsetof(struct lang_limits, wall_us) },
		{ "memory", parse_size_within, offsetof(struct lang_limits, memory_bytes) },
	};
	struct package_ini *ini = ret;
	const char *name = at->section + strlen("limits ");
	struct lang_limits *l = NULL;

	for (size_t i = 0; i < ini->nlang_limits; i++)
		if (strcmp(ini->lang_limits[i].lang, name) == 0)
			l = &ini->lang_limits[i];
	if (!l) {
		if (!langs_by_id(ini->pkg->langs, name))
			return diag_fail(diag, -EINVAL, "[%s]: unknown language", at->section);
		l = package_grow(ini->pkg, &ini->lang_limits, &ini->nlang_limits, sizeof(*l));
		if (!l)
			return -ENOMEM;
		package_set(ini->pkg, &l->lang, name);
		if (!l->lang)
			return -ENOMEM;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].key, at->key) == 0)
			return keys[i].parse(text, (char *)l + keys[i].offset, at, diag);
	return diag_fail(diag, -EINVAL, "unknown key '%s' in [%s]", at->key, at->section);
}

#define KEY(section, key, parse, field) { section, key, parse, offsetof(struct package_ini, field) }
#define WHOLE(section, key, parse) { section, key, parse, 0 }
static const struct config_key keys[] = {
	KEY("problem", "title", config_text, title),
	KEY("problem", "author", config_text, author),
	KEY("problem", "statement", config_text, statement),
	WHOLE("problem", "languages", parse_languages),
	KEY("problem", "feedback", parse_feedback, feedback),
	KEY("problem", "open", parse_time, open_us),
	KEY("problem", "close", parse_time, close_us),
	WHOLE("problem", "template", parse_later),
	WHOLE("problem", "judge", parse_judge),
	KEY("limits", "time", parse_time_within, limits.cpu_us),
	KEY("limits", "wall", parse_time_within, limits.wall_us),
	WHOLE("limits", "total", parse_later),
	KEY("limits", "memory", parse_size_within, limits.memory_bytes),
	KEY("limits", "output", parse_size_within, limits.output_bytes),
	KEY("limits", "processes", parse_count_within, limits.processes),
	KEY("limits", "files", parse_count_within, limits.files),
	KEY("limits", "source", parse_size_within, limits.source_bytes),
	KEY("limits", "compile-time", parse_time_within, limits.compile_time_us),
	KEY("limits", "compile-memory", parse_size_within, limits.compile_memory_bytes),
	KEY("limits", "confirm", parse_count_within, limits.confirm),
	KEY("limits", "confirm-percent", parse_count_within, limits.confirm_percent),
	WHOLE("limits *", "*", parse_lang_limit),
	KEY("check", "type", parse_check, check),
	KEY("check", "absolute", config_real, absolute),
	KEY("check", "relative", config_real, relative),
	KEY("check", "case", parse_flag, case_sensitive),
	WHOLE("check", "program", parse_program),
	WHOLE("check", "protocol", parse_protocol),
	KEY("check", "arguments", config_words, arguments),
	KEY("tests", "sample", config_words, samples),
	WHOLE("tests", "points", parse_later),
	KEY("tests", "continue", parse_flag, run_all),
	WHOLE("group *", "*", parse_later),
};
#undef KEY
#undef WHOLE

void ini_free(struct package_ini *ini)
{
	if (!ini)
		return;
	free(ini->title);
	free(ini->author);
	free(ini->statement);
	strv_release(&ini->languages);
	for (size_t i = 0; i < ini->nlang_limits; i++)
		free(ini->lang_limits[i].lang);
	free(ini->lang_limits);
	free(ini->program);
	strv_release(&ini->arguments);
	strv_release(&ini->samples);
	free(ini);
}

/* What belongs together. */
static void check_whole(struct package *pkg, const struct package_ini *ini)
{
	const struct check_row *row = ini->check >= 0 ? &check_types[ini->check] : NULL;
	bool asks = row && check_has_program(&(struct check){ .type = row->type });
	bool program = ini->program || asks;
	bool tolerance = ini->absolute >= 0 || ini->relative >= 0;

	if (row && asks != (ini->program != NULL))
		package_fault(pkg, FILE_NAME, ini->program_line, asks ?
			      "[check] type = %s needs a program" :
			      "[check] has a program but type = %s", row->name);
	if (tolerance && (program || (row && row->type != CHECK_TOKENS)))
		package_fault(pkg, FILE_NAME, 0,
			      "[check] absolute and relative are for type = float and tokens");
	if (ini->close_us > 0 && ini->close_us <= ini->open_us)
		package_fault(pkg, FILE_NAME, 0, "[problem] closes before it opens");
}

/* A line each. */
static void tell(struct package *pkg, int r, char *faults)
{
	char *save = NULL;

	for (char *line = strtok_r(faults, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		package_told(pkg, r, line);
}

void ini_read(struct package *pkg, struct package_ini **ret)
{
	struct package_ini *ini;
	struct buf text = { 0 }, faults = { 0 }, *before;
	struct diag diag = { "" };
	int r;

	if (package_kind(pkg, FILE_NAME) == PACKAGE_NONE)
		return;
	if (!package_text(pkg, FILE_NAME, &text)) {
		buf_release(&text);
		return;
	}
	ini = calloc(1, sizeof(*ini));
	if (!ini) {
		package_error(pkg, -ENOMEM, FILE_NAME, "read");
		buf_release(&text);
		return;
	}
	ini->pkg = pkg;
	ini->feedback = ini->check = ini->case_sensitive = ini->run_all = -1;
	ini->absolute = ini->relative = -1;
	ini->limits.confirm = -1;
	before = diag_collect(&faults);
	r = config_read_text(buf_text(&text), FILE_NAME, keys, ARRAY_SIZE(keys), ini, &diag);
	diag_collect(before);
	buf_release(&text);
	if (r < 0 && faults.len > 0)
		tell(pkg, r, faults.data);
	else if (r < 0)
		package_told(pkg, r, diag.text);
	else
		check_whole(pkg, ini);
	buf_release(&faults);
	*ret = ini;
}

/* ------------------------------------------------------------------- applying */

static void apply_limits(struct problem *p, const struct limits *said)
{
	const int64_t *from[] = { &said->cpu_us, &said->wall_us, &said->memory_bytes,
				  &said->output_bytes, &said->processes, &said->files,
				  &said->source_bytes, &said->compile_time_us,
				  &said->compile_memory_bytes, &said->confirm_percent };
	int64_t *to[] = { &p->limits.cpu_us, &p->limits.wall_us, &p->limits.memory_bytes,
			  &p->limits.output_bytes, &p->limits.processes, &p->limits.files,
			  &p->limits.source_bytes, &p->limits.compile_time_us,
			  &p->limits.compile_memory_bytes, &p->limits.confirm_percent };

	for (size_t i = 0; i < ARRAY_SIZE(from); i++)
		if (*from[i] > 0)
			*to[i] = *from[i];
	if (said->confirm >= 0)
		p->limits.confirm = said->confirm;
}

static void apply_lang_limits(struct package *pkg, const struct package_ini *ini)
{
	struct problem *p = pkg->p;

	for (size_t i = 0; i < ini->nlang_limits; i++) {
		struct lang_limits *l = package_grow(pkg, &p->lang_limits, &p->nlang_limits,
						     sizeof(*l));

		if (!l)
			return;
		*l = ini->lang_limits[i];
		l->lang = NULL;
		package_set(pkg, &l->lang, ini->lang_limits[i].lang);
	}
}

static void apply_check(struct package *pkg, const struct package_ini *ini)
{
	const struct check_row *row = ini->check >= 0 ? &check_types[ini->check] : NULL;
	struct check *c = &pkg->p->check;

	if (row && !ini->program) {
		program_release(&c->program);
		c->type = row->type;
		c->space_sensitive = false;
		c->presentation = row->type == CHECK_LINES;
		c->absolute = c->relative = row->floats ? 1e-6 : -1;
	}
	if (ini->program) {
		program_release(&c->program);
		if (package_checker(pkg, ini->program, &c->program) && (row || !check_has_program(c)))
			c->type = row ? row->type : CHECK_PROGRAM;
	}
	if (ini->absolute >= 0 || ini->relative >= 0) {
		c->absolute = ini->absolute;
		c->relative = ini->relative;
	}
	if (ini->case_sensitive >= 0)
		c->case_sensitive = ini->case_sensitive;
}

static void apply_arguments(struct package *pkg, const struct package_ini *ini)
{
	struct problem *p = pkg->p;

	if (ini->arguments.n > 0 && !check_has_program(&p->check)) {
		package_fault(pkg, FILE_NAME, 0, "[check] arguments are for a program");
		return;
	}
	for (size_t i = 0; i < p->ntests; i++) {
		/* What is said here is not undone by the package's flags. */
		if (ini->check >= 0 || ini->program || ini->absolute >= 0 || ini->relative >= 0 ||
		    ini->case_sensitive >= 0)
			strv_release(&p->tests[i].args);
		for (size_t j = 0; j < ini->arguments.n; j++)
			if (strv_add(&p->tests[i].args, ini->arguments.v[j]) < 0)
				package_error(pkg, -ENOMEM, FILE_NAME, "read");
	}
}

static void apply_samples(struct package *pkg, const struct package_ini *ini)
{
	struct problem *p = pkg->p;

	for (size_t i = 0; i < p->ntests && ini->samples.n > 0; i++)
		p->tests[i].sample = false;
	for (size_t j = 0; j < ini->samples.n; j++) {
		bool found = false;

		for (size_t i = 0; i < p->ntests; i++) {
			if (fnmatch(ini->samples.v[j], p->tests[i].name, FNM_PATHNAME) != 0)
				continue;
			p->tests[i].sample = found = true;
		}
		if (!found)
			package_fault(pkg, FILE_NAME, 0, "[tests] sample: no test is named '%s'",
				      ini->samples.v[j]);
	}
}

void ini_apply(struct package *pkg, const struct package_ini *ini)
{
	struct problem *p = pkg->p;

	if (ini->title)
		package_set(pkg, &p->title, ini->title);
	if (ini->author)
		package_set(pkg, &p->author, ini->author);
	if (ini->languages.n > 0) {
		strv_release(&p->languages);
		if (strv_copy(&p->languages, &ini->languages) < 0)
			package_error(pkg, -ENOMEM, FILE_NAME, "read");
	}
	if (ini->feedback >= 0)
		p->feedback = ini->feedback;
	if (ini->run_all >= 0)
		p->run_all = ini->run_all;
	p->open_us = ini->open_us;
	p->close_us = ini->close_us;
	apply_limits(p, &ini->limits);
	apply_lang_limits(pkg, ini);
	apply_check(pkg, ini);
	apply_arguments(pkg, ini);
	apply_samples(pkg, ini);
	if (ini->statement)
		package_show_statement(pkg, ini->statement);
}
