/*
 * interact: who is to blame, row by row; relay: who fell silent first, and what is not carried on
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/io.h"
#include "judge/interact.h"
#include "judge/relay.h"
#include "tests/unit/check.h"

#define S	1000000
#define KIB	1024

/* ------------------------------------------------------------- blame */

static const struct limits limits = {
	.cpu_us = 1 * S, .wall_us = 4 * S, .memory_bytes = 256 << 20, .output_bytes = 8 << 20,
	.check_time_us = 60 * S, .check_memory_bytes = 1 << 30, .check_output_bytes = 8 << 20,
};

/* The interactor's end. */
static const struct box_report accepts = { .end = BOX_EXITED, .code = 42 },
	rejects = { .end = BOX_EXITED, .code = 43 },
	nonsense = { .end = BOX_EXITED, .code = 1 },
	says_nothing = { .end = BOX_EXITED, .code = 0 },
	crashes = { .end = BOX_SIGNALED, .code = SIGSEGV },
	pipe_breaks = { .end = BOX_SIGNALED, .code = SIGPIPE },
	spins = { .end = BOX_CPU_LIMIT },
	sleeps = { .end = BOX_WALL_LIMIT },
	lingers = { .end = BOX_LINGERED },
	eats = { .end = BOX_MEMORY_LIMIT },
	writes = { .end = BOX_OUTPUT_LIMIT },
	calls = { .end = BOX_FORBIDDEN, .syscall = "socket" },
	is_missing = { .end = BOX_NOT_STARTED, .code = ENOENT };

/* The program's. */
static const struct run well = { .verdict = VERDICT_AC },
	code = { .verdict = VERDICT_RE, .message = "exit code 3", .exit_code = 3 },
	crash = { .verdict = VERDICT_RE, .message = "killed by signal 11", .signal = SIGSEGV },
	pipe_broke = { .verdict = VERDICT_RE, .message = "killed by signal 13", .signal = SIGPIPE },
	slow = { .verdict = VERDICT_TLE, .message = "used more than 1 s" },
	idle = { .verdict = VERDICT_ILE, .message = "did not end within 4 s" },
	hungry = { .verdict = VERDICT_MLE, .message = "used more than 256 MiB" },
	flood = { .verdict = VERDICT_OLE, .message = "printed more than 8 MiB" },
	forbidden = { .verdict = VERDICT_SV, .message = "socket() is not allowed" };

enum who { PROGRAM, INTERACTOR, BOTH, NOBODY };

#define JE(words)	VERDICT_JE, NULL, "the interactor " words

