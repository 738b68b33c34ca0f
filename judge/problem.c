/*
 * problem.c - one problem from a package of any format
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/units.h"
#include "judge/package/package.h"
#include "judge/problem.h"

#define SECOND	INT64_C(1000000)
#define KIB	INT64_C(1024)
#define MIB	(1024 * KIB)

/* By the file at the top that only this format has; the plain form has none. */
static const struct package_format formats[] = {
	{ "Kattis", "problem.yaml", kattis_read },
	{ "Polygon", "problem.xml", NULL },
	{ "DMOJ", "init.yml", NULL },
	{ "CMS", "task.yaml", NULL },
	{ "UOJ", "problem.conf", NULL },
	{ "library-checker", "info.toml", NULL },
	{ "plain", NULL, plain_read },
};

/* ------------------------------------------------------------------- loading */

static void read_package(struct package *pkg)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct package_format *f = &formats[i];

		enum package_kind kind = f->mark ? package_kind(pkg, f->mark) : PACKAGE_FILE;

		if (kind == PACKAGE_NONE)
			continue;
		if (kind != PACKAGE_FILE)
			package_fault(pkg, f->mark, 0, "not a file that can be read");
		else if (f->read)
			f->read(pkg);
		else
			package_unsupported(pkg, f->mark, 0, "packages of %s are not read yet",
					    f->name);
		return;
	}
}


/* A stable sort: readers give the tests in the order of their names. */
static void order_tests(struct problem *p)
{
	struct test *v = p->tests ? reallocarray(NULL, p->ntests, sizeof(*v)) : NULL;
	size_t n = 0;

	if (!v)
		return;
	for (int sample = 1; sample >= 0; sample--)
		for (size_t i = 0; i < p->ntests; i++)
			if (p->tests[i].sample == sample)
				v[n++] = p->tests[i];
	free(p->tests);
	p->tests = v;
}

static void check_problem(struct package *pkg)
{
	struct problem *p = pkg->p;
	bool can_run = p->languages.n == 0;

	if (p->ntests == 0)
		package_fault(pkg, "data", 0, "no test cases, which are NAME.in with NAME.ans each");
	if (p->limits.cpu_us > 0 && limit_bounds("time", p->limits.cpu_us))
		package_fault(pkg, "limits", 0, "the time limit is not from %s",
			      limit_bounds("time", p->limits.cpu_us));
	if (p->limits.wall_us > 0 && p->limits.cpu_us > p->limits.wall_us)
		package_fault(pkg, "problem.ini", 0, "[limits] wall is less than time");
	for (size_t i = 0; i < p->languages.n; i++)
		can_run = can_run || langs_by_id(pkg->langs, p->languages.v[i]);
	if (!can_run)
		package_fault(pkg, "languages", 0, "none of the problem's languages is known here");
}

static void report_summary(struct package *pkg)
{
	const struct problem *p = pkg->p;
	size_t samples = 0, skipped = 0;

	if (!pkg->report || !p->format)		/* its file could not be read: that is told */
		return;
	for (size_t i = 0; i < p->ntests; i++)
		samples += p->tests[i].sample;
	for (size_t i = 0; i < p->nreferences; i++)
		skipped += p->references[i].skip != NULL;
	buf_clean(pkg->report, p->id, strlen(p->id));
	buf_printf(pkg->report, ": %s, %zu test%s (%zu sample%s), %zu reference submission%s",
		   p->format, p->ntests,
		   p->ntests == 1 ? "" : "s", samples, samples == 1 ? "" : "s", p->nreferences,
		   p->nreferences == 1 ? "" : "s");
	if (skipped > 0)
		buf_printf(pkg->report, " (%zu can not be judged here)", skipped);
	buf_puts(pkg->report, "\n");
}

/* YAML has texts of several lines; lists of problems have none. */
static void one_line(char *text)
{
	for (; text && *text; text++)
		if (strchr("\r\n\t", *text))
			*text = ' ';
}

