/*
 * when a file is complete: what programs were seen to send, and what must come of it
 *
 * A script is a line of steps, "EVENT>EXPECTED": what is asked for after the event, letters of
 * M (mark), A (accept), C (complete), R (refuse), "-" for nothing. Events:
 *	o open   w write   t truncate to 0   f flush or fsync   r release   x a write is refused
 *	n renamed into place   +N time passes by N ms; the timer is delivered when it is due
 * In capitals: through an NFS server's handle.
 */
#include "tests/unit/check.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "fs/upload.h"

static const struct { const char *who, *script; } scripts[] = {
	/* local programs */
	{ "cp",			"o>- w>M f>A r>- +0>C" },
	{ "cp over an old one",	"o>- t>M w>- f>A r>- +0>C" },
	{ "shell redirection",	"o>- f>- w>M f>A r>- +0>C" },
	{ "brace group",	"o>- f>- w>M f>A w>M f>A w>M f>A r>- +0>C" },
	{ "dd, many writes",	"o>- w>M w>- w>- f>A r>- +0>C" },
	{ "vim",		"o>- t>M w>- f>A f>- r>- +0>C" },
	{ "killed writer",	"o>- w>M f>A r>- +0>C" },
	{ "touch",		"o>- f>- r>- +9999>-" },
	{ "empty file",		"o>- t>M f>- r>- +9999>-" },
	{ "emacs' second open",	"o>- w>M f>A r>- +0>C o>- f>- r>- +9999>-" },
	{ "slow writer",	"o>- w>M f>A +9999>- w>M +9999>- f>A r>- +0>C" },
	{ "two writers",	"o>- o>- w>M f>A r>- +9999>- w>M f>A r>- +0>C" },
	{ "fsync before close",	"o>- w>M f>A +9999>- f>- r>- +0>C" },
	{ "mmap after flush",	"o>- w>M f>A w>M r>A +0>C" },
	{ "never flushed",	"o>- w>M r>A +0>C" },
	{ "truncate(2)",	"w>M +1999>- +1>AC" },
	{ "truncate(2) to 0",	"t>M +9999>-" },
	{ "and then a writer",	"w>M o>- +9999>- f>A r>- +0>C" },
	{ "opened while due",	"o>- w>M f>A r>- o>- +9999>- r>- +0>C" },
	{ "changed again",	"o>- w>M f>A r>- +0>C o>- w>M f>A r>- +0>C" },

	/* renamed into place */
	{ "rsync, sed -i",	"n>- +0>C" },
	{ "renamed while open",	"o>- w>M f>A n>- +9999>- r>- +0>C" },
	{ "renamed, unflushed",	"o>- w>M n>- w>M f>A r>- +0>C" },

	/* refused writes */
	{ "too large",		"o>- x>- f>R r>- +9999>-" },
	{ "too large, later",	"o>- w>M x>- f>R f>R r>- +9999>-" },
	{ "begun again",	"o>- w>M x>- t>- w>- f>A r>- +0>C" },
	{ "the next writer",	"o>- w>M x>- f>R r>- o>- w>M f>A r>- +0>C" },
	{ "the rest is late",	"o>- w>M f>A w>M x>- f>R r>- +9999>-" },

	/* NFS servers */
	{ "nfsd v4.2",		"O>- W>M F>A F>- R>- +199>- +1>C" },
	{ "nfsd v3",		"O>- W>M F>A +199>- +1>C F>- R>- +9999>-" },
	{ "ganesha v4",		"O>- O>- F>- R>- W>M O>- F>A F>- R>- +199>- +1>C" },
	{ "ganesha v3",		"O>- F>- R>- W>M +1999>- +1>AC" },
	{ "commits in between",	"O>- W>M F>A +100>- W>M +100>- F>A +199>- +1>C" },
	{ "commit repeated",	"O>- W>M F>A +200>C F>- +9999>- R>- +9999>-" },
	{ "v3 creates first",	"O>- T>M F>- +9999>- W>M F>A +200>C" },
	{ "server, too large",	"O>- X>- F>R +9999>- R>- +9999>-" },
	{ "accepted, then refused", "O>- W>M F>A X>- F>R +199>- +1>C R>- +9999>-" },
	{ "then refused",	"O>- W>M F>A X>- F>R +199>- +1>C R>- +9999>-" },
	{ "both at once",	"O>- W>M o>- F>A +9999>- f>- r>- +0>C" },
	{ "server holds on",	"O>- o>- w>M f>A r>- +0>C +9999>-" },
};