static const struct blame {
	const struct box_report *interactor;
	const struct run *program;
	enum who first;			/* to fall silent for good */
	bool cut;			/* it said too much to one that had left */
	enum verdict verdict;
	const char *message, *cause;	/* NULL: none */
} blames[] = {
	/* Both end well: the interactor says how it was, whoever was first. */
	{ &accepts, &well, PROGRAM, false, VERDICT_AC, NULL, NULL },
	{ &accepts, &well, INTERACTOR, false, VERDICT_AC, NULL, NULL },
	{ &accepts, &well, BOTH, false, VERDICT_AC, NULL, NULL },
	{ &accepts, &well, NOBODY, false, VERDICT_AC, NULL, NULL },
	{ &rejects, &well, PROGRAM, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &well, INTERACTOR, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &well, BOTH, false, VERDICT_WA, NULL, NULL },

	/* Accepted is only what also ends well. */
	{ &accepts, &code, INTERACTOR, false, VERDICT_RE, "exit code 3", NULL },
	{ &accepts, &crash, PROGRAM, false, VERDICT_RE, "killed by signal 11", NULL },
	{ &accepts, &slow, INTERACTOR, false, VERDICT_TLE, "used more than 1 s", NULL },
	{ &accepts, &hungry, INTERACTOR, false, VERDICT_MLE, "used more than 256 MiB", NULL },
	{ &accepts, &flood, INTERACTOR, false, VERDICT_OLE, "printed more than 8 MiB", NULL },
	{ &accepts, &forbidden, INTERACTOR, false, VERDICT_SV, "socket() is not allowed", NULL },
	{ &accepts, &idle, INTERACTOR, false, VERDICT_ILE,
	  "did not end within 4 s: " INTERACT_OVER, NULL },

	/* What was rejected stays so, whatever the program does with its broken pipes. */
	{ &rejects, &code, INTERACTOR, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &crash, INTERACTOR, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &slow, INTERACTOR, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &idle, INTERACTOR, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &hungry, INTERACTOR, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &flood, INTERACTOR, true, VERDICT_WA, NULL, NULL },
	{ &rejects, &forbidden, INTERACTOR, false, VERDICT_WA, NULL, NULL },
	{ &rejects, &pipe_broke, INTERACTOR, true, VERDICT_WA, NULL, NULL },

	/* It broke down by itself, and all that the interactor saw then was the end. */
	{ &rejects, &code, PROGRAM, false, VERDICT_RE, "exit code 3", NULL },
	{ &rejects, &crash, PROGRAM, false, VERDICT_RE, "killed by signal 11", NULL },
	{ &rejects, &crash, BOTH, false, VERDICT_RE, "killed by signal 11", NULL },
	{ &rejects, &slow, PROGRAM, false, VERDICT_TLE, "used more than 1 s", NULL },
	{ &rejects, &hungry, PROGRAM, false, VERDICT_MLE, "used more than 256 MiB", NULL },
	{ &rejects, &flood, PROGRAM, true, VERDICT_OLE, "printed more than 8 MiB", NULL },
	{ &rejects, &forbidden, PROGRAM, false, VERDICT_SV, "socket() is not allowed", NULL },
	/* Both waited, or the program alone. */
	{ &rejects, &idle, PROGRAM, false, VERDICT_ILE,
	  "did not end within 4 s: " INTERACT_SILENT, NULL },
	{ &accepts, &idle, PROGRAM, false, VERDICT_ILE,
	  "did not end within 4 s: " INTERACT_SILENT, NULL },

	/* Its pipe broke since nobody listened any more. */
	{ &accepts, &pipe_broke, INTERACTOR, true, VERDICT_AC, NULL, NULL },
	{ &accepts, &pipe_broke, PROGRAM, true, VERDICT_AC, NULL, NULL },
	{ &rejects, &pipe_broke, PROGRAM, true, VERDICT_WA, NULL, NULL },
	/* A SIGPIPE of its own making is like any other. */
	{ &accepts, &pipe_broke, PROGRAM, false, VERDICT_RE, "killed by signal 13", NULL },
	{ &rejects, &pipe_broke, PROGRAM, false, VERDICT_RE, "killed by signal 13", NULL },

	/* An interactor that fails by itself is the judge's fault, whatever became of the program. */
	{ &nonsense, &well, INTERACTOR, false, JE("ended with status 1, not 42 or 43") },
	{ &says_nothing, &well, INTERACTOR, false, JE("ended with status 0, not 42 or 43") },
	{ &nonsense, &well, BOTH, false, JE("ended with status 1, not 42 or 43") },
	{ &nonsense, &well, NOBODY, false, JE("ended with status 1, not 42 or 43") },
	{ &crashes, &well, INTERACTOR, false, JE("was killed by signal 11 (Segmentation fault)") },
	{ &pipe_breaks, &well, INTERACTOR, false, JE("was killed by signal 13 (Broken pipe)") },
	{ &crashes, &crash, INTERACTOR, false, JE("was killed by signal 11 (Segmentation fault)") },
	{ &crashes, &slow, INTERACTOR, false, JE("was killed by signal 11 (Segmentation fault)") },
	{ &crashes, &idle, INTERACTOR, false, JE("was killed by signal 11 (Segmentation fault)") },
	{ &crashes, &pipe_broke, INTERACTOR, true, JE("was killed by signal 11 (Segmentation fault)") },
	{ &crashes, &code, BOTH, false, JE("was killed by signal 11 (Segmentation fault)") },
	{ &spins, &well, INTERACTOR, false, JE("took longer than 60 s") },
	{ &spins, &code, INTERACTOR, false, JE("took longer than 60 s") },
	{ &sleeps, &well, INTERACTOR, false, JE("took longer than 60 s") },
	{ &eats, &well, INTERACTOR, false, JE("took more memory than 1 GiB") },
	{ &writes, &well, INTERACTOR, false, JE("wrote more than 8 MiB") },
	{ &calls, &well, INTERACTOR, false, JE("called socket(), which is not allowed") },
	/* It can not have been the program's end, however early that was. */
	{ &is_missing, &well, PROGRAM, false, JE("could not be started: No such file or directory") },
	{ &is_missing, &crash, PROGRAM, false, JE("could not be started: No such file or directory") },

	/* One that did not get over the program's early end is the program's. */
	{ &nonsense, &well, PROGRAM, false, VERDICT_WA, INTERACT_EARLY,
	  "the interactor ended with status 1, not 42 or 43" },
	{ &crashes, &well, PROGRAM, false, VERDICT_WA, INTERACT_EARLY,
	  "the interactor was killed by signal 11 (Segmentation fault)" },
	{ &pipe_breaks, &well, PROGRAM, false, VERDICT_WA, INTERACT_EARLY,
	  "the interactor was killed by signal 13 (Broken pipe)" },
	{ &spins, &well, PROGRAM, false, VERDICT_WA, INTERACT_EARLY,
	  "the interactor took longer than 60 s" },
	{ &lingers, &well, PROGRAM, false, VERDICT_WA, INTERACT_EARLY,
	  "the interactor took longer than 60 s" },
	{ &pipe_breaks, &crash, PROGRAM, false, VERDICT_RE, "killed by signal 11",
	  "the interactor was killed by signal 13 (Broken pipe)" },
	{ &crashes, &slow, PROGRAM, false, VERDICT_TLE, "used more than 1 s",
	  "the interactor was killed by signal 11 (Segmentation fault)" },
	{ &lingers, &idle, PROGRAM, false, VERDICT_ILE,
	  "did not end within 4 s: " INTERACT_SILENT, "the interactor took longer than 60 s" },
	{ &eats, &flood, PROGRAM, true, VERDICT_OLE, "printed more than 8 MiB",
	  "the interactor took more memory than 1 GiB" },
};

