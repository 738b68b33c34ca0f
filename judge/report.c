/*
 * report.c - an outcome for a person (NAME.verdict) and for programs (NAME.result.json)
 *
 * Both show as much as the problem's feedback allows, and never what is for staff.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "judge/interact.h"
#include "judge/job.h"
#include "judge/run.h"

#define COMPILE_LINES	20		/* of the compiler in a verdict */
#define LINE_MAX_LEN	400		/* bytes of one of these lines */
#define MEMORY_BATCH	(256 << 10)	/* a group of version 1 is charged in steps of this */
#define COMPILE_JSON	5000		/* bytes of it in "compiler", as judgecore has it */

static const char hints[VERDICTS][160] = {
	[VERDICT_PE] = "the right words, but blanks or ends of lines differ from what is asked.",
	[VERDICT_WA] = "try the samples, then the smallest and the largest input you can think of.",
	[VERDICT_CE] = "correct what the compiler says first; later messages often follow from it.",
	[VERDICT_RE] = "the program failed by itself: an index, a null pointer, a division, an "
		       "exception, or an exit code that is not 0.",
	[VERDICT_MLE] = "count what your arrays need; look for an endless recursion.",
	[VERDICT_TLE] = "an endless loop, or an algorithm that is too slow for the largest input.",
	[VERDICT_ILE] = "the program waited for something: more input than there is, or a pause. "
			"Where it talks with an interactor: flush what you print.",
	[VERDICT_OLE] = "a loop that prints without end?",
	[VERDICT_SV] = "a solution needs no network, no other programs and no files.",
};

/* What a message tells more exactly; its reader sees the message too. */
static const struct {
	enum verdict verdict;
	const char *says, *hint;
} told[] = {
	{ VERDICT_CE, "unknown language", "rename it: the suffix names the language (see "
					  "languages.txt)." },
	{ VERDICT_CE, "is not allowed", "use another language: the suffix names it (see "
					"languages.txt)." },
	{ VERDICT_CE, "is not available", "use another language: the suffix names it (see "
					  "languages.txt)." },
	{ VERDICT_CE, "the source has", "hand in a shorter source, without tables and comments." },
	{ VERDICT_RE, RUN_NO_PROCESSES, "start fewer threads and processes, better none: their "
					"number is limited." },
	{ VERDICT_ILE, INTERACT_SILENT, "did you flush what you printed, after every line? Does the "
					"program read no more than it is told?" },
	{ VERDICT_ILE, INTERACT_OVER, "end the program when the conversation is over." },
	{ VERDICT_WA, INTERACT_EARLY, "the conversation goes on until the interactor says that it is "
				      "over." },
};

static const char judge_failed[] =
	"The judge itself failed, which is not your fault: it is tried again, it is reported to\n"
	"the staff, and it does not count.\n";

/* What the reader of an outcome may see of one test. */
enum view { VIEW_NOTHING, VIEW_VERDICT, VIEW_ALL };

static enum view test_view(const struct test_result *t, enum feedback feedback)
{
	switch (feedback) {
	case FEEDBACK_FULL:
		return VIEW_ALL;
	case FEEDBACK_SAMPLES:
		return t->sample ? VIEW_ALL : VIEW_VERDICT;
	default:
		return VIEW_NOTHING;
	}
}

static bool shows_tests(const struct report_about *a)
{
	return a->feedback == FEEDBACK_FULL || a->feedback == FEEDBACK_SAMPLES;
}

/* The slowest and the greatest of what may be seen, and the sum of the times. */
struct usage {
	bool any;
	int64_t cpu_us, wall_us, memory_bytes, total_us;
};

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct usage usage_seen(const struct outcome *o, const struct report_about *a)
{
	struct usage u = { 0 };

	for (size_t i = 0; i < o->ntests; i++) {
		const struct test_result *t = &o->tests[i];

		if (t->verdict == VERDICT_SK || test_view(t, a->feedback) != VIEW_ALL)
			continue;
		u.any = true;
		u.cpu_us = greater(u.cpu_us, t->cpu_us);
		u.wall_us = greater(u.wall_us, t->wall_us);
		u.memory_bytes = greater(u.memory_bytes, t->memory_bytes);
		u.total_us += t->cpu_us;
	}
	return u;
}

/* On one line whatever is in it. */
static void add_line(struct buf *b, const char *text)
{
	buf_clean(b, text, strcspn(text, "\r\n"));
}

/* ------------------------------------------------------------- for a person */

void report_memory(int64_t bytes, char ret[32])
{
	if (bytes < MEMORY_BATCH)
		snprintf(ret, 32, "< %d KiB", MEMORY_BATCH >> 10);
	else
		format_size(bytes, ret);
}

