/*
 * report: what each level of feedback shows to a student, in the verdict and in result.json
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "judge/job.h"
#include "judge/run.h"

static struct test_result tests[] = {
	{ .name = "sample/1", .group = "sample", .sample = true, .verdict = VERDICT_WA,
	  .cpu_us = 1500, .wall_us = 2000, .memory_bytes = 1 << 20,
	  .message = "off by one", .staff_message = "STAFF sample",
	  .difference = "line 1, column 1: expected '7', got '8'" },
	{ .name = "secret/1", .group = "secret", .verdict = VERDICT_RE, .cpu_us = 9000,
	  .wall_us = 9500, .memory_bytes = 3 << 20, .exit_code = -1, .signal = 11,
	  .message = "killed by signal 11 (Segmentation fault)", .staff_message = "STAFF secret",
	  .difference = "SECRET DIFFERENCE" },
	{ .name = "secret/2", .group = "secret", .verdict = VERDICT_SK, .exit_code = -1 },
};

static const struct outcome wrong = {
	.verdict = VERDICT_WA, .test = "sample/1", .score = 0, .max_score = 1,
	.compile_text = "main.c:1: warning: \x1b[31mred\n", .cpu_us = 9000, .wall_us = 9500,
	.memory_bytes = 3 << 20, .tests = tests, .ntests = ARRAY_SIZE(tests),
	.lang_id = "c17", .lang_name = "C17", .lang_version = "gcc 12.2.0",
};

static const struct outcome compile_error = {
	.verdict = VERDICT_CE, .message = "the compiler ended with status 1", .max_score = 1,
	.compile_text = "main.c:1: error\n", .compile_failed = true, .lang_id = "c17",
	.lang_name = "C17",
};

static const struct outcome judge_failed = {
	.verdict = VERDICT_JE, .test = "secret/1", .message = "STAFF cause", .max_score = 1,
	.tests = tests, .ntests = ARRAY_SIZE(tests),
};

static const struct outcome no_language = {
	.verdict = VERDICT_CE, .max_score = 1, .compile_failed = true,
	.message = "unknown language: '.xyz' is no suffix of one; languages: C17 (.c)",
};

static const struct outcome no_such_name = {
	.verdict = VERDICT_CE, .max_score = 1, .compile_failed = true,
	.message = "unknown language: 'x' on the first line; languages: C17 (.c)",
};

static struct test_result threads[] = {
	{ .name = "secret/1", .group = "secret", .verdict = VERDICT_RE, .exit_code = 1,
	  .message = "exit code 1: " RUN_NO_PROCESSES },
};

static const struct outcome no_threads = {
	.verdict = VERDICT_RE, .test = "secret/1", .max_score = 1, .tests = threads, .ntests = 1,
};

static struct test_result repeated[] = {
	{ .name = "1", .verdict = VERDICT_AC, .cpu_us = 970000, .runs = 2, .slowest_us = 1020000 },
	{ .name = "2", .verdict = VERDICT_AC, .cpu_us = 970000, .runs = 3, .slowest_us = 1030000,
	  .message = "well done" },
	{ .name = "3", .verdict = VERDICT_TLE, .cpu_us = 1040000, .runs = 3, .slowest_us = 1050000,
	  .message = "used more than 1 s of CPU time" },
	{ .name = "4", .verdict = VERDICT_AC, .cpu_us = 10000, .runs = 1, .slowest_us = 10000 },
};

static const struct outcome near = {
	.verdict = VERDICT_TLE, .test = "3", .max_score = 1, .tests = repeated,
	.ntests = ARRAY_SIZE(repeated),
};

static const struct row {
	const struct outcome *o;
	enum feedback feedback;
	const char *first;		/* the whole first line */
	const char *has[6], *lacks[8];
} rows[] = {
	{ &wrong, FEEDBACK_FULL, "Wrong answer on test sample/1\n",
	  { "0.009 s", "3 MiB", "C17, gcc 12.2.0", "Segmentation fault",
	    "First difference in test sample/1: line 1, column 1: expected '7', got '8'",
	    "1 more test was not judged" },
	  { "STAFF", "SECRET DIFFERENCE", "\x1b" } },
	{ &wrong, FEEDBACK_SAMPLES, "Wrong answer on test sample/1\n",
	  { "expected '7'", "off by one", "Runtime error", "Time      0.002 s" },
	  { "STAFF", "SECRET DIFFERENCE", "Segmentation", "0.009 s", "3 MiB" } },
	{ &wrong, FEEDBACK_VERDICT, "Wrong answer\n", { "C17", "red" },
	  { "STAFF", "sample/1", "secret/1", "Segmentation", "Time", "expected", "Runtime" } },
	{ &wrong, FEEDBACK_NONE, "Not shown\n", { "received" },
	  { "STAFF", "sample/1", "secret/1", "Wrong", "red", "C17", "Hint" } },
	{ &compile_error, FEEDBACK_FULL, "Compile error\n",
	  { "the compiler ended with status 1", "    main.c:1: error" }, { "on test" } },
	{ &compile_error, FEEDBACK_VERDICT, "Compile error\n", { "    main.c:1: error" }, { NULL } },
	{ &judge_failed, FEEDBACK_FULL, "Judge error on test secret/1\n", { "not your fault: it is tried again" },
	  { "STAFF", "Hint" } },
	{ &no_language, FEEDBACK_FULL, "Compile error\n",
	  { "languages: C17 (.c)", "Hint: rename it: the suffix names the language (see languages.txt)" },
	  { "the compiler says" } },
	{ &no_such_name, FEEDBACK_FULL, "Compile error\n",
	  { "Hint: the names for that line are the first column" }, { "rename" } },
	{ &near, FEEDBACK_FULL, "Time limit exceeded on test 3\n",
	  { "0.970 s   < 256 KiB  the time limit was near: 2 runs, the slowest took 1.020 s\n",
	    "well done; the time limit was near: 3 runs, the slowest took 1.030 s\n",
	    "used more than 1 s of CPU time; all 3 runs were too slow, this is the fastest\n",
	    "0.010 s   < 256 KiB\n" }, { NULL } },
	{ &near, FEEDBACK_SAMPLES, "Time limit exceeded on test 3\n", { "Accepted" }, { "slowest took" } },
	{ &no_threads, FEEDBACK_FULL, "Runtime error on test secret/1\n", { "Hint: start fewer threads" },
	  { "null pointer" } },
	/* A hint tells nothing of a test that is not shown. */
	{ &no_threads, FEEDBACK_SAMPLES, "Runtime error on test secret/1\n", { "null pointer" },
	  { "threads" } },
};

