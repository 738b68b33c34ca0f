/*
 * job: what is encoded is decoded the same, and what is wrong is refused
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "judge/job.h"

#define DIGEST	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *words[] = { "g++", "-o", "{exe}", NULL };

static struct lang lang = {
	.id = "cpp17", .name = "C++17", .source = "main.cpp", .exe = "main",
	.compile = { words, 3 }, .run = { words + 2, 1 }, .time_factor = 1.5, .processes = 1,
	.priority = 17, .version = "g++ 12", .out_of_memory = { words, 2 },
};

static struct source sources[] = {
	{ "main.cpp", { { DIGEST }, 120 } },
	{ "util/a.h", { { DIGEST }, 0 } },
};

static struct test tests[] = {
	{ .name = "sample/1", .group = "sample", .sample = true, .in = { { DIGEST }, 3 },
	  .ans = { { DIGEST }, 4 } },
	{ .name = "secret/1", .group = "secret", .in = { { DIGEST }, 3 }, .ans = { { DIGEST }, 4 },
	  .args = { words, 2 } },
};

static struct lang_limits lang_limits[] = { { "python3", 5000000, 0, 1 << 28 } };

static struct problem problem = {
	.id = "hello", .title = "Hello \"World\"", .format = "plain",
	.limits = { .cpu_us = 1000000, .memory_bytes = 1 << 28, .output_bytes = 8 << 20,
		    .processes = 1 },
	.lang_limits = lang_limits, .nlang_limits = 1, .time_multiplier = 2.5,
	.check = { .type = CHECK_PROGRAM, .program = { &lang, sources, 2 }, .absolute = 1e-6,
		   .relative = -1 },
	.tests = tests, .ntests = 2, .feedback = FEEDBACK_SAMPLES,
	.includes = sources, .nincludes = 1,
};

static const struct job job = {
	.id = 77, .attempt = 2, .problem = &problem, .program = { &lang, sources, 1 },
	.run_all = true,
};

static void test_round_trip(void **state)
{
	struct buf first = { 0 }, second = { 0 };
	struct diag diag = { "" };
	struct job *back = NULL;
	const struct problem *p;

	(void)state;
	assert_int_equal(job_encode(&job, &first), 0);
	assert_int_equal(job_decode(first.data, first.len, &back, &diag), 0);
	p = back->problem;
	assert_int_equal(back->id, 77);
	assert_true(back->run_all);
	assert_string_equal(back->program.lang->id, "cpp17");
	assert_true(back->program.lang->time_factor == 1.5);
	assert_int_equal(back->program.lang->out_of_memory.n, 2);
	assert_int_equal(back->program.nsources, 1);
	assert_string_equal(p->title, "Hello \"World\"");
	assert_int_equal(p->check.type, CHECK_PROGRAM);
	assert_true(p->check.absolute == 1e-6 && p->check.relative == -1);
	assert_string_equal(p->check.program.sources[1].name, "util/a.h");
	assert_int_equal(p->ntests, 2);
	assert_true(p->tests[0].sample && !p->tests[1].sample);
	assert_int_equal(p->tests[1].args.n, 2);
	assert_string_equal(p->tests[1].ans.digest.hex, DIGEST);
	assert_int_equal(p->lang_limits[0].memory_bytes, 1 << 28);
	assert_int_equal(p->feedback, FEEDBACK_SAMPLES);

	/* All that is encoded comes back: the second encoding is the first. */
	assert_int_equal(job_encode(back, &second), 0);
	assert_string_equal(first.data, second.data);
	job_free(back);
	job_free(NULL);
	buf_release(&first);
	buf_release(&second);
}

/* A problem alone, as the store keeps it. */
static void test_without_program(void **state)
{
	const struct job bare = { .problem = &problem };
	struct diag diag = { "" };
	struct job *back = NULL;
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(job_encode(&bare, &b), 0);
	assert_int_equal(job_decode(b.data, b.len, &back, &diag), 0);
	assert_null(back->program.lang);
	assert_int_equal(back->program.nsources, 0);
	job_free(back);
	buf_release(&b);
}