static void add_first_line(const struct outcome *o, const struct report_about *a, struct buf *b)
{
	if (a->feedback == FEEDBACK_NONE) {
		buf_puts(b, "Not shown\n");
		return;
	}
	buf_puts(b, verdict_words(o->verdict)->words);
	if (o->test && shows_tests(a)) {
		buf_puts(b, " on test ");
		add_line(b, o->test);
	}
	if (o->verdict == VERDICT_PC)
		buf_printf(b, ", %g of %g points", o->score, o->max_score);
	buf_puts(b, "\n");
}

static void add_facts(const struct outcome *o, const struct report_about *a, struct buf *b)
{
	const struct usage u = usage_seen(o, a);
	char text[32];

	buf_puts(b, "\n");
	if (o->verdict == VERDICT_CE && o->message) {
		buf_puts(b, "Reason    ");
		add_line(b, o->message);
		buf_puts(b, "\n");
	}
	if (u.any) {
		format_duration(u.cpu_us, text);
		buf_printf(b, "Time      %s\n", text);
		report_memory(u.memory_bytes, text);
		buf_printf(b, "Memory    %s\n", text);
	}
	if (o->lang_name) {
		buf_puts(b, "Language  ");
		add_line(b, o->lang_name);
		if (o->lang_version) {
			buf_puts(b, ", ");
			add_line(b, o->lang_version);
		}
		buf_puts(b, "\n");
	}
}

static size_t name_width(const struct outcome *o)
{
	size_t width = strlen("Test");

	for (size_t i = 0; i < o->ntests; i++)
		if (o->tests[i].verdict != VERDICT_SK && strlen(o->tests[i].name) > width)
			width = strlen(o->tests[i].name);
	return width < 60 ? width : 60;
}

/* Near the time limit it was run again; see run.h. */
static void add_runs(struct buf *b, const struct test_result *t)
{
	char slowest[32];

	if (t->runs < 2)
		return;
	format_duration(t->slowest_us, slowest);
	if (t->verdict == VERDICT_TLE)
		buf_printf(b, "; all %d runs were too slow, this is the fastest", t->runs);
	else
		buf_printf(b, "%sthe time limit was near: %d runs, the slowest took %s",
			   t->message ? "; " : "  ", t->runs, slowest);
}

static void add_row(struct buf *b, const struct test_result *t, enum view view, size_t width)
{
	char time[32], memory[32];
	size_t from = b->len;

	add_line(b, t->name);
	if (b->len - from < width)
		buf_printf(b, "%*s", (int)(width - (b->len - from)), "");
	if (view != VIEW_ALL) {
		buf_printf(b, "  %s\n", verdict_words(t->verdict)->words);
		return;
	}
	format_duration(t->cpu_us, time);
	report_memory(t->memory_bytes, memory);
	buf_printf(b, "  %-23s  %9s  %10s", verdict_words(t->verdict)->words, time, memory);
	if (t->message) {
		buf_puts(b, "  ");
		add_line(b, t->message);
	}
	add_runs(b, t);
	buf_puts(b, "\n");
}

static void add_table(const struct outcome *o, const struct report_about *a, struct buf *b)
{
	size_t width = name_width(o), skipped = 0;
	bool head = false;

	for (size_t i = 0; i < o->ntests; i++) {
		const struct test_result *t = &o->tests[i];
		enum view view = test_view(t, a->feedback);

		if (t->verdict == VERDICT_SK) {
			skipped++;
			continue;
		}
		if (view == VIEW_NOTHING)
			continue;
		if (!head)
			buf_printf(b, "\n%-*s  %-23s  %9s  %10s\n", (int)width, "Test", "Verdict",
				   "Time", "Memory");
		head = true;
		add_row(b, t, view, width);
	}
	if (head && skipped > 0)
		buf_printf(b, "%zu more test%s not judged\n", skipped,
			   skipped == 1 ? " was" : "s were");
}

/* The first @max lines, each indented. */
static void add_lines(struct buf *b, const char *text, size_t max)
{
	size_t n = 0;

	while (*text && n < max) {
		size_t len = strcspn(text, "\n");

		buf_puts(b, "    ");
		buf_clean(b, text, len < LINE_MAX_LEN ? len : LINE_MAX_LEN);
		buf_puts(b, len < LINE_MAX_LEN ? "\n" : "...\n");
		text += len + (text[len] == '\n');
		n++;
	}
	if (*text)
		buf_puts(b, "    ...\n");
}

/* What a failed sample shows; secret data never does. */
static void add_samples(const struct outcome *o, const struct report_about *a, struct buf *b)
{
	for (size_t i = 0; i < o->ntests; i++) {
		const struct test_result *t = &o->tests[i];

		if (!t->sample || test_view(t, a->feedback) != VIEW_ALL)
			continue;
		if (t->difference) {
			buf_puts(b, "\nFirst difference in test ");
			add_line(b, t->name);
			buf_puts(b, ": ");
			add_line(b, t->difference);
			buf_puts(b, "\n");
		}
		if (t->said) {
			buf_puts(b, "\nOn test ");
			add_line(b, t->name);
			buf_puts(b, " it wrote to stderr:\n");
			add_lines(b, t->said, COMPILE_LINES);
		}
	}
}

