/*
 * report_json.c - an outcome for programs (NAME.result.json)
 */
#include <string.h>

#include "base/clock.h"
#include "judge/report.h"
#include "judge/run.h"

#define COMPILE_JSON	5000		/* bytes of the compiler's words in "compiler", as judgecore has it */

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
		enum view view = report_view(&o->tests[i], a->feedback);

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
			return report_view(&o->tests[i], a->feedback) == VIEW_ALL ?
			       test_extra(&o->tests[i]) : NULL;
	return o->verdict == VERDICT_CE && a->feedback != FEEDBACK_NONE ? o->message : NULL;
}

void report_json(const struct outcome *o, const struct report_about *a, struct buf *ret)
{
	bool seen = a->feedback != FEEDBACK_NONE;
	const struct report_usage u = report_usage(o, a);
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
	put_text(b, "test", report_shows_tests(a) ? o->test : NULL);
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
