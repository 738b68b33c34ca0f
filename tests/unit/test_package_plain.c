/* the plain form, problem.ini, and every way in which they can be wrong */
#include "tests/unit/package.h"

#include "base/strv.h"

#define ONE "@ 1.in\n1\n@ 1.ans\n2\n"
#define INI "@ problem.ini\n"

static void test_smallest(void **state)
{
	struct loaded l = package_good(ONE);

	(void)state;
	CHECK_TEXT(l.p->id, "test");
	CHECK_TEXT(l.p->title, "test");
	CHECK_TEXT(l.p->format, "plain");
	CHECK_INT(l.p->ntests, 1);
	CHECK_TEXT(l.p->tests[0].name, "1");
	CHECK_TEXT(l.p->tests[0].group, "");
	CHECK(!l.p->tests[0].sample);
	check_blob(l.blobs, &l.p->tests[0].in, "1\n");
	check_blob(l.blobs, &l.p->tests[0].ans, "2\n");
	CHECK_INT(l.p->limits.cpu_us, 1000000);
	CHECK_INT(l.p->check.type, CHECK_TOKENS);
	CHECK(l.p->check.case_sensitive);
	CHECK(l.p->check.absolute < 0 && l.p->check.relative < 0);
	CHECK_INT(l.p->nfiles, 0);
	loaded_release(&l);
}

static void test_order_and_samples(void **state)
{
	static const char *const order[] = { "sample1", "1", "2", "10", "b" };
	struct loaded l = package_good("@ 10.in\n@ 10.out\n@ b.in\n@ b.ans\n@ 2.in\n@ 2.ans\n"
				       "@ 1.in\n@ 1.ans\n@ sample1.in\ns\n@ sample1.out\nt\n"
				       "@ README.md\n# not a test\n");

	(void)state;
	CHECK_INT(l.p->ntests, ARRAY_SIZE(order));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		CHECK_TEXT(l.p->tests[i].name, order[i]);
	CHECK(l.p->tests[0].sample && !l.p->tests[1].sample);
	check_blob(l.blobs, &file_shown(l.p, "samples/sample1.in")->blob, "s\n");
	check_blob(l.blobs, &file_shown(l.p, "samples/sample1.ans")->blob, "t\n");
	CHECK_INT(l.p->nfiles, 2);
	loaded_release(&l);
}

static void test_folders(void **state)
{
	struct loaded l = package_good(
		"@ data/secret/big/2.in\n@ data/secret/big/2.ans\n@ data/sample/1.in\n@ data/sample/1.ans\n"
		"@ data/secret/1.in\n@ data/secret/1.ans\n"
		"@ statement.md\n# Hi\n@ statement.pdf\nx\n@ statement.tex\nx\n@ fig.png\nx\n"
		"@ attachments/a/tool.py\nx\n@ include/cpp/grader.h\nx\n");

	(void)state;
	CHECK_INT(l.p->ntests, 3);
	CHECK_TEXT(l.p->tests[0].name, "sample/1");
	CHECK_TEXT(l.p->tests[0].group, "sample");
	CHECK_TEXT(l.p->tests[1].name, "secret/1");
	CHECK_TEXT(l.p->tests[2].name, "secret/big/2");
	CHECK_TEXT(l.p->tests[2].group, "secret/big");
	CHECK(file_shown(l.p, "samples/1.in"));
	CHECK(file_shown(l.p, "statement.md"));
	CHECK(file_shown(l.p, "statement.pdf"));
	CHECK(!file_shown(l.p, "statement.tex"));
	CHECK(file_shown(l.p, "fig.png"));
	CHECK(file_shown(l.p, "attachments/a/tool.py"));
	CHECK_INT(l.p->nincludes, 1);
	CHECK_TEXT(l.p->includes[0].name, "cpp/grader.h");
	loaded_release(&l);
}