static void add_compiler(const struct outcome *o, const struct report_about *a, struct buf *b)
{
	if (!o->compile_text)
		return;
	buf_puts(b, "\nThe compiler said");
	if (a->file_name) {
		buf_puts(b, " (all of it in ");
		add_line(b, a->file_name);
		buf_puts(b, ".compile.txt)");
	}
	buf_puts(b, ":\n");
	add_lines(b, o->compile_text, COMPILE_LINES);
}

/* Of the test that decided, as far as it may be seen, or of all. */
static const char *message_seen(const struct outcome *o, const struct report_about *a)
{
	for (size_t i = 0; o->test && i < o->ntests; i++)
		if (strcmp(o->tests[i].name, o->test) == 0)
			return test_view(&o->tests[i], a->feedback) == VIEW_ALL ?
			       o->tests[i].message : NULL;
	return o->verdict == VERDICT_CE ? o->message : NULL;
}

static void add_hint(const struct outcome *o, const struct report_about *a, struct buf *b)
{
	const char *message = message_seen(o, a), *hint = hints[o->verdict];

	for (size_t i = 0; message && i < ARRAY_SIZE(told); i++)
		if (told[i].verdict == o->verdict && strstr(message, told[i].says))
			hint = told[i].hint;
	if (hint[0])
		buf_printf(b, "\nHint: %s\n", hint);
	if (o->verdict == VERDICT_JE)
		buf_printf(b, "\n%s", judge_failed);
}

void report_verdict(const struct outcome *o, const struct report_about *a, struct buf *ret)
{
	add_first_line(o, a, ret);
	if (a->feedback == FEEDBACK_NONE) {
		buf_puts(ret, "\nYour submission was received and judged; this problem shows no "
			      "results.\n");
	} else {
		add_facts(o, a, ret);
		add_table(o, a, ret);
		add_samples(o, a, ret);
		add_compiler(o, a, ret);
		add_hint(o, a, ret);
	}
	if (a->contact && *a->contact) {
		buf_puts(ret, "\nQuestions: ");
		add_line(ret, a->contact);
		buf_puts(ret, "\n");
	}
}

/* ------------------------------------------------------------- for programs */

/* Members of an object; a value that may not be seen is null. */
static void put_text(struct buf *b, const char *key, const char *text)
{
	buf_key(b, key);
	buf_json(b, text);
}

static void put_number(struct buf *b, const char *key, bool seen, int64_t n)
{
	buf_key(b, key);
	if (seen)
		buf_printf(b, "%lld", (long long)n);
	else
		buf_puts(b, "null");
}

static void put_bool(struct buf *b, const char *key, bool value)
{
	buf_key(b, key);
	buf_puts(b, value ? "true" : "false");
}

static void put_time(struct buf *b, const char *key, int64_t wall_us)
{
	char text[32];

	if (wall_us > 0)
		clock_format(wall_us, text);
	put_text(b, key, wall_us > 0 ? text : NULL);
}

static void put_score(struct buf *b, const char *key, bool seen, double score)
{
	buf_key(b, key);
	if (seen)
		buf_printf(b, "%.10g", score);
	else
		buf_puts(b, "null");
}

static bool ran(const struct test_result *t)
{
	return t->verdict != VERDICT_SK;
}

/* judgecore's status and text; a test that was not run has a text of its own. */
static void put_status(struct buf *b, bool seen, enum verdict v)
{
	const struct verdict_words *w = verdict_words(v);

	put_text(b, "result", !seen ? NULL : v == VERDICT_SK ? "unjudged" : w->judgecore_text);
	put_number(b, "status", seen && w->judgecore_status >= 0, w->judgecore_status);
}

static int64_t kib(int64_t bytes)
{
	return (bytes + 1023) / 1024;
}

static int64_t ms(int64_t us)
{
	return (us + 500) / 1000;
}

static const char *test_extra(const struct test_result *t)
{
	return t->sample && t->difference ? t->difference : t->message;
}

/* A row of judgecore's detail[]. */
static void put_detail(struct buf *b, const struct test_result *t, enum view view)
{
	bool all = view == VIEW_ALL && ran(t);

	buf_key(b, NULL);
	buf_puts(b, "{");
	put_number(b, "exitcode", all && t->exit_code >= 0, t->exit_code);
	put_number(b, "memory", all, kib(t->memory_bytes));
	put_status(b, true, t->verdict);
	put_number(b, "time", all, ms(t->cpu_us));
	put_number(b, "signal", all && t->signal > 0, t->signal);
	put_text(b, "signal_str", all && t->signal > 0 ? signal_words(t->signal) : NULL);
	put_text(b, "extra", all ? test_extra(t) : NULL);
	put_text(b, "inline", NULL);
	buf_puts(b, "}");
}