static int fill(struct package *pkg, const char *id)
{
	struct package_ini *ini = NULL;

	if (!problem_id_valid(id))
		package_fault(pkg, id, 0, "no name for a problem: 1 to 64 letters, digits, _ - and ., "
			      "not one of the judge's own");
	package_set(pkg, &pkg->p->id, id);
	pkg->p->limits = *pkg->defaults;
	pkg->p->check.absolute = pkg->p->check.relative = -1;
	ini_read(pkg, &ini);
	read_package(pkg);
	if (ini)
		ini_apply(pkg, ini);
	ini_free(ini);
	if (pkg->r == -ENOTSUP)
		return pkg->r;
	order_tests(pkg->p);
	package_show_samples(pkg);
	if (!pkg->p->title)
		package_set(pkg, &pkg->p->title, id);
	one_line(pkg->p->title);
	one_line(pkg->p->author);
	check_problem(pkg);
	report_summary(pkg);
	return pkg->r;
}

int problem_load(int dirfd, const char *id, const struct langs *langs,
		 const struct limits *defaults, struct blobs *blobs, struct problem **ret,
		 struct buf *report, struct diag *diag)
{
	struct problem *p = calloc(1, sizeof(*p));
	struct package pkg = {
		.dirfd = dirfd, .langs = langs, .defaults = defaults, .blobs = blobs, .p = p,
		.report = report, .diag = diag,
	};
	int r;

	if (!p)
		return -ENOMEM;
	r = fill(&pkg, id);
	package_constants_release(&pkg);
	if (r < 0) {
		problem_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

static void sources_free(struct source *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].name);
	free(v);
}

void program_release(struct program *p)
{
	sources_free(p->sources, p->nsources);
	*p = (struct program){ 0 };
}

void problem_free(struct problem *p)
{
	if (!p)
		return;
	free(p->id);
	free(p->title);
	free(p->author);
	free(p->source_url);
	free(p->license);
	free(p->format);
	for (size_t i = 0; i < p->nlang_limits; i++)
		free(p->lang_limits[i].lang);
	free(p->lang_limits);
	program_release(&p->check.program);
	for (size_t i = 0; i < p->ntests; i++) {
		free(p->tests[i].name);
		free(p->tests[i].group);
		strv_release(&p->tests[i].args);
		strv_release(&p->tests[i].in_args);
	}
	free(p->tests);
	strv_release(&p->languages);
	sources_free(p->includes, p->nincludes);
	for (size_t i = 0; i < p->nfiles; i++)
		free(p->files[i].path);
	free(p->files);
	for (size_t i = 0; i < p->nreferences; i++) {
		free(p->references[i].path);
		free(p->references[i].skip);
		program_release(&p->references[i].program);
	}
	free(p->references);
	for (size_t i = 0; i < p->ninput_validators; i++) {
		free(p->input_validators[i].path);
		free(p->input_validators[i].skip);
		program_release(&p->input_validators[i].program);
	}
	free(p->input_validators);
	free(p);
}

/* -------------------------------------------------------------------- limits */

void limits_default(struct limits *ret)
{
	*ret = (struct limits){
		.cpu_us = SECOND,
		.wall_us = 0,
		.memory_bytes = 256 * MIB,
		.output_bytes = 8 * MIB,
		.processes = 1,
		.files = 16,
		.source_bytes = 256 * KIB,
		.compile_time_us = 60 * SECOND,
		.compile_memory_bytes = 2048 * MIB,
		.check_time_us = 60 * SECOND,
		.check_memory_bytes = 2048 * MIB,
		.check_output_bytes = 8 * MIB,
		.confirm = 2,
		.confirm_percent = 10,
	};
}

static int64_t scale(int64_t us, const struct lang *lang)
{
	return llround((double)us * lang->time_factor) + lang->time_extra_us;
}

void limits_compile(struct limits *l, const struct lang *lang)
{
	if (lang->compile_time_us > 0)
		l->compile_time_us = lang->compile_time_us;
	if (lang->compile_memory_bytes > 0)
		l->compile_memory_bytes = lang->compile_memory_bytes;
}

