/*
 * together: runs that talk to each other, in cells of their own. Needs root.
 *
 * A row is a pair: the first one's stdout is the second one's stdin, and the other way round.
 */
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "tests/unit/boxed.h"

/* ================================================================ in the box */

/* Say a byte and hear it back, so many times. */
static int guest_ask(const char *arg)
{
	char c;

	for (int i = 0; i < atoi(arg); i++)
		if (write(1, "x", 1) != 1 || read(0, &c, 1) != 1 || c != 'x')
			return BAD;
	return FINE;
}

/* Give back what comes, until the end of it. */
static int guest_answer(const char *arg)
{
	char c;

	(void)arg;
	while (read(0, &c, 1) == 1)
		if (write(1, &c, 1) != 1)
			return BAD;
	return FINE;
}

static int guest_hear(const char *arg)
{
	char c;

	(void)arg;
	while (read(0, &c, 1) == 1)
		;
	return FINE;
}

/* The end of what it says comes before its own. */
static int guest_close(const char *arg)
{
	close(1);
	return guest_hear(arg);
}

static int guest_flood(const char *arg)
{
	static char text[65536];

	if (*arg)
		signal(SIGPIPE, SIG_IGN);
	while (write(1, text, sizeof(text)) > 0)
		;
	return errno == EPIPE ? FINE : BAD;
}

static int guest_memory(const char *arg)
{
	char *p = malloc(400 * MIB);

	(void)arg;
	for (size_t i = 0; i < 400 * MIB; i += 4096)
		((volatile char *)p)[i] = 1;
	return BAD;
}

/* Who else can be seen, and who one is. */
static int guest_alone(const char *arg)
{
	int n = 0;
	char c;

	(void)arg;
	for (int pid = 2; pid < 300; pid++)
		n += kill(pid, 0) == 0 || errno == EPERM;
	if (write(1, "x", 1) != 1 || read(0, &c, 1) != 1)
		return BAD;
	if (n > 2)		/* it and the thread of init that started it */
		return 1;
	return entries("/box") || entries("/tmp") ? 2 : FINE;
}

static const struct guest guests[] = {
	GUEST(exit), GUEST(ask), GUEST(answer), GUEST(hear), GUEST(close), GUEST(flood), GUEST(spin),
	GUEST(sleep), GUEST(memory), GUEST(alone),
};

/* =============================================================== outside of it */

static struct box_spec specs[BOX_TOGETHER_MAX + 1];
static struct box_report reports[BOX_TOGETHER_MAX + 1];

/* The @i-th one's stdout becomes the next one's stdin; the last one's the first one's. */
static void connect_all(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int ends[2];

		CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
		specs[i].stdout_fd = ends[1];
		specs[(i + 1) % n].stdin_fd = ends[0];
	}
}

static int run_together(size_t n, struct diag *diag)
{
	int r = box_run_together(box, specs, n, reports, diag);

	for (size_t i = 0; i < n; i++) {
		CHECK_INT(specs[i].stdin_fd, -1);
		CHECK_INT(specs[i].stdout_fd, -1);
		strv_release(&specs[i].argv);
		strv_release(&specs[i].env);
	}
	return r;
}

static void together_ok(size_t n)
{
	struct diag diag = { 0 };

	if (run_together(n, &diag) < 0)
		fail_msg("box_run_together: %s", diag.text);
}

static void check_report(size_t i, const char *what, enum box_end end, int code)
{
	report = reports[i];
	if (report.end != end || (code >= 0 && report.code != code))
		fail_msg("%s: ended as %s %d (%s), not %s %d", what, box_end_name(report.end), report.code,
			 report.syscall, box_end_name(end), code);
}

struct half {
	const char *guest, *arg;
	enum box_end end;
	int code;
};