static void same_text(size_t row, const char *got, const char *wanted)
{
	if (!got != !wanted || (got && strcmp(got, wanted) != 0))
		fail_msg("row %zu: '%s', not '%s'", row, got ? got : "-", wanted ? wanted : "-");
}

static void test_blame(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(blames); i++) {
		const struct blame *b = &blames[i];
		const struct relay_heard heard = {
			.first = { [RELAY_PROGRAM] = b->first == PROGRAM || b->first == BOTH,
				   [RELAY_INTERACTOR] = b->first == INTERACTOR || b->first == BOTH },
			.cut = { [RELAY_PROGRAM] = b->cut },
		};
		const struct interact_facts f = { b->program, b->interactor, &heard, NULL };
		char *message = (char *)"", *cause = (char *)"";
		enum verdict v = interact_verdict(&f, &limits, &message, &cause);

		if (v != b->verdict)
			fail_msg("row %zu: %s, not %s", i, verdict_words(v)->code,
				 verdict_words(b->verdict)->code);
		same_text(i, message, b->message);
		same_text(i, cause, b->cause);
		free(message);
		free(cause);
	}
}

/* Whatever happens there is a verdict, with a cause for each JE and for no other reason a JE. */
static void test_every_end(void **state)
{
	static const struct box_report *const theirs[] = { &accepts, &rejects, &nonsense, &crashes,
		&pipe_breaks, &spins, &sleeps, &lingers, &eats, &writes, &calls };
	static const struct run *const ours[] = { &well, &code, &crash, &pipe_broke, &slow, &idle,
		&hungry, &flood, &forbidden };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(theirs) * ARRAY_SIZE(ours) * 8; i++) {
		const struct box_report *interactor = theirs[i / 8 % ARRAY_SIZE(theirs)];
		const struct run *program = ours[i / 8 / ARRAY_SIZE(theirs)];
		const struct relay_heard heard = { .first = { i & 1, i & 2 }, .cut = { false, i & 4 } };
		const struct interact_facts f = { program, interactor, &heard, "words" };
		bool decides = interactor == &accepts || interactor == &rejects;
		char *message, *cause;
		enum verdict v = interact_verdict(&f, &limits, &message, &cause);

		CHECK(v == VERDICT_AC || v == VERDICT_WA || v == VERDICT_JE || v == program->verdict);
		CHECK(v != VERDICT_AC || interactor == &accepts);
		CHECK(v != VERDICT_JE || !decides);
		CHECK(!cause == decides);
		if (cause)
			CHECK_HAS(cause, "; it wrote: words");
		free(message);
		free(cause);
	}
}