struct machine {
	struct upload u;
	int64_t now_us, size;
};

static const struct upload_times times = { 200 * 1000, 2000 * 1000 };

static unsigned step(struct machine *m, char event)
{
	static const struct { char letter; enum upload_what what; } events[] = {
		{ 'o', UPLOAD_OPENED },		{ 'w', UPLOAD_CHANGED },
		{ 't', UPLOAD_CHANGED },	{ 'f', UPLOAD_SYNCED },
		{ 'r', UPLOAD_RELEASED },	{ 'x', UPLOAD_FAILED },
		{ 'n', UPLOAD_RENAMED },
	};
	char lower = tolower(event);

	if (lower == 'w')
		m->size = 10;
	if (lower == 't')
		m->size = 0;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		struct upload_facts f = { lower != event, m->size, EFBIG, m->now_us };

		if (events[i].letter == lower)
			return upload_event(&m->u, events[i].what, &f, &times);
	}
	fail_msg("no event '%c'", event);
	return 0;
}

static unsigned pass(struct machine *m, int64_t ms)
{
	unsigned todo = 0;

	m->now_us += ms * 1000;
	while (m->u.due_us != 0 && m->u.due_us <= m->now_us) {
		struct upload_facts f = { false, m->size, 0, m->now_us };

		todo |= upload_event(&m->u, UPLOAD_TIMER, &f, &times);
	}
	return todo;
}

static void letters(unsigned todo, char ret[8])
{
	snprintf(ret, 8, "%s%s%s%s%s", todo == 0 ? "-" : "", todo & UPLOAD_MARK ? "M" : "",
		 todo & UPLOAD_ACCEPT ? "A" : "", todo & UPLOAD_COMPLETE ? "C" : "",
		 todo & UPLOAD_REFUSE ? "R" : "");
}

static void play(const char *who, const char *script)
{
	struct machine m = { .now_us = 1000 };
	char text[256], got[8], *save = NULL;
	int n = 0;

	CHECK(strlen(script) < sizeof(text));
	strcpy(text, script);
	for (char *s = strtok_r(text, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
		char *wanted = strchr(s, '>');

		CHECK(wanted != NULL);
		*wanted++ = '\0';
		letters(s[0] == '+' ? pass(&m, atoi(s + 1)) : step(&m, s[0]), got);
		n++;
		if (strcmp(got, wanted) != 0)
			fail_msg("%s: step %d, '%s': got %s, wanted %s", who, n, s, got, wanted);
	}
}

static void test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++)
		play(scripts[i].who, scripts[i].script);
}

/* After a writer has come and gone and all timers ran, nothing is left to be known. */
static void test_idle(void **state)
{
	static const char *const rows[] = {
		"o>- w>M f>A r>- +0>C", "o>- f>- r>-", "o>- w>M x>- f>R r>-", "w>M +2000>AC", "t>M +2000>-",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct machine m = { .now_us = 1000 };

		for (const char *s = rows[i]; *s; s++)
			if (s == rows[i] || s[-1] == ' ')
				*s == '+' ? pass(&m, atoi(s + 1)) : step(&m, *s);
		CHECK(upload_idle(&m.u));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_idle),
	};

	return cmocka_run_group_tests_name("upload", tests, NULL, NULL);
}