void problem_limits(const struct problem *p, const struct lang *lang, struct limits *ret)
{
	const struct lang_limits *own = NULL;
	struct limits l = p->limits;

	for (size_t i = 0; i < p->nlang_limits; i++) {
		const struct lang_limits *one = &p->lang_limits[i];

		/* [limits cpp] is for all C++, [limits cpp17] for one and wins. */
		if (lang_named(lang, one->lang) && (!own || strcmp(one->lang, lang->id) == 0))
			own = one;
	}
	l.cpu_us = own && own->cpu_us ? own->cpu_us : scale(p->limits.cpu_us, lang);
	if (own && own->wall_us)
		l.wall_us = own->wall_us;
	else if (p->limits.wall_us > 0)
		l.wall_us = p->limits.wall_us + (l.cpu_us > p->limits.cpu_us ?
						 l.cpu_us - p->limits.cpu_us : 0);
	else
		l.wall_us = 3 * l.cpu_us + SECOND;
	if (own && own->memory_bytes)
		l.memory_bytes = own->memory_bytes;
	l.memory_bytes += lang->memory_extra_bytes;
	if (lang->processes > l.processes)
		l.processes = lang->processes;
	limits_compile(&l, lang);
	*ret = l;
}

/* -------------------------------------------------------------- what is shown */

static void readme_limits(const struct problem *p, struct buf *ret)
{
	char text[32];

	if (p->limits.cpu_us > 0) {
		format_duration(p->limits.cpu_us, text);
		buf_printf(ret, "Time limit      %s of CPU time for each test\n", text);
	}
	format_size(p->limits.memory_bytes, text);
	buf_printf(ret, "Memory limit    %s\n", text);
	format_size(p->limits.output_bytes, text);
	buf_printf(ret, "Output limit    %s\n", text);
	if (p->limits.processes == 1)
		buf_puts(ret, "Processes       one, with one thread; a language's own come on top\n");
	else
		buf_printf(ret, "Processes       at most %lld, threads count too\n",
			   (long long)p->limits.processes);
	format_size(p->limits.source_bytes, text);
	buf_printf(ret, "Source          at most %s\n", text);
	for (size_t i = 0; i < p->nlang_limits; i++) {
		const struct lang_limits *l = &p->lang_limits[i];

		buf_printf(ret, "  in %-12s", l->lang);
		if (l->cpu_us > 0) {
			format_duration(l->cpu_us, text);
			buf_printf(ret, " %s", text);
		}
		if (l->memory_bytes > 0) {
			format_size(l->memory_bytes, text);
			buf_printf(ret, " %s", text);
		}
		buf_puts(ret, "\n");
	}
}

static void readme_time(const char *what, int64_t us, const char *then, struct buf *ret)
{
	time_t t = us / SECOND;
	struct tm tm;
	char text[64];

	if (us > 0 && localtime_r(&t, &tm) && strftime(text, sizeof(text), "%F %H:%M %Z", &tm) > 0)
		buf_printf(ret, "%-16s%s%s\n", what, text, then);
}

static bool readme_open(const struct problem *p, struct buf *ret)
{
	int64_t now = clock_wall_us();
	bool closed = p->close_us > 0 && p->close_us <= now, early = p->open_us > now;

	readme_time(early ? "Not open before" : "Opened", p->open_us,
		    early ? ": till then nothing is taken" : "", ret);
	readme_time(closed ? "Closed since" : "Deadline", p->close_us,
		    closed ? ": nothing is taken any more" : "", ret);
	return !closed && !early;
}

static void readme_feedback(const struct problem *p, struct buf *ret)
{
	static const char *const words[] = {
		[FEEDBACK_FULL] = "",
		[FEEDBACK_SAMPLES] = "\nOf the samples you see all, of the other tests only the verdict.\n",
		[FEEDBACK_VERDICT] = "\nYou see the verdict, but not which test it comes from.\n",
		[FEEDBACK_NONE] = "\nNo results are shown: every verdict reads \"Not shown\".\n",
	};

	buf_puts(ret, words[p->feedback]);
}