static void test_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct report_about about = { .feedback = rows[i].feedback, .final = true,
						    .contact = "staff@example.org" };
		struct buf b = { 0 };

		report_verdict(rows[i].o, &about, &b);
		assert_int_equal(strncmp(b.data, rows[i].first, strlen(rows[i].first)), 0);
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].has) && rows[i].has[k]; k++)
			if (!strstr(b.data, rows[i].has[k]))
				fail_msg("row %zu lacks '%s' in:\n%s", i, rows[i].has[k], b.data);
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].lacks) && rows[i].lacks[k]; k++)
			if (strstr(b.data, rows[i].lacks[k]))
				fail_msg("row %zu shows '%s' in:\n%s", i, rows[i].lacks[k], b.data);
		assert_non_null(strstr(b.data, "staff@example.org"));
		assert_int_equal(b.data[b.len - 1], '\n');
		buf_release(&b);
	}
}

/* The same words are missing in result.json, which is one object of the same keys always. */
static const char *const keys[] = {
	"id", "problem", "user", "language", "verdict", "final", "score", "max_score", "attempt",
	"submitted", "judged", "cpu_us", "wall_us", "memory_bytes", "tests", "compile",
	"compiler", "detail", "extra", "memory", "result", "status", "time",
};

static void test_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct report_about about = { .id = 5, .problem = "hello", .attempt = 1,
						    .feedback = rows[i].feedback, .final = true,
						    .submitted_us = 1700000000000000 };
		struct diag diag = { "" };
		struct buf b = { 0 };
		json_t *o = NULL;

		report_json(rows[i].o, &about, &b);
		assert_int_equal(json_parse(b.data, b.len, &o, &diag), 0);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			assert_non_null(json_object_get(o, keys[k]));
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].lacks) && rows[i].lacks[k]; k++) {
			if (strcmp(rows[i].lacks[k], "\x1b") == 0)
				continue;
			if (strstr(b.data, rows[i].lacks[k]))
				fail_msg("row %zu shows '%s' in: %s", i, rows[i].lacks[k], b.data);
		}
		assert_null(strchr(b.data, '\x1b'));
		json_decref(o);
		buf_release(&b);
	}
}

static json_t *parsed(const struct outcome *o, enum feedback feedback)
{
	const struct report_about about = { .feedback = feedback, .final = true };
	struct diag diag = { "" };
	struct buf b = { 0 };
	json_t *ret = NULL;

	report_json(o, &about, &b);
	assert_int_equal(json_parse(b.data, b.len, &ret, &diag), 0);
	buf_release(&b);
	return ret;
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* judgecore's numbers: status, kB, ms; time is the sum, cpu_us the slowest. */
static void test_judgecore(void **state)
{
	json_t *o = parsed(&wrong, FEEDBACK_FULL);
	const json_t *detail = json_object_get(o, "detail"), *crash = json_array_get(detail, 1);
	const json_t *skipped = json_array_get(json_object_get(o, "tests"), 2);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "WA");
	assert_string_equal(json_string_value(json_object_get(o, "language")), "c17");
	assert_string_equal(json_string_value(json_object_get(o, "result")), "wrong answer");
	assert_int_equal(number(o, "status"), 2);
	assert_int_equal(number(o, "time"), 11);
	assert_int_equal(number(o, "cpu_us"), 9000);
	assert_int_equal(number(o, "memory"), 3072);
	assert_int_equal(json_array_size(detail), 3);
	assert_int_equal(number(crash, "status"), 4);
	assert_int_equal(number(crash, "signal"), 11);
	assert_string_equal(json_string_value(json_object_get(crash, "signal_str")),
			    "Segmentation fault");
	assert_string_equal(json_string_value(json_object_get(skipped, "verdict")), "SK");
	assert_true(json_is_null(json_object_get(skipped, "cpu_us")));
	json_decref(o);

	o = parsed(&wrong, FEEDBACK_NONE);
	assert_true(json_is_null(json_object_get(o, "verdict")));
	assert_true(json_is_null(json_object_get(o, "status")));
	assert_true(json_is_null(json_object_get(o, "score")));
	assert_true(json_is_true(json_object_get(o, "final")));
	assert_int_equal(json_array_size(json_object_get(o, "tests")), 0);
	json_decref(o);
}

/* A small program is not charged for anything: "0 bytes" would be a lie. */
static void test_memory(void **state)
{
	static const struct { int64_t bytes; const char *text; } sizes[] = {
		{ 0, "< 256 KiB" }, { (256 << 10) - 1, "< 256 KiB" }, { 256 << 10, "256 KiB" },
		{ 1 << 20, "1 MiB" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char text[32];

		report_memory(sizes[i].bytes, text);
		assert_string_equal(text, sizes[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_judgecore),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
