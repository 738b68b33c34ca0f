/*
 * run, check_end: what the end of a program or of a validator means
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/check.h"
#include "judge/compile.h"
#include "judge/run.h"

#define S	1000000

static const struct limits limits = {
	.cpu_us = 1 * S, .wall_us = 4 * S, .memory_bytes = 256 << 20, .output_bytes = 8 << 20,
	.check_time_us = 60 * S, .check_memory_bytes = 1 << 30, .check_output_bytes = 8 << 20,
};

static const struct row {
	struct box_report report;
	int64_t written;
	enum verdict verdict;
	const char *message;
} rows[] = {
	{ { .end = BOX_EXITED, .cpu_us = 10 }, 5, VERDICT_AC, NULL },
	{ { .end = BOX_EXITED, .code = 3 }, 5, VERDICT_RE, "exit code 3" },
	{ { .end = BOX_EXITED, .cpu_us = 1 * S }, 5, VERDICT_AC, NULL },
	/* Ended by itself, but over the limit. */
	{ { .end = BOX_EXITED, .cpu_us = 1 * S + 1 }, 5, VERDICT_TLE,
	  "used more than 1 s of CPU time" },
	{ { .end = BOX_SIGNALED, .code = SIGSEGV, .cpu_us = 2 * S }, 5, VERDICT_TLE,
	  "used more than 1 s of CPU time" },
	{ { .end = BOX_CPU_LIMIT, .cpu_us = 1 * S + 500 }, 5, VERDICT_TLE,
	  "used more than 1 s of CPU time" },
	/* Whatever it did in the time on top. */
	{ { .end = BOX_OUTPUT_LIMIT, .cpu_us = 1 * S + 1 }, 8 << 20, VERDICT_TLE,
	  "used more than 1 s of CPU time" },
	{ { .end = BOX_MEMORY_LIMIT, .cpu_us = 1 * S + 1 }, 5, VERDICT_TLE,
	  "used more than 1 s of CPU time" },
	{ { .end = BOX_WALL_LIMIT, .cpu_us = 1 * S + 1 }, 5, VERDICT_TLE,
	  "used more than 1 s of CPU time" },
	{ { .end = BOX_FORBIDDEN, .syscall = "socket", .cpu_us = 1 * S + 1 }, (8 << 20) + 1,
	  VERDICT_SV, "socket() is not allowed" },
	{ { .end = BOX_WALL_LIMIT, .cpu_us = 1000, .wall_us = 4 * S }, 5, VERDICT_ILE,
	  "did not end within 4 s, using 0.001 s of CPU time" },
	{ { .end = BOX_WALL_LIMIT, .cpu_us = 1000, .wall_us = 4 * S, .awake = true }, 5, VERDICT_TLE,
	  "did not end within 4 s, using 0.001 s of CPU time" },
	{ { .end = BOX_WALL_LIMIT, .cpu_us = 6 * S / 10, .wall_us = 4 * S }, 5, VERDICT_TLE,
	  "did not end within 4 s, using 0.600 s of CPU time" },
	{ { .end = BOX_EXITED, .memory_bytes = (256 << 20) + 1 }, 5, VERDICT_MLE,
	  "used more than 256 MiB" },
	{ { .end = BOX_EXITED, .memory_bytes = 256 << 20 }, 5, VERDICT_AC, NULL },
	{ { .end = BOX_MEMORY_LIMIT }, 5, VERDICT_MLE, "used more than 256 MiB" },
	{ { .end = BOX_OUTPUT_LIMIT }, 8 << 20, VERDICT_OLE, "printed more than 8 MiB" },
	/* A program that ignores that its writes fail, or dies of it. */
	{ { .end = BOX_EXITED, .code = 1 }, (8 << 20) + 1, VERDICT_OLE, "printed more than 8 MiB" },
	{ { .end = BOX_EXITED, .code = 0 }, (8 << 20) + 1, VERDICT_OLE, "printed more than 8 MiB" },
	/* As much as is allowed. */
	{ { .end = BOX_EXITED, .code = 0 }, 8 << 20, VERDICT_AC, NULL },
	{ { .end = BOX_SIGNALED, .code = SIGSEGV }, 5, VERDICT_RE,
	  "killed by signal 11 (Segmentation fault)" },
	{ { .end = BOX_SIGNALED, .code = 63 }, 5, VERDICT_RE,
	  "killed by signal 63 (unknown signal)" },
	{ { .end = BOX_FORBIDDEN, .syscall = "socket" }, 5, VERDICT_SV,
	  "socket() is not allowed" },
	{ { .end = BOX_NOT_STARTED, .code = ENOEXEC }, 0, VERDICT_RE,
	  "could not be started: Exec format error" },
};

static void test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *message = NULL;

		assert_int_equal(run_verdict(&rows[i].report, &limits, rows[i].written, &message),
				 rows[i].verdict);
		if (rows[i].message)
			assert_string_equal(message, rows[i].message);
		else
			assert_null(message);
		free(message);
	}
}