static const struct { struct half a, b; int first; } pairs[] = {
	{ { "ask", "1000", BOX_EXITED, FINE },	{ "answer", "", BOX_EXITED, FINE },	-1 },
	{ { "answer", "", BOX_EXITED, FINE },	{ "ask", "1000", BOX_EXITED, FINE },	-1 },
	{ { "alone", "", BOX_EXITED, FINE },	{ "alone", "", BOX_EXITED, FINE },	-1 },
	/* One ends early: the other sees it. */
	{ { "exit", "3", BOX_EXITED, 3 },	{ "hear", "", BOX_EXITED, FINE },	-1 },
	{ { "hear", "", BOX_EXITED, FINE },	{ "exit", "3", BOX_EXITED, 3 },		-1 },
	{ { "exit", "0", BOX_EXITED, 0 },	{ "flood", "", BOX_SIGNALED, SIGPIPE },	-1 },
	{ { "flood", "", BOX_SIGNALED, SIGPIPE }, { "exit", "0", BOX_EXITED, 0 },	-1 },
	{ { "exit", "0", BOX_EXITED, 0 },	{ "flood", "!", BOX_EXITED, FINE },	-1 },
	/* It ends what it says, and goes on. */
	{ { "close", "", BOX_EXITED, FINE },	{ "answer", "", BOX_EXITED, FINE },	-1 },
	/* A limit ends one: the other sees that too, and later when it was one of time. */
	{ { "spin", "", BOX_CPU_LIMIT, -1 },	{ "hear", "", BOX_EXITED, FINE },	0 },
	{ { "memory", "", BOX_MEMORY_LIMIT, -1 }, { "hear", "", BOX_EXITED, FINE },	-1 },
	{ { "sleep", "", BOX_WALL_LIMIT, -1 },	{ "flood", "", BOX_SIGNALED, SIGPIPE },	0 },
	/* Each waits for the other. */
	{ { "hear", "", BOX_WALL_LIMIT, -1 },	{ "hear", "", BOX_EXITED, FINE },	0 },
};

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct half *a = &pairs[i].a, *b = &pairs[i].b;

		specs[0] = new_spec(a->guest, a->arg);
		specs[1] = new_spec(b->guest, b->arg);
		if (a->end == BOX_CPU_LIMIT)
			specs[0].limits.cpu_us = SECOND / 4;
		specs[0].limits.wall_us = a->end == BOX_WALL_LIMIT ? SECOND / 3 : 30 * SECOND;
		specs[1].limits.wall_us = 60 * SECOND;
		connect_all(2);
		together_ok(2);
		check_report(0, a->guest, a->end, a->code);
		check_report(1, b->guest, b->end, b->code);
		CHECK(uid_is_gone());
		for (size_t k = 0; k < 2; k++)
			CHECK(reports[k].started_us > 0 && reports[k].ended_us >= reports[k].started_us);
		if (pairs[i].first >= 0 &&
		    reports[pairs[i].first].ended_us > reports[1 - pairs[i].first].ended_us)
			fail_msg("%s and %s: the first was not %d", a->guest, b->guest, pairs[i].first);
	}
}

/* What one uses is not the other's. */
static void test_own_account(void **state)
{
	int64_t much = check_slow() * SECOND / 4, little = check_slow() * SECOND / 8;

	(void)state;
	specs[0] = new_spec("spin", "");
	specs[0].limits.cpu_us = much;
	specs[1] = new_spec("hear", "");
	specs[1].limits.cpu_us = little;
	connect_all(2);
	together_ok(2);
	check_report(0, "spin", BOX_CPU_LIMIT, -1);
	check_report(1, "hear", BOX_EXITED, FINE);
	CHECK(reports[0].cpu_us >= much && reports[1].cpu_us < little);
}

/* What the other has used by then, thrice, is waited for. */
static void test_patience(void **state)
{
	(void)state;
	specs[0] = new_spec("spin", "");
	specs[0].limits.cpu_us = SECOND / 10;
	specs[1] = new_spec("sleep", "");
	specs[1].limits.wall_us = SECOND;
	specs[1].patience = 3;
	connect_all(2);
	together_ok(2);
	check_report(0, "spin", BOX_CPU_LIMIT, -1);
	check_report(1, "sleep", BOX_WALL_LIMIT, -1);
	CHECK(reports[1].wall_us >= SECOND + 3 * reports[0].cpu_us);
}