static void test_ini(void **state)
{
	struct loaded l = package_good(
		ONE "@ 2.in\n@ 2.ans\n" INI
		"[problem]\ntitle = A title\nauthor = Ada\nlanguages = cpp python3\nfeedback = samples\n"
		"open = 2026-01-02 03:04Z\nclose = 2026-01-02T03:04:05Z\njudge = yes\n"
		"statement = text/task.html\n"
		"[limits]\ntime = 2s\nwall = 10s\nmemory = 64MiB\noutput = 1MiB\nprocesses = 4\nfiles = 3\n"
		"source = 10k\ncompile-time = 5s\ncompile-memory = 1G\n"
		"confirm = 0\nconfirm-percent = 20\n"
		"[limits python3]\ntime = 5s\nmemory = 128MiB\n[limits cpp17]\nwall = 20s\n"
		"[check]\ntype = float\nabsolute = 1e-3\ncase = no\n"
		"[tests]\nsample = 2 [0-9]\ncontinue = yes\n"
		"@ text/task.html\n<p>\n@ statement.md\nold\n");
	struct problem *p = l.p;

	(void)state;
	CHECK_TEXT(p->title, "A title");
	CHECK_TEXT(p->author, "Ada");
	CHECK_INT(p->languages.n, 2);
	CHECK_INT(p->feedback, FEEDBACK_SAMPLES);
	CHECK_INT(p->limits.confirm, 0);
	CHECK_INT(p->limits.confirm_percent, 20);
	CHECK_INT(p->open_us, INT64_C(1767323040) * 1000000);
	CHECK_INT(p->close_us, INT64_C(1767323045) * 1000000);
	CHECK_INT(p->limits.cpu_us, 2000000);
	CHECK_INT(p->limits.wall_us, 10000000);
	CHECK_INT(p->limits.memory_bytes, 64 << 20);
	CHECK_INT(p->limits.output_bytes, 1 << 20);
	CHECK_INT(p->limits.processes, 4);
	CHECK_INT(p->limits.files, 3);
	CHECK_INT(p->limits.source_bytes, 10240);
	CHECK_INT(p->limits.compile_time_us, 5000000);
	CHECK_INT(p->nlang_limits, 2);
	CHECK_TEXT(p->lang_limits[0].lang, "python3");
	CHECK_INT(p->lang_limits[0].memory_bytes, 128 << 20);
	CHECK_INT(p->check.type, CHECK_TOKENS);
	CHECK(p->check.absolute == 1e-3 && p->check.relative < 0 && !p->check.case_sensitive);
	CHECK(p->run_all);
	CHECK(p->tests[0].sample && p->tests[1].sample);
	CHECK(file_shown(p, "statement.html") && !file_shown(p, "statement.md"));
	loaded_release(&l);
}

static void test_checks(void **state)
{
	static const struct { const char *text; enum check_type type; double absolute; bool pe; } rows[] = {
		{ "type = tokens\n", CHECK_TOKENS, -1, false },
		{ "type = float\n", CHECK_TOKENS, 1e-6, false },
		{ "absolute = 0.5\n", CHECK_TOKENS, 0.5, false },
		{ "type = lines\n", CHECK_LINES, -1, true },
		{ "type = bytes\n", CHECK_BYTES, -1, false },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text), ONE INI "[check]\n%s", rows[i].text);
		struct loaded l = package_good(text);

		CHECK_INT(l.p->check.type, rows[i].type);
		CHECK(l.p->check.absolute == rows[i].absolute);
		CHECK_INT(l.p->check.presentation, rows[i].pe);
		loaded_release(&l);
	}
}

static void test_program(void **state)
{
	struct loaded l = package_good(ONE "@ 2.in\n@ 2.ans\n" INI
				       "[check]\nprogram = checker\nprotocol = kattis\narguments = a 'b c'\n"
				       "@ checker/lib.h\nx\n@ checker/main.cpp\nx\n@ checker/a.cpp\ny\n");
	struct check *c = &l.p->check;

	(void)state;
	CHECK_INT(c->type, CHECK_PROGRAM);
	CHECK_TEXT(c->program.lang->id, "cpp20");
	CHECK_INT(c->program.nsources, 3);
	CHECK_TEXT(c->program.sources[0].name, "main.cpp");
	CHECK_TEXT(c->program.sources[1].name, "a.cpp");
	CHECK_TEXT(c->program.sources[2].name, "lib.h");
	CHECK_INT(l.p->tests[1].args.n, 2);
	CHECK_TEXT(l.p->tests[1].args.v[1], "b c");
	loaded_release(&l);

	l = package_good(ONE INI "[check]\ntype = interactive\nprogram = talk.cpp\narguments = a\n"
			 "@ talk.cpp\nx\n");
	CHECK_INT(l.p->check.type, CHECK_INTERACTIVE);
	CHECK_INT(l.p->check.program.nsources, 1);
	CHECK_INT(l.p->tests[0].args.n, 1);
	loaded_release(&l);
}