/* One edit of a good job each: where, what it was, what it becomes. */
static const struct { const char *from, *to, *diag; } edits[] = {
	{ "\"version\":1", "\"version\":2", "version" },
	{ "\"version\":1", "\"version\":\"1\"", "version" },
	{ "{\"version\"", "[{\"version\"", "" },
	{ "\"attempt\":2", "\"attempt\":-1", "attempt" },
	{ "\"id\":77", "\"id\":1.5", "id" },
	{ "\"run_all\":true", "\"run_all\":1", "run_all" },
	{ "\"name\":\"main.cpp\"", "\"name\":\"../main.cpp\"", "name" },
	{ "\"name\":\"main.cpp\"", "\"name\":\"/main.cpp\"", "name" },
	{ "\"name\":\"main.cpp\"", "\"name\":\"a/./b\"", "name" },
	{ "\"name\":\"main.cpp\"", "\"name\":\"a//b\"", "name" },
	{ "\"name\":\"main.cpp\"", "\"name\":\"a/\"", "name" },
	{ "\"name\":\"main.cpp\"", "\"name\":\"\"", "name" },
	{ "\"name\":\"main.cpp\"", "\"name\":null", "name" },
	{ "\"sha256\":\"0123", "\"sha256\":\"012x", "blob" },
	{ "\"sha256\":\"0123", "\"sha256\":\"123", "blob" },
	{ "\"size\":120", "\"size\":-1", "blob" },
	{ "\"type\":\"program\"", "\"type\":\"magic\"", "type" },
	{ "\"feedback\":\"samples\"", "\"feedback\":\"everything\"", "feedback" },
	{ "\"time_factor\":1.5", "\"time_factor\":-1", "time_factor" },
	{ "\"cpu_us\":1000000", "\"cpu_us\":-5", "cpu_us" },
	{ "\"tests\":[", "\"tests\":7,\"x\":[", "tests" },
	{ "\"tests\":[", "\"tests\":[7,", "tests" },
	{ "\"name\":\"sample/1\"", "\"name\":null", "name" },
	{ "\"problem\":{", "\"problem\":null,\"x\":{", "problem" },
	{ "\"program\":{", "\"program\":[],\"x\":{", "program" },
	{ "\"run\":[\"{exe}\"]", "\"run\":[]", "command" },
	{ "\"run\":[\"{exe}\"]", "\"run\":[7]", "run" },
	{ "\"check\":{", "\"check\":{\"x\":{},", NULL },	/* unknown members are not looked at */
};

static void edit(const char *text, const char *from, const char *to, struct buf *ret)
{
	const char *at = strstr(text, from);

	if (!at)
		fail_msg("'%s' is not in the encoding", from);
	buf_add(ret, text, at - text);
	buf_puts(ret, to);
	buf_puts(ret, at + strlen(from));
}

static void test_refused(void **state)
{
	struct buf good = { 0 };

	(void)state;
	assert_int_equal(job_encode(&job, &good), 0);
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		struct job *ret = (struct job *)&job;
		struct diag diag = { "" };
		struct buf b = { 0 };
		int r;

		edit(good.data, edits[i].from, edits[i].to, &b);
		r = job_decode(b.data, b.len, &ret, &diag);
		if (!edits[i].diag) {
			assert_int_equal(r, 0);
			job_free(ret);
		} else {
			if (r != -EINVAL)
				fail_msg("'%s' was accepted", edits[i].to);
			assert_ptr_equal(ret, &job);
			assert_non_null(strstr(diag.text, edits[i].diag));
		}
		buf_release(&b);
	}
	buf_release(&good);
}

/* Cut anywhere, it is refused and nothing leaks. */
static void test_cut(void **state)
{
	struct buf good = { 0 };

	(void)state;
	assert_int_equal(job_encode(&job, &good), 0);
	for (size_t n = 0; n < good.len; n += 7) {
		struct diag diag = { "" };
		struct job *ret = NULL;

		assert_int_equal(job_decode(good.data, n, &ret, &diag), -EINVAL);
	}
	buf_release(&good);
}

static struct test_result results[] = {
	{ .name = "sample/1", .group = "sample", .sample = true, .verdict = VERDICT_RE,
	  .cpu_us = 5, .wall_us = 6, .memory_bytes = 7, .exit_code = -1, .signal = 11,
	  .message = "killed", .staff_message = "why", .difference = "line 1", .said = "oh" },
	{ .name = "secret/1", .group = "secret", .verdict = VERDICT_SK, .exit_code = -1 },
};

static const struct outcome outcome = {
	.verdict = VERDICT_RE, .test = "sample/1", .score = 0, .max_score = 1,
	.compile_text = "warning\n", .compile_cpu_us = 9, .cpu_us = 5, .tests = results,
	.ntests = 2, .lang_id = "cpp17", .lang_name = "C++17", .lang_version = "g++ 12",
};

static void test_outcome(void **state)
{
	struct buf first = { 0 }, second = { 0 }, bad = { 0 };
	struct outcome back = { 0 }, untouched = { .verdict = VERDICT_SK };
	struct diag diag = { "" };

	(void)state;
	assert_int_equal(outcome_encode(&outcome, &first), 0);
	assert_int_equal(outcome_decode(first.data, first.len, &back, &diag), 0);
	assert_int_equal(back.verdict, VERDICT_RE);
	assert_int_equal(back.tests[0].signal, 11);
	assert_string_equal(back.tests[0].said, "oh");
	assert_null(back.tests[1].message);
	assert_int_equal(outcome_encode(&back, &second), 0);
	assert_string_equal(first.data, second.data);
	outcome_release(&back);

	edit(first.data, "\"verdict\":\"RE\"", "\"verdict\":\"XX\"", &bad);
	assert_int_equal(outcome_decode(bad.data, bad.len, &untouched, &diag), -EINVAL);
	assert_int_equal(untouched.verdict, VERDICT_SK);
	assert_null(untouched.tests);
	buf_release(&first);
	buf_release(&second);
	buf_release(&bad);
}