static void test_linger(void **state)
{
	(void)state;
	specs[0] = new_spec("exit", "0");
	specs[1] = new_spec("sleep", "");
	specs[1].linger_us = SECOND / 5;
	connect_all(2);
	together_ok(2);
	check_report(0, "exit", BOX_EXITED, 0);
	check_report(1, "sleep", BOX_LINGERED, -1);
	CHECK(reports[1].ended_us - reports[0].ended_us >= SECOND / 5);
	/* Who is quick about it is not ended; who is the first has all its time. */
	specs[0] = new_spec("sleep", "");
	specs[0].limits.wall_us = SECOND / 4;
	specs[0].linger_us = 1;
	specs[1] = new_spec("hear", "");
	specs[1].linger_us = 30 * SECOND;
	connect_all(2);
	together_ok(2);
	check_report(0, "sleep", BOX_WALL_LIMIT, -1);
	check_report(1, "hear", BOX_EXITED, FINE);
}

static void test_cancel(void **state)
{
	uint64_t one = 1;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int cancel = eventfd(0, EFD_CLOEXEC);

		for (size_t k = 0; k < 3; k++)
			specs[k] = new_spec("sleep", "");
		specs[i].cancel_fd = cancel;
		connect_all(3);
		CHECK_INT(write(cancel, &one, sizeof(one)), sizeof(one));
		together_ok(3);
		for (size_t k = 0; k < 3; k++)
			check_report(k, "sleep", BOX_CANCELLED, -1);
		io_close(cancel);
	}
	CHECK(uid_is_gone());
}

/* As many as there can be, in a ring. */
static void test_ring(void **state)
{
	(void)state;
	specs[0] = new_spec("ask", "50");
	for (size_t i = 1; i < BOX_TOGETHER_MAX; i++)
		specs[i] = new_spec("answer", "");
	connect_all(BOX_TOGETHER_MAX);
	together_ok(BOX_TOGETHER_MAX);
	for (size_t i = 0; i < BOX_TOGETHER_MAX; i++)
		check_report(i, "ring", BOX_EXITED, FINE);
	CHECK(uid_is_gone());
}

/* Nothing runs, what was handed over is closed, and the next ones are not touched by it. */
static void test_refused(void **state)
{
	struct diag diag = { 0 };
	int before;

	(void)state;
	before = entries("/proc/self/fd");
	for (size_t n = 2; n <= BOX_TOGETHER_MAX + 1; n += BOX_TOGETHER_MAX - 1) {
		for (size_t i = 0; i < n; i++)
			specs[i] = new_spec("exit", "0");
		if (n <= BOX_TOGETHER_MAX)
			specs[n - 1].profile = "root";
		connect_all(n);
		reports[0].code = -7;
		CHECK_INT(run_together(n, &diag), -EINVAL);
		CHECK_INT(reports[0].code, -7);
	}
	/* A descriptor that is none: the second can not be sent. */
	specs[0] = new_spec("exit", "0");
	specs[1] = new_spec("exit", "0");
	connect_all(2);
	specs[1].exe_fd = 9999;
	CHECK(run_together(2, &diag) < 0);
	CHECK_INT(entries("/proc/self/fd"), before);
	run_guest("exit", "5", BOX_EXITED, 5);
	specs[0] = new_spec("ask", "10");
	specs[1] = new_spec("answer", "");
	connect_all(2);
	together_ok(2);
	check_report(0, "ask", BOX_EXITED, FINE);
}

/* A dup of it stays the caller's; a memfd is no pipe. */
static void test_kept(void **state)
{
	struct stat st;
	int out, kept;

	(void)state;
	out = io_memfd("out", "", 0);
	kept = dup(out);
	specs[0] = new_spec("ask", "10");
	specs[1] = new_spec("answer", "");
	specs[2] = new_spec("flood", "");
	specs[2].limits.output_bytes = 1000;
	connect_all(2);
	specs[2].stdin_fd = -1;
	specs[2].stdout_fd = out;
	together_ok(3);
	check_report(0, "ask", BOX_EXITED, FINE);
	check_report(1, "answer", BOX_EXITED, FINE);
	check_report(2, "flood", BOX_OUTPUT_LIMIT, -1);
	CHECK_INT(fstat(kept, &st), 0);
	CHECK_INT(st.st_size, 1001);
	io_close(kept);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_own_account),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_linger),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kept),
	};

	if (boxed_begin("together", argc, argv, guests, ARRAY_SIZE(guests)))
		return 0;
	return cmocka_run_group_tests_name("together", tests, set_up, tear_down);
}