/* A fault each: its place and its words. */
static const struct { const char *text, *why; } broken[] = {
	{ "", "data: no test cases" },
	{ "@ README.md\nx\n", "data: no test cases" },
	{ "@ 1.in\n", "1.in: no answer: 1.ans or .out is missing" },
	{ "@ 1.in\n@ 1.ans\n@ 1.out\n", "1.in: two answers" },
	{ ONE "@ 2.ans\n", "2.ans: no input: 2.in is missing" },
	{ "@ data/x/1.in\n", "data/x/1.in: no answer" },
	{ "@ a b.in\n@ a b.ans\n", "a b.in: a test's name" },
	{ "@ -1.in\n@ -1.ans\n", "-1.in: a test's name" },
	{ "@ nul.in\n@ nul.ans\n", "nul.in: a test's name" },
	{ ONE "@ attachments/a b.txt\n", "attachments/a b.txt: can not be shown" },
	{ ONE "@ attachments/A.txt\n@ attachments/a.txt\n", "attachments/a.txt: shown twice" },
	{ ONE INI "[problem]\ntitel = x\n", "problem.ini:2: unknown key 'titel'" },
	{ ONE INI "[limits]\ntime = fast\n", "problem.ini:2: time: 'fast'" },
	{ ONE INI "[limits]\ntime = 0\n", "problem.ini:2: time: '0' is not from 1ms to 1h" },
	{ ONE INI "[limits]\ntime = 100h\n", "problem.ini:2: time: '100h' is not from 1ms to 1h" },
	{ ONE INI "[limits]\n\nmemory = 5\n", "problem.ini:3: memory: '5' is not from 4MiB to 64GiB" },
	{ ONE INI "[limits]\noutput = 5GiB\n", "problem.ini:2: output: '5GiB' is not from 1 to 4GiB" },
	{ ONE INI "[limits]\nprocesses = 5000\n", "problem.ini:2: processes: '5000' is not from 1 to 4096" },
	{ ONE INI "[limits c17]\nmemory = 1MiB\n", "problem.ini:2: memory: '1MiB' is not from" },
	{ ONE INI "\n[limits klingon]\ntime = 1s\n", "problem.ini:3: [limits klingon]: unknown language" },
	{ ONE INI "[limits c17]\noutput = 1s\n", "problem.ini:2: unknown key 'output'" },
	{ ONE INI "[limits]\ntime = 2s\nwall = 1s\n", "problem.ini: [limits] wall is less than time" },
	{ ONE INI "[problem]\nlanguages = c klingon\n", "problem.ini:2: unknown language 'klingon'" },
	{ ONE INI "[problem]\nfeedback = some\n", "problem.ini:2: feedback: 'some'" },
	{ ONE INI "[problem]\nopen = tomorrow\n", "problem.ini:2: open: 'tomorrow'" },
	{ ONE INI "[problem]\nopen = 2026-01-02 03:04\nclose = 2026-01-02 03:04\n",
	  "problem.ini: [problem] closes before it opens" },
	{ ONE INI "[problem]\nstatement = none.md\n", "none.md: open" },
	{ ONE INI "[problem]\njudge = no\n", "problem.ini:2: judge = no" },
	{ ONE INI "[problem]\ntemplate = x\n", "problem.ini:2: [problem] template: not built yet" },
	{ ONE INI "[group a]\npoints = 1\n", "problem.ini:2: [group a] points: not built yet" },
	{ ONE INI "[check]\ntype = magic\n", "problem.ini:2: type: 'magic'" },
	{ ONE INI "[check]\ntype = program\n", "problem.ini: [check] type = program needs a program" },
	{ ONE INI "[check]\ntype = interactive\n", "problem.ini: [check] type = interactive needs a program" },
	{ ONE INI "[check]\ntype = lines\nprogram = x.py\n@ x.py\n", "problem.ini:3: [check] has a program" },
	{ ONE INI "[check]\ntype = lines\nabsolute = 1\n", "problem.ini: [check] absolute" },
	{ ONE INI "[check]\narguments = x\n", "problem.ini: [check] arguments are for a program" },
	{ ONE INI "[check]\nprogram = none.cpp\n", "none.cpp: no such file or folder" },
	{ ONE INI "[check]\nprogram = x.zig\n@ x.zig\n", "x.zig: output validator: unknown language: '.zig'" },
	{ ONE INI "[check]\nprogram = x.rs\n@ x.rs\n", "x.rs: output validator: needs no-such-tool" },
	{ ONE INI "[check]\nprotocol = testlib\n", "problem.ini:2: protocol: 'testlib' is not spoken yet" },
	{ ONE INI "[tests]\nsample = 9\n", "problem.ini: [tests] sample: no test is named '9'" },
	{ ONE INI "x\n", "problem.ini:1: " },
	{ ONE INI "[check]\nprogram = a b.c\n@ a b.c\n", "a b.c: a source's name" },
};

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct loaded l = package_of(broken[i].text);

		if (l.r != -EINVAL && l.r != -ENOENT)
			fail_msg("row %zu: %d, not a fault", i, l.r);
		CHECK_HAS(l.diag.text, broken[i].why);
		CHECK_HAS(buf_text(&l.report), broken[i].why);
		loaded_release(&l);
	}
}