/* What a worker that was taken over may say: no nonsense, and nothing that a terminal obeys. */
static const struct { const char *from, *to; } hostile[] = {
	{ "\"cpu_us\":5,\"wall_us\":0", "\"cpu_us\":9223372036854775807,\"wall_us\":0" },
	{ "\"memory_bytes\":7", "\"memory_bytes\":9223372036854775807" },
	{ "\"exit_code\":-1", "\"exit_code\":256" },
	{ "\"signal\":11", "\"signal\":65" },
	{ "\"name\":\"secret/1\"", "\"name\":null" },
};

static void test_outcome_hostile(void **state)
{
	struct buf good = { 0 }, bad = { 0 };
	struct outcome o = { 0 };
	struct diag diag = { "" };

	(void)state;
	assert_int_equal(outcome_encode(&outcome, &good), 0);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		edit(good.data, hostile[i].from, hostile[i].to, &bad);
		assert_int_equal(outcome_decode(bad.data, bad.len, &o, &diag), -EINVAL);
		buf_release(&bad);
	}
	edit(good.data, "\"compile_text\":\"warning", "\"compile_text\":\"\\u001b[2J", &bad);
	assert_int_equal(outcome_decode(bad.data, bad.len, &o, &diag), 0);
	assert_string_equal(o.compile_text, "\\x1b[2J\n");
	outcome_release(&o);
	buf_release(&bad);
	buf_release(&good);
}

static void test_outcome_fits(void **state)
{
	static const struct lang lang = { .id = "cpp17" };
	static struct test theirs[] = {
		{ .name = "sample/1", .group = "sample", .sample = true },
		{ .name = "secret/1", .group = "secret" },
	};
	static const struct problem p = { .tests = theirs, .ntests = 2 };
	const struct job job = { .problem = &p, .program = { .lang = &lang } };
	static struct test_result other[] = {
		{ .name = "sample/1", .group = "sample", .sample = true, .verdict = VERDICT_AC },
		{ .name = "secret/2", .group = "secret", .verdict = VERDICT_AC },
	}, shown[] = {
		{ .name = "sample/1", .group = "sample", .sample = true },
		{ .name = "secret/1", .group = "secret", .sample = true },
	};
	struct outcome o = outcome;
	struct diag diag = { "" };

	(void)state;
	assert_int_equal(outcome_fits(&o, &job, &diag), 0);
	o.ntests = 1;
	assert_int_equal(outcome_fits(&o, &job, &diag), -EINVAL);
	o = outcome;
	o.tests = other;
	assert_int_equal(outcome_fits(&o, &job, &diag), -EINVAL);
	o.tests = shown;
	assert_int_equal(outcome_fits(&o, &job, &diag), -EINVAL);
	o = outcome;
	o.test = "secret/9";
	assert_int_equal(outcome_fits(&o, &job, &diag), -EINVAL);
	o = outcome;
	o.verdict = VERDICT_AC;		/* with a test that failed */
	assert_int_equal(outcome_fits(&o, &job, &diag), -EINVAL);
	o = outcome;
	o.lang_id = "c17";
	assert_int_equal(outcome_fits(&o, &job, &diag), -EINVAL);
}

static void test_refusal(void **state)
{
	struct outcome o = { 0 };

	(void)state;
	assert_int_equal(outcome_refused(&problem, NULL, "unknown language: '.xyz'", &o), 0);
	assert_int_equal(o.verdict, VERDICT_CE);
	assert_true(o.compile_failed);
	assert_string_equal(o.message, "unknown language: '.xyz'");
	assert_int_equal(o.ntests, 2);
	assert_int_equal(o.tests[1].verdict, VERDICT_SK);
	outcome_release(&o);
}

/* slowest in us, multiplier, resolution in us -> limit */
static const struct { int64_t slowest; double by; int64_t step, limit; } rule[] = {
	{ 120000, 5, 1000000, 1000000 },
	{ 200000, 5, 1000000, 1000000 },
	{ 200001, 5, 1000000, 2000000 },
	{ 1, 5, 1000000, 1000000 },
	{ 0, 5, 1000000, 1000000 },
	{ 1300000, 2, 1000000, 3000000 },
	{ 1300000, 2, 500000, 3000000 },
	{ 1200000, 2, 100000, 2400000 },
	{ 1234567, 0, 0, 1234567 },
};

static void test_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rule); i++) {
		const struct problem p = { .time_multiplier = rule[i].by,
					   .time_resolution_us = rule[i].step };

		assert_int_equal(problem_limit_from(&p, rule[i].slowest), rule[i].limit);
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_without_program),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_outcome_hostile),
		cmocka_unit_test(test_outcome_fits),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