/* ------------------------------------------------------------- relay */

static const struct relay_limits plenty = {
	.said = { INT64_MAX, INT64_MAX }, .unheard = { INT64_MAX, INT64_MAX },
};

struct wired {
	struct relay *relay;
	struct relay_ends ends;
	struct relay_heard heard;
};

static struct wired wire(const struct relay_limits *limits_of)
{
	struct wired w = { 0 };
	struct diag diag = { "" };

	CHECK_INT(relay_start(limits_of, &w.relay, &w.ends, &diag), 0);
	return w;
}

static void end_stream(int *fd)
{
	io_close(*fd);
	*fd = -1;
}

static void unwire(struct wired *w)
{
	relay_ends_close(&w->ends);
	relay_stop(w->relay, &w->heard);
}

static void say(int fd, const char *text)
{
	CHECK_INT(io_write(fd, text, strlen(text)), 0);
}

static void hear(int fd, const char *text)
{
	char got[64] = "";

	CHECK_INT(io_read(fd, got, strlen(text)), strlen(text));
	CHECK_TEXT(got, text);
}

static void hear_end(int fd)
{
	char c;

	CHECK_INT(read(fd, &c, 1), 0);
}

static void check_first(const struct wired *w, bool program, bool interactor)
{
	CHECK_INT(w->heard.first[RELAY_PROGRAM], program);
	CHECK_INT(w->heard.first[RELAY_INTERACTOR], interactor);
}

static void test_carries(void **state)
{
	struct wired w = wire(&plenty);

	(void)state;
	for (int i = 0; i < 100; i++) {
		say(w.ends.out[RELAY_PROGRAM], "what?\n");
		hear(w.ends.in[RELAY_INTERACTOR], "what?\n");
		say(w.ends.out[RELAY_INTERACTOR], "that\n");
		hear(w.ends.in[RELAY_PROGRAM], "that\n");
	}
	unwire(&w);
	CHECK_INT(w.heard.bytes[RELAY_PROGRAM], 600);
	CHECK_INT(w.heard.bytes[RELAY_INTERACTOR], 500);
	CHECK(!w.heard.cut[RELAY_PROGRAM] && !w.heard.cut[RELAY_INTERACTOR]);
}

/* Who ends is first; the other learns of it, after its last words. */
static void test_first(void **state)
{
	(void)state;
	for (int side = 0; side < RELAY_SIDES; side++) {
		struct wired w = wire(&plenty);

		say(w.ends.out[side], "bye");
		end_stream(&w.ends.out[side]);
		hear(w.ends.in[!side], "bye");
		hear_end(w.ends.in[!side]);
		say(w.ends.out[!side], "and bye");
		unwire(&w);
		check_first(&w, side == RELAY_PROGRAM, side == RELAY_INTERACTOR);
		CHECK_INT(w.heard.bytes[!side], 7);
	}
}