/* One look finds all of them. */
static void test_all_faults(void **state)
{
	struct loaded l = package_of("@ 1.in\n@ 2.ans\n" INI "[limits]\ntime = x\nmemroy = 1\n"
				     "[check]\ntype = magic\n");
	const char *first, *second, *third;

	(void)state;
	CHECK_INT(l.r, -EINVAL);
	CHECK_HAS(l.diag.text, "problem.ini:2");
	first = strstr(buf_text(&l.report), "problem.ini:2: time: 'x'");
	second = strstr(buf_text(&l.report), "problem.ini:3: unknown key 'memroy'");
	third = strstr(buf_text(&l.report), "problem.ini:5: type: 'magic'");
	CHECK(first && second && third && first < second && second < third);
	CHECK(first && strstr(first + 1, "problem.ini:2") == NULL);
	CHECK_HAS(buf_text(&l.report), "1.in: no answer");
	CHECK_HAS(buf_text(&l.report), "2.ans: no input");
	CHECK_HAS(buf_text(&l.report), "data: no test cases");
	loaded_release(&l);
}

static void test_links(void **state)
{
	struct loaded l = { .folder = folder_new() };

	(void)state;
	package_write(&l.folder, ONE "@ more/x.ans\nlinked\n@ 2.in\n");
	CHECK_INT(symlinkat("more/x.ans", l.folder.fd, "2.ans"), 0);
	package_load(&l, "test");
	CHECK_INT(l.r, 0);
	check_blob(l.blobs, &l.p->tests[1].ans, "linked\n");
	loaded_release(&l);

	static const struct { const char *to, *name, *why; } rows[] = {
		{ "/etc/passwd", "attachments/p.txt", "attachments/p.txt: a link that leaves the package" },
		{ "../../../etc/passwd", "attachments/p.txt", "attachments/p.txt: a link that leaves" },
		{ "/proc/self/root", "attachments/p", "attachments/p: a link that leaves" },
		{ "none", "attachments/p.txt", "attachments/p.txt: a link that leads nowhere" },
		{ "p.txt", "attachments/p.txt", "attachments/p.txt: links that lead nowhere" },
		{ ".", "attachments/loop", "folders in each other" },
		{ "/etc", "data", "data: a link that leaves" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct loaded b = { .folder = folder_new() };

		package_write(&b.folder, "@ attachments/a.txt\nx\n");
		CHECK_INT(symlinkat(rows[i].to, b.folder.fd, rows[i].name), 0);
		package_load(&b, "test");
		CHECK_INT(b.r < 0, 1);
		CHECK_HAS(buf_text(&b.report), rows[i].why);
		loaded_release(&b);
	}
}

/* Each way through these folders is another path: there is no end of them. */
static void test_many_links(void **state)
{
	struct loaded l = { .folder = folder_new() };
	char name[32];

	(void)state;
	package_write(&l.folder, ONE "@ attachments/a.txt\nx\n");
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "attachments/b%d", i);
		CHECK_INT(symlinkat(".", l.folder.fd, name), 0);
	}
	package_load(&l, "test");
	CHECK_INT(l.r, -EINVAL);
	CHECK_HAS(buf_text(&l.report), "the package is too large");
	loaded_release(&l);
}