static const struct {
	struct box_report report;
	int64_t confirm;
	bool near;
} near[] = {
	{ { .end = BOX_EXITED, .cpu_us = 1 * S }, 2, false },
	{ { .end = BOX_EXITED, .cpu_us = 1 * S + 1 }, 2, true },
	{ { .end = BOX_SIGNALED, .code = SIGSEGV, .cpu_us = 1 * S + 1 }, 2, true },
	{ { .end = BOX_EXITED, .cpu_us = 1 * S + 1 }, 0, false },
	{ { .end = BOX_CPU_LIMIT, .cpu_us = 11 * S / 10 }, 2, false },
	{ { .end = BOX_WALL_LIMIT, .cpu_us = 6 * S / 10 }, 2, true },
	{ { .end = BOX_WALL_LIMIT, .cpu_us = 1000 }, 2, false },
	{ { .end = BOX_FORBIDDEN, .syscall = "socket", .cpu_us = 1 * S + 1 }, 2, false },
	{ { .end = BOX_MEMORY_LIMIT, .cpu_us = 1 }, 2, false },
};

static void test_near(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(near); i++) {
		struct limits l = limits;
		char *message = NULL;
		enum verdict v = run_verdict(&near[i].report, &l, 0, &message);

		l.confirm = near[i].confirm;
		assert_int_equal(run_is_near(&near[i].report, &l, v), near[i].near);
		free(message);
	}
}

static char *java[] = { "OutOfMemoryError: Java heap", "heap out of memory", NULL };

static const struct {
	enum verdict before;
	int64_t extra_mib;
	const char *err;
	size_t len;			/* 0: all of it */
	enum verdict verdict;
	const char *message;
} explained[] = {
	{ VERDICT_RE, 64, "x\0OutOfMemoryError: Java heap space\n", 36, VERDICT_MLE,
	  "asked for more than 192 MiB, and 64 MiB that the language adds" },
	{ VERDICT_RE, 0, "# JavaScript heap out of memory", 0, VERDICT_MLE,
	  "asked for more than 256 MiB" },
	{ VERDICT_MLE, 64, "", 0, VERDICT_MLE,
	  "used more than 192 MiB, and 64 MiB that the language adds" },
	{ VERDICT_RE, 0, "OutOfMemoryError: Java heap", 26, VERDICT_RE, "as it was" },
	{ VERDICT_AC, 0, "heap out of memory", 0, VERDICT_AC, "as it was" },
	{ VERDICT_TLE, 0, "heap out of memory", 0, VERDICT_TLE, "as it was" },
	{ VERDICT_RE, 0, "fork: Resource temporarily unavailable\n", 0, VERDICT_RE,
	  "as it was: no more processes or threads could be started" },
	{ VERDICT_RE, 0, "OutOfMemoryError: unable to create native thread", 0, VERDICT_RE,
	  "as it was: no more processes or threads could be started" },
	{ VERDICT_TLE, 0, "Resource temporarily unavailable", 0, VERDICT_TLE, "as it was" },
};

/* What a runtime says before it gives up. */
static void test_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(explained); i++) {
		struct compiled c = { .memory_extra_bytes = explained[i].extra_mib << 20,
				      .out_of_memory = { java, 2 } };
		struct run run = { .verdict = explained[i].before, .out_fd = -1,
				   .message = strdup("as it was") };

		assert_int_equal(run_explain(&run, &c, &limits, explained[i].err,
					     explained[i].len ? explained[i].len :
								strlen(explained[i].err)), 0);
		assert_int_equal(run.verdict, explained[i].verdict);
		assert_string_equal(run.message, explained[i].message);
		free(run.message);
	}
}

static const struct {
	struct box_report report;
	const char *said;
	enum verdict verdict;
	const char *cause;
} ends[] = {
	{ { .end = BOX_EXITED, .code = 42 }, "noise", VERDICT_AC, NULL },
	{ { .end = BOX_EXITED, .code = 43 }, NULL, VERDICT_WA, NULL },
	{ { .end = BOX_EXITED, .code = 0 }, NULL, VERDICT_JE,
	  "the output validator ended with status 0, not 42 or 43" },
	{ { .end = BOX_EXITED, .code = 1 }, "no such file", VERDICT_JE,
	  "the output validator ended with status 1, not 42 or 43; it wrote: no such file" },
	{ { .end = BOX_SIGNALED, .code = SIGABRT }, NULL, VERDICT_JE,
	  "the output validator was killed by signal 6 (Aborted)" },
	{ { .end = BOX_WALL_LIMIT }, NULL, VERDICT_JE,
	  "the output validator took longer than 60 s" },
	{ { .end = BOX_CPU_LIMIT, .code = 42 }, NULL, VERDICT_JE,
	  "the output validator took longer than 60 s" },
	{ { .end = BOX_MEMORY_LIMIT }, NULL, VERDICT_JE,
	  "the output validator took more memory than 1 GiB" },
	{ { .end = BOX_OUTPUT_LIMIT }, NULL, VERDICT_JE,
	  "the output validator wrote more than 8 MiB" },
	{ { .end = BOX_FORBIDDEN, .syscall = "socket" }, NULL, VERDICT_JE,
	  "the output validator called socket(), which is not allowed" },
	{ { .end = BOX_NOT_STARTED, .code = ENOENT }, NULL, VERDICT_JE,
	  "the output validator could not be started: No such file or directory" },
};

/* A validator that fails is never a wrong answer. */
static void test_validator_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char *cause = NULL;

		assert_int_equal(check_end(&ends[i].report, &limits, ends[i].said, &cause),
				 ends[i].verdict);
		if (ends[i].cause)
			assert_string_equal(cause, ends[i].cause);
		else
			assert_null(cause);
		free(cause);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_explained),
		cmocka_unit_test(test_validator_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