static void put_test(struct buf *b, const struct test_result *t, enum view view)
{
	bool all = view == VIEW_ALL && ran(t);

	buf_key(b, NULL);
	buf_puts(b, "{");
	put_text(b, "name", t->name);
	put_text(b, "group", t->group);
	put_text(b, "verdict", verdict_words(t->verdict)->code);
	put_number(b, "cpu_us", all, t->cpu_us);
	put_number(b, "wall_us", all, t->wall_us);
	put_number(b, "memory_bytes", all, t->memory_bytes);
	put_number(b, "exit_code", all && t->exit_code >= 0, t->exit_code);
	put_number(b, "signal", all && t->signal > 0, t->signal);
	put_number(b, "runs", all, t->runs);
	put_number(b, "slowest_us", all, t->slowest_us);
	put_score(b, "score", ran(t), t->verdict == VERDICT_AC);
	put_text(b, "message", all ? test_extra(t) : NULL);
	buf_puts(b, "}");
}

static void put_tests(struct buf *b, const char *key, const struct outcome *o,
		      const struct report_about *a,
		      void (*put)(struct buf *b, const struct test_result *t, enum view view))
{
	buf_key(b, key);
	buf_puts(b, "[");
	for (size_t i = 0; i < o->ntests; i++) {
		enum view view = test_view(&o->tests[i], a->feedback);

		if (view != VIEW_NOTHING)
			put(b, &o->tests[i], view);
	}
	buf_puts(b, "]");
}

static void put_compiler(struct buf *b, const struct outcome *o)
{
	struct buf text = { 0 };

	if (!o->compile_text) {
		put_text(b, "compiler", o->compile_failed ? o->message : NULL);
		return;
	}
	buf_add(&text, o->compile_text, strnlen(o->compile_text, COMPILE_JSON));
	if (o->compile_text[text.len])
		buf_puts(&text, "\n...");
	put_text(b, "compiler", buf_text(&text));
	buf_release(&text);
}

static void put_compile(struct buf *b, const struct outcome *o, bool seen)
{
	buf_key(b, "compile");
	buf_puts(b, "{");
	buf_key(b, "ok");
	buf_puts(b, !seen ? "null" : o->compile_failed ? "false" : "true");
	put_number(b, "cpu_us", seen, o->compile_cpu_us);
	put_text(b, "message", seen && o->compile_failed ? o->message : NULL);
	put_text(b, "text", seen ? o->compile_text : NULL);
	buf_puts(b, "}");
}

/* Of the test that decided, as far as it may be seen. */
static const char *outcome_extra(const struct outcome *o, const struct report_about *a)
{
	for (size_t i = 0; o->test && i < o->ntests; i++)
		if (strcmp(o->tests[i].name, o->test) == 0)
			return test_view(&o->tests[i], a->feedback) == VIEW_ALL ?
			       test_extra(&o->tests[i]) : NULL;
	return o->verdict == VERDICT_CE && a->feedback != FEEDBACK_NONE ? o->message : NULL;
}

void report_json(const struct outcome *o, const struct report_about *a, struct buf *ret)
{
	bool seen = a->feedback != FEEDBACK_NONE;
	const struct usage u = usage_seen(o, a);
	struct buf *b = ret;

	buf_puts(b, "{");
	put_number(b, "id", true, a->id);
	put_text(b, "problem", a->problem);
	put_text(b, "user", a->user);
	put_text(b, "language", o->lang_id);
	put_text(b, "verdict", seen ? verdict_words(o->verdict)->code : NULL);
	put_bool(b, "final", a->final);
	put_score(b, "score", seen, o->score);
	put_score(b, "max_score", seen, o->max_score);
	put_number(b, "attempt", true, a->attempt);
	put_time(b, "submitted", a->submitted_us);
	put_time(b, "judged", a->judged_us);
	put_text(b, "test", shows_tests(a) ? o->test : NULL);
	put_number(b, "cpu_us", u.any, u.cpu_us);
	put_number(b, "wall_us", u.any, u.wall_us);
	put_number(b, "memory_bytes", u.any, u.memory_bytes);
	put_status(b, seen, o->verdict);
	put_number(b, "time", u.any, ms(u.total_us));
	put_number(b, "memory", u.any, kib(u.memory_bytes));
	put_text(b, "extra", outcome_extra(o, a));
	if (seen)
		put_compiler(b, o);
	else
		put_text(b, "compiler", NULL);
	put_tests(b, "detail", o, a, put_detail);
	put_tests(b, "tests", o, a, put_test);
	put_compile(b, o, seen);
	buf_puts(b, "}\n");
}