/* A name or a title can not look like a line of its own, nor move a terminal's cursor. */
static void test_lines(void **state)
{
	struct loaded l = { .folder = folder_new() };

	(void)state;
	package_write(&l.folder, ONE "@ attachments/a\x1b[2J\x07.txt\nx\n");
	CHECK_INT(symlinkat("none", l.folder.fd, "attachments/x\nfine: no faults"), 0);
	package_load(&l, "\x1b[2J");
	CHECK_INT(l.r, -EINVAL);
	CHECK(!strchr(buf_text(&l.report), '\x1b'));
	CHECK_HAS(buf_text(&l.report), "attachments/x fine: no faults: ");
	loaded_release(&l);

	l = package_good("@ problem.yaml\nname: \"two\\nlines\"\n"
			 "@ data/secret/1.in\n1\n@ data/secret/1.ans\n1\n");
	CHECK_TEXT(l.p->title, "two lines");
	loaded_release(&l);
}

static void test_special_files(void **state)
{
	struct loaded l = { .folder = folder_new() };

	(void)state;
	package_write(&l.folder, ONE "@ attachments/a.txt\nx\n");
	CHECK_INT(mkfifoat(l.folder.fd, "attachments/fifo", 0600), 0);
	package_load(&l, "test");
	CHECK_INT(l.r, -EINVAL);
	CHECK_HAS(l.diag.text, "attachments/fifo: neither a file nor a folder");
	loaded_release(&l);
}

static void test_other_formats(void **state)
{
	static const char *const marks[] = { "problem.xml", "init.yml", "task.yaml", "problem.conf" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		snprintf(text, sizeof(text), "@ %s\nx\n" ONE, marks[i]);
		struct loaded l = package_of(text);

		CHECK_INT(l.r, -ENOTSUP);
		CHECK_HAS(l.diag.text, marks[i]);
		CHECK_HAS(l.diag.text, "are not read yet");
		loaded_release(&l);
	}
}

#define BIT(v) (1u << VERDICT_ ## v)