static void readme_languages(const struct problem *p, const struct langs *langs, struct buf *ret)
{
	const char *label = "Languages";
	char one[160];

	for (size_t i = 0; i < langs->n; i++) {
		const struct lang *l = langs->v[i];

		if (l->missing || !lang_allowed(&p->languages, l))
			continue;
		snprintf(one, sizeof(one), "%s (.%s)", l->name, l->suffixes.v[0]);
		if (l->version)
			buf_printf(ret, "%-16s%-20s  %s\n", label, one, l->version);
		else
			buf_printf(ret, "%-16s%s\n", label, one);
		label = "";
	}
	if (*label)
		buf_printf(ret, "%-16snone that this judge has\n", label);
}

static void readme_submit(const struct problem *p, bool open, struct buf *ret)
{
	size_t samples = 0;

	for (size_t i = 0; i < p->ntests; i++)
		samples += p->tests[i].sample;
	buf_printf(ret, "\n%zu test%s", p->ntests, p->ntests == 1 ? "" : "s");
	if (samples > 0)
		buf_printf(ret, ", %zu of them in samples/", samples);
	if (p->check.type == CHECK_INTERACTIVE)
		buf_puts(ret, ". The problem is interactive: your program talks with one of the\n"
			      "judge's over its standard input and output. Flush what you print before you\n"
			      "wait for an answer: fflush(stdout), cout << endl, print(..., flush=True),\n"
			      "System.out.flush().\n");
	else
		buf_puts(ret, ". A program reads its standard input and writes its answer to\n"
			      "its standard output.\n");
	readme_feedback(p, ret);
	if (!open)
		return;
	buf_puts(ret, "\nTo submit, copy your program into sub/; the verdict appears beside it:\n\n");
	buf_printf(ret, "    cp solution.c %s/sub/\n    cat %s/sub/solution.c.verdict\n", p->id,
		   p->id);
	buf_puts(ret, "\nCopy it again under the same name to try again; history/ keeps every attempt.\n");
}

void problem_readme(const struct problem *p, const struct langs *langs, struct buf *ret)
{
	bool open;

	buf_clean(ret, p->title, strlen(p->title));
	buf_puts(ret, "\n");
	for (const char *c = p->title; *c; c++)
		if (((unsigned char)*c & 0xc0) != 0x80)
			buf_puts(ret, "=");
	buf_puts(ret, "\n");
	if (p->author) {
		buf_puts(ret, "by ");
		buf_clean(ret, p->author, strlen(p->author));
		buf_puts(ret, "\n");
	}
	buf_puts(ret, "\n");
	readme_limits(p, ret);
	readme_languages(p, langs, ret);
	open = readme_open(p, ret);
	readme_submit(p, open, ret);
}

/* --------------------------------------------------------------------- names */

bool problem_id_valid(const char *id)
{
	/* What the root of the mount holds beside problems (DESIGN.md section 2). */
	static const char *const reserved[] = {
		"users", "staff", "inbox", "README.txt", "languages.txt", "queue.txt", "health.txt",
		"metrics", "scoreboard.txt", "scoreboard.html", "scoreboard.csv", "scoreboard.json",
	};

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (strcasecmp(id, reserved[i]) == 0)
			return false;
	return strlen(id) <= 64 && name_good(id) && strncasecmp(id, "scoreboard.", 11) != 0;
}

bool problem_id_twin(int dirfd, const char *id, char ret[65])
{
	struct strv names = { 0 };
	bool found = false;

	if (io_list(dirfd, ".", &names) == 0) {
		for (size_t i = 0; i < names.n && !found; i++) {
			found = strcasecmp(names.v[i], id) == 0 && strcmp(names.v[i], id) != 0;
			if (found)
				snprintf(ret, 65, "%s", names.v[i]);
		}
	}
	strv_release(&names);
	return found;
}
