/*
 * report.c - an outcome for a person (NAME.verdict)
 */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "judge/interact.h"
#include "judge/report.h"
#include "judge/run.h"

#define COMPILE_LINES	20		/* of the compiler in a verdict */
#define LINE_MAX_LEN	400		/* bytes of one of these lines */
#define MEMORY_BATCH	(256 << 10)	/* a group of version 1 is charged in steps of this */

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
	{ VERDICT_CE, "on the first line", "the names for that line are the first column of "
					   "languages.txt; without one the suffix decides." },
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

enum view report_view(const struct test_result *t, enum feedback feedback)
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

bool report_shows_tests(const struct report_about *a)
{
	return a->feedback == FEEDBACK_FULL || a->feedback == FEEDBACK_SAMPLES;
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct report_usage report_usage(const struct outcome *o, const struct report_about *a)
{
	struct report_usage u = { 0 };

	for (size_t i = 0; i < o->ntests; i++) {
		const struct test_result *t = &o->tests[i];

		if (t->verdict == VERDICT_SK || report_view(t, a->feedback) != VIEW_ALL)
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
	if (o->test && report_shows_tests(a)) {
		buf_puts(b, " on test ");
		add_line(b, o->test);
	}
	if (o->verdict == VERDICT_PC)
		buf_printf(b, ", %g of %g points", o->score, o->max_score);
	buf_puts(b, "\n");
}

static void add_facts(const struct outcome *o, const struct report_about *a, struct buf *b)
{
	const struct report_usage u = report_usage(o, a);
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
		enum view view = report_view(t, a->feedback);

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

		if (!t->sample || report_view(t, a->feedback) != VIEW_ALL)
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
			return report_view(&o->tests[i], a->feedback) == VIEW_ALL ?
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