static void test_references(void **state)
{
	struct loaded l = package_good(
		ONE "@ submissions/accepted/a.c\nint main;\n"
		"@ submissions/accepted/Two/B.java\nclass B {}\n"
		"@ submissions/accepted/Two/A.java\nclass A { public static void main(String[] x) {} }\n"
		"@ submissions/accepted/a.rs\nfn main\n@ submissions/accepted/a.zig\nx\n"
		"@ submissions/accepted/old.py\n#!/usr/bin/env python2\n"
		"@ submissions/accepted/older.py\nif 1:\n\tprint 'x'\n"
		"@ submissions/accepted/new.py\nprint ('x')\nprint = 3\nprinter = 'print x'\n"
		"@ submissions/wrong_answer/a.py\n# @EXPECTED_RESULTS@: TIMELIMIT, Wrong-Answer\n"
		"@ submissions/wrong_answer/b.py\nx\n"
		"@ submissions/time_limit_exceeded/c.cc\nx\n@ submissions/run_time_error/d.cc\nx\n"
		"@ submissions/strange/e.c\nx\n@ submissions/mixed/f.c\n/* @EXPECTED_RESULTS@: RUN-ERROR */\n"
		"@ submissions/accepted/README.md\nx\n@ submissions/accepted/a b.c\nx\n"
		"@ submissions/accepted/plus.c++\nx\n");
	const struct reference *r;

	(void)state;
	r = reference_of(l.p, "submissions/accepted/a.c");
	CHECK_INT(r->allowed, BIT(AC));
	CHECK(r->defines_time && !r->skip);
	CHECK_TEXT(r->program.lang->id, "c17");
	r = reference_of(l.p, "submissions/accepted/Two");
	CHECK_TEXT(r->program.lang->id, "java");
	CHECK_TEXT(r->program.sources[0].name, "A.java");
	CHECK_INT(r->program.nsources, 2);
	r = reference_of(l.p, "submissions/accepted/a.rs");
	CHECK_TEXT(r->skip, "needs no-such-tool: apt install rustc");
	CHECK(!r->program.lang && !r->defines_time);
	CHECK_HAS(reference_of(l.p, "submissions/accepted/a.zig")->skip, "unknown language");
	CHECK_TEXT(reference_of(l.p, "submissions/accepted/old.py")->skip, "needs python2");
	CHECK_TEXT(reference_of(l.p, "submissions/accepted/older.py")->skip, "needs python2");
	CHECK(!reference_of(l.p, "submissions/accepted/new.py")->skip);
	r = reference_of(l.p, "submissions/wrong_answer/a.py");
	CHECK_INT(r->allowed, BIT(TLE) | BIT(ILE) | BIT(WA) | BIT(PE));
	CHECK_INT(reference_of(l.p, "submissions/wrong_answer/b.py")->allowed, BIT(WA) | BIT(PE));
	r = reference_of(l.p, "submissions/time_limit_exceeded/c.cc");
	CHECK_INT(r->allowed, BIT(TLE) | BIT(ILE));
	CHECK_INT(r->also & BIT(WA), BIT(WA));
	CHECK(!r->defines_time);
	r = reference_of(l.p, "submissions/run_time_error/d.cc");
	CHECK_INT(r->allowed, BIT(RE) | BIT(MLE) | BIT(OLE) | BIT(SV));
	r = reference_of(l.p, "submissions/mixed/f.c");
	CHECK_INT(r->allowed, BIT(RE) | BIT(MLE) | BIT(SV));
	CHECK_HAS(reference_of(l.p, "submissions/accepted/a b.c")->skip, "a source's name");
	CHECK_TEXT(reference_of(l.p, "submissions/accepted/plus.c++")->program.lang->id, "cpp20");
	CHECK_INT(l.p->nreferences, 14);
	CHECK_HAS(buf_text(&l.report), "note: submissions/strange/e.c: left out");
	loaded_release(&l);
}

static const struct { const char *id; bool valid; } ids[] = {
	{ "hello", true },	{ "a.b-c_d", true },	{ "1", true },		{ "_x", true },
	{ "", false },		{ ".x", false },	{ "-x", false },	{ "a b", false },
	{ "a/b", false },	{ "Staff", false },	{ "USERS", false },	{ "inbox", false },
	{ "readme.TXT", false }, { "scoreboard.xml", false }, { "metrics", false }, { "con", false },
	{ "l\xc3\xb6", false },	{ "x.", false },
	{ "0123456789012345678901234567890123456789012345678901234567890123", true },
	{ "01234567890123456789012345678901234567890123456789012345678901234", false },
};

static void test_ids(void **state)
{
	struct loaded l = { .folder = folder_new() };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (problem_id_valid(ids[i].id) != ids[i].valid)
			fail_msg("'%s'", ids[i].id);
	package_write(&l.folder, ONE);
	package_load(&l, "users");
	CHECK_INT(l.r, -EINVAL);
	CHECK_HAS(l.diag.text, "users: no name for a problem");
	loaded_release(&l);
}