/* Its end counts when it comes, not when the other at last reads its words. */
static void test_first_though_not_heard(void **state)
{
	struct wired w = wire(&plenty);
	struct pollfd p = { .events = POLLIN };
	char *much = malloc(300 * KIB);
	int from = w.ends.out[RELAY_INTERACTOR];

	(void)state;
	memset(much, 'x', 300 * KIB);
	/* Till all that lies on the way is full. */
	CHECK_INT(fcntl(from, F_SETFL, O_NONBLOCK), 0);
	for (int tries = 0; tries < 3; tries++) {
		p = (struct pollfd){ .fd = from, .events = POLLOUT };
		while (write(from, much, 300 * KIB) > 0)
			tries = 0;
		poll(&p, 1, 50);
	}
	end_stream(&w.ends.out[RELAY_INTERACTOR]);
	/* The program's words still come through, and then its end: which it makes unknowingly. */
	say(w.ends.out[RELAY_PROGRAM], "x");
	hear(w.ends.in[RELAY_INTERACTOR], "x");
	end_stream(&w.ends.out[RELAY_PROGRAM]);
	hear_end(w.ends.in[RELAY_INTERACTOR]);
	unwire(&w);
	check_first(&w, false, true);
	free(much);
}

static void test_both(void **state)
{
	struct wired w = wire(&plenty);

	(void)state;
	/* Nobody looks before both are gone. */
	relay_ends_close(&w.ends);
	unwire(&w);
	CHECK(w.heard.first[RELAY_PROGRAM] || w.heard.first[RELAY_INTERACTOR]);
}

/* Words to one that has left: no signal, up to the limit. */
static void test_unheard(void **state)
{
	struct relay_limits l = plenty;
	struct wired w;
	char some[KIB] = "";

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	w = wire(&plenty);
	end_stream(&w.ends.in[RELAY_PROGRAM]);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(io_write(w.ends.out[RELAY_INTERACTOR], some, sizeof(some)), 0);
	unwire(&w);
	CHECK_INT(w.heard.bytes[RELAY_INTERACTOR], 1000 * KIB);
	CHECK(!w.heard.cut[RELAY_INTERACTOR]);

	l.unheard[RELAY_PROGRAM] = 64 * KIB;
	w = wire(&l);
	end_stream(&w.ends.in[RELAY_INTERACTOR]);
	while (io_write(w.ends.out[RELAY_PROGRAM], some, sizeof(some)) == 0)
		;
	unwire(&w);
	CHECK(w.heard.cut[RELAY_PROGRAM]);
	/* It heard nothing more than before: the interactor is not first either. */
	CHECK(w.heard.bytes[RELAY_PROGRAM] > 64 * KIB);
	signal(SIGPIPE, SIG_DFL);
}

static void test_flood(void **state)
{
	struct relay_limits l = plenty;
	struct pollfd p = { .events = POLLIN };
	struct wired w;
	char some[KIB] = "";
	int64_t n = 0;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	l.said[RELAY_PROGRAM] = 100 * KIB;
	w = wire(&l);
	p.fd = w.ends.in[RELAY_INTERACTOR];
	while (io_write(w.ends.out[RELAY_PROGRAM], some, sizeof(some)) == 0)
		while (poll(&p, 1, 0) > 0 && read(p.fd, some, sizeof(some)) > 0)
			n++;
	while (read(p.fd, some, sizeof(some)) > 0)
		n++;
	unwire(&w);
	CHECK(w.heard.cut[RELAY_PROGRAM]);
	CHECK(w.heard.bytes[RELAY_PROGRAM] > 100 * KIB);
	check_first(&w, true, false);
	CHECK(n > 0);
	signal(SIGPIPE, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blame),
		cmocka_unit_test(test_every_end),
		cmocka_unit_test(test_carries),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_first_though_not_heard),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_unheard),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests_name("interact", tests, NULL, NULL);
}