static void test_limits(void **state)
{
	struct lang_limits own[] = { { .lang = (char *)"cpp", .cpu_us = 7 },
				     { .lang = (char *)"x", .cpu_us = 9, .memory_bytes = 50 } };
	char *names[] = { (char *)"cpp", NULL };
	struct lang lang = { .id = (char *)"x", .aliases = { names, 1 }, .time_factor = 2,
			     .time_extra_us = 100, .memory_extra_bytes = 11, .processes = 3 };
	struct problem p = { .limits = { .cpu_us = 1000, .memory_bytes = 20, .processes = 1,
					 .compile_time_us = 5 } };
	struct limits l;

	(void)state;
	problem_limits(&p, &lang, &l);
	CHECK_INT(l.cpu_us, 2100);
	CHECK_INT(l.wall_us, 3 * 2100 + 1000000);
	CHECK_INT(l.memory_bytes, 31);
	CHECK_INT(l.processes, 3);
	CHECK_INT(l.compile_time_us, 5);
	p.limits.wall_us = 5000;
	lang.compile_time_us = 8;
	problem_limits(&p, &lang, &l);
	CHECK_INT(l.wall_us, 6100);
	CHECK_INT(l.compile_time_us, 8);
	p.lang_limits = own;
	p.nlang_limits = 1;
	problem_limits(&p, &lang, &l);
	CHECK_INT(l.cpu_us, 7);
	p.nlang_limits = 2;
	problem_limits(&p, &lang, &l);
	CHECK_INT(l.cpu_us, 9);
	CHECK_INT(l.memory_bytes, 61);
}

static void test_readme(void **state)
{
	struct loaded l = package_good(ONE INI "[problem]\ntitle = T\xc3\xbcr \x1b[1m\nlanguages = cpp java\n"
				       "close = 2999-01-02 03:04\n");
	struct buf text = { 0 };

	(void)state;
	l.langs->v[2]->version = strdup("g++ 12");
	problem_readme(l.p, l.langs, &text);
	CHECK_HAS(buf_text(&text), "T\xc3\xbcr \\x1b[1m\n");
	CHECK_HAS(buf_text(&text), "1 s of CPU time");
	CHECK_HAS(buf_text(&text), "256 MiB");
	CHECK_HAS(buf_text(&text), "Languages       C++17 (.cpp)\n"
		  "                C++20 (.cpp)          g++ 12\n"
		  "                Java (.java)\n");
	CHECK_HAS(buf_text(&text), "Deadline        2999-01-02 03:04");
	CHECK_HAS(buf_text(&text), "cp solution.c test/sub/");
	CHECK_HAS(buf_text(&text), "Processes       one, with one thread");
	CHECK_HAS(buf_text(&text), "\n1 test. ");
	CHECK(!strstr(buf_text(&text), "Python"));
	CHECK(!strstr(buf_text(&text), "Not shown"));
	buf_release(&text);
	loaded_release(&l);
}

static const struct { const char *ini, *says; bool open; } turns[] = {
	{ "close = 2020-01-02 03:04Z\n", "Closed since    2020-01-0", false },
	{ "open = 2999-01-02 03:04Z\n", "Not open before 2999-01-0", false },
	{ "open = 2020-01-02 03:04Z\n", "Opened          2020-01-0", true },
	{ "feedback = none\n", "every verdict reads \"Not shown\"", true },
	{ "feedback = verdict\n", "not which test it comes from", true },
	{ "feedback = samples\n", "of the other tests only the verdict", true },
};

/* What a reader must know before he begins. */
static void test_readme_turns(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		struct buf ini = { 0 }, text = { 0 };
		struct loaded l;

		buf_printf(&ini, ONE INI "[problem]\n%s", turns[i].ini);
		l = package_good(buf_text(&ini));
		problem_readme(l.p, l.langs, &text);
		CHECK_HAS(buf_text(&text), turns[i].says);
		CHECK_INT(strstr(buf_text(&text), "To submit") != NULL, turns[i].open);
		buf_release(&ini);
		buf_release(&text);
		loaded_release(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smallest),
		cmocka_unit_test(test_order_and_samples),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_ini),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_all_faults),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_many_links),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_special_files),
		cmocka_unit_test(test_other_formats),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_readme),
		cmocka_unit_test(test_readme_turns),
	};

	return cmocka_run_group_tests_name("package_plain", tests, NULL, NULL);
}
