/* packages of Kattis and the ICPC: every key, every fault with its file and line */
#include "tests/unit/package.h"

#include "base/strv.h"
#include "judge/package/yaml.h"

#define DATA "@ data/secret/1.in\n1\n@ data/secret/1.ans\n2\n"
#define YAML "@ problem.yaml\n"
#define NEW YAML "problem_format_version: 2025-09\nname: N\n"

static const struct { const char *text; int r; const char *why; } trees[] = {
	{ "", 0, "" },
	{ "a: [1, {b: c}]\n", 0, "" },
	{ "a: &x [1]\nb: *x\n", 0, "" },
	{ "a: [", -EINVAL, ": not YAML" },
	{ "a: b\n\tc", -EINVAL, "f:2: not YAML" },
	{ "a: 1\nb: 2\na: 3\n", -EINVAL, "f:3: 'a' stands here twice" },
	{ "? [a]\n: b\n", -EINVAL, "f:1: a key is not a text" },
	{ "x\ny: \"\xff\"\n", -EINVAL, "f:2: not YAML" },
	{ "a: \"b\\0c\"\n", -EINVAL, "f:1: a NUL byte" },
	{ "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
	  "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
	  "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n", -EINVAL, "too much or too deep" },
	{ "a: &a [*a]\n", -EINVAL, "too much or too deep" },
};

static void test_yaml(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		struct ynode *root = NULL;
		struct diag diag = { "" };

		CHECK_INT(yaml_tree(trees[i].text, strlen(trees[i].text), "f", &root, &diag), trees[i].r);
		CHECK_HAS(diag.text, trees[i].why);
		CHECK((root != NULL) == (trees[i].r == 0));
		ynode_free(root);
	}
}

static void test_smallest(void **state)
{
	struct loaded l = package_good(YAML "name: A title\n" DATA);
	struct problem *p = l.p;

	(void)state;
	CHECK_TEXT(p->format, "kattis legacy");
	CHECK_TEXT(p->title, "A title");
	CHECK_INT(p->limits.cpu_us, 0);
	CHECK(p->time_multiplier == 5);
	CHECK_INT(p->time_resolution_us, 1000000);
	CHECK_INT(p->limits.memory_bytes, INT64_C(2048) << 20);
	CHECK_INT(p->limits.output_bytes, 8 << 20);
	CHECK_INT(p->limits.source_bytes, 128 << 10);
	CHECK_INT(p->check.type, CHECK_TOKENS);
	CHECK(!p->check.case_sensitive && !p->check.space_sensitive && p->check.absolute < 0);
	CHECK_INT(p->ntests, 1);
	CHECK_TEXT(p->tests[0].name, "secret/1");
	CHECK_TEXT(p->tests[0].group, "secret");
	CHECK(!p->run_all);
	loaded_release(&l);
}

static void test_legacy(void **state)
{
	struct loaded l = package_good(
		YAML "problem_format_version: legacy\nname: {sv: Hej, en: Hello}\nauthor: Ada, Bob\n"
		"source: S\nsource_url: http://x\nlicense: cc by-sa\nkeywords: a b\nrights_owner: R\n"
		"type: pass-fail\nvalidation: default\nvalidator_flags: float_tolerance 1e-4\n"
		"limits:\n  time_multiplier: 2.5\n  time_safety_margin: 4\n  memory: 512\n  output: 1\n  code: 64\n"
		"  compilation_time: 9\n  compilation_memory: 99\n  validation_time: 8\n  validation_memory: 88\n"
		"  validation_output: 2\ngrading: null\n"
		"@ data/sample/1.in\n@ data/sample/1.ans\n"
		"@ data/secret/b/2.in\n@ data/secret/b/2.ans\n@ data/secret/b/10.in\n@ data/secret/b/10.ans\n"
		"@ data/secret/testdata.yaml\non_reject: continue\noutput_validator_flags: case_sensitive\n"
		"@ data/secret/a/1.in\n@ data/secret/a/1.ans\n"
		"@ data/secret/a/testdata.yaml\noutput_validator_flags: space_change_sensitive\n"
		"@ data/secret/a/1.hint\nx\n@ data/secret/notes.txt\nx\n");
	struct problem *p = l.p;
	static const char *const order[] = { "sample/1", "secret/a/1", "secret/b/10", "secret/b/2" };

	(void)state;
	CHECK_TEXT(p->title, "Hello");
	CHECK_TEXT(p->author, "Ada, Bob");
	CHECK_TEXT(p->license, "cc by-sa");
	CHECK_TEXT(p->source_url, "http://x");
	CHECK(p->time_multiplier == 2.5);
	CHECK_INT(p->limits.memory_bytes, 512 << 20);
	CHECK_INT(p->limits.output_bytes, 1 << 20);
	CHECK_INT(p->limits.source_bytes, 64 << 10);
	CHECK_INT(p->limits.compile_time_us, 9000000);
	CHECK_INT(p->limits.compile_memory_bytes, 99 << 20);
	CHECK_INT(p->limits.check_time_us, 8000000);
	CHECK_INT(p->limits.check_memory_bytes, 88 << 20);
	CHECK_INT(p->limits.check_output_bytes, 2 << 20);
	CHECK(p->check.absolute == 1e-4 && p->check.relative == 1e-4);
	CHECK(p->run_all);
	CHECK_INT(p->ntests, ARRAY_SIZE(order));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		CHECK_TEXT(p->tests[i].name, order[i]);
	CHECK_INT(p->tests[0].args.n, 2);
	CHECK_INT(p->tests[1].args.n, 3);
	CHECK_TEXT(p->tests[1].args.v[2], "space_change_sensitive");
	CHECK_TEXT(p->tests[2].args.v[2], "case_sensitive");
	CHECK_TEXT(p->tests[2].group, "secret/b");
	CHECK_HAS(buf_text(&l.report), "note: data/secret/notes.txt: left out");
	loaded_release(&l);
}

static void test_2025(void **state)
{
	struct loaded l = package_good(
		YAML "problem_format_version: 2025-09\ntype: [pass-fail]\nname: N\nuuid: x\n"
		"credits:\n  authors: [Ada <a@x>, {name: Bob}]\n  testers: Eve\nsource: [{name: A}, {name: B, url: http://y}]\n"
		"limits:\n  time_multipliers: {ac_to_time_limit: 3, time_limit_to_tle: 2}\n  time_limit: 1.5\n"
		"  time_resolution: 0.5\n  memory: 64\nlanguages: [cpp, python3, cobol]\nconstants: {a: 1}\nshiny: 1\n"
		"@ output_validator/validate.py\nx\n"
		"@ data/sample/1.in\nsecret\n@ data/sample/1.ans\nx\n@ data/sample/1.in.download\nshown\n"
		"@ data/sample/2.in\n@ data/sample/2.ans\n@ data/sample/2.out\nexample\n@ data/sample/3.interaction\n>1\n"
		"@ data/secret/test_group.yaml\noutput_validator_args: [a, 'b c']\n"
		"@ data/secret/1.in\n@ data/secret/1.ans\n@ data/secret/2.in\n@ data/secret/2.ans\n"
		"@ data/secret/2.yaml\noutput_validator_args: [z]\ninput_validator_args: [y]\nhint: h\n"
		"@ input_validators/a.py\nx\n@ input_validators/b/main.cpp\nx\n@ input_validators/c.viva\nx\n"
		"@ data/invalid_input/1.in\nx\n@ statement/problem.en.md\nx\n@ statement/problem.sv.md\nx\n"
		"@ statement/problem.en.tex\nx\n@ include/default/all.txt\nx\n");
	struct problem *p = l.p;

	(void)state;
	CHECK_TEXT(p->format, "kattis 2025-09");
	CHECK_TEXT(p->author, "Ada, Bob");
	CHECK_TEXT(p->source_url, "http://y");
	CHECK(p->time_multiplier == 3);
	CHECK_INT(p->limits.cpu_us, 1500000);
	CHECK_INT(p->time_resolution_us, 500000);
	CHECK_INT(p->languages.n, 3);
	CHECK_HAS(buf_text(&l.report), "language 'cobol' is not known here");
	CHECK_HAS(buf_text(&l.report), "note: problem.yaml:16: unknown key 'shiny'");
	CHECK_INT(p->check.type, CHECK_PROGRAM);
	CHECK_TEXT(p->check.program.lang->id, "python3");
	CHECK_INT(p->ntests, 4);
	CHECK_INT(p->tests[0].args.n, 0);
	CHECK_INT(p->tests[2].args.n, 2);
	CHECK_TEXT(p->tests[2].args.v[1], "b c");
	CHECK_INT(p->tests[3].args.n, 1);
	CHECK_TEXT(p->tests[3].args.v[0], "z");
	CHECK_INT(p->tests[2].in_args.n, 0);
	CHECK_TEXT(p->tests[3].in_args.v[0], "y");
	CHECK_INT(p->ninput_validators, 3);
	CHECK_TEXT(p->input_validators[1].path, "input_validators/b");
	CHECK_TEXT(p->input_validators[1].program.lang->id, "cpp20");
	CHECK_HAS(p->input_validators[2].skip, "unknown language");
	check_blob(l.blobs, &file_shown(p, "samples/1.in")->blob, "shown\n");
	check_blob(l.blobs, &file_shown(p, "samples/1.ans")->blob, "x\n");
	check_blob(l.blobs, &file_shown(p, "samples/2.ans")->blob, "example\n");
	check_blob(l.blobs, &p->tests[0].in, "secret\n");
	CHECK(file_shown(p, "statement.en.md") && file_shown(p, "statement.sv.md"));
	CHECK(file_shown(p, "samples/3.interaction"));
	CHECK_INT(p->nfiles, 7);
	CHECK_TEXT(p->includes[0].name, "default/all.txt");
	loaded_release(&l);
}

#define TALK "@ output_validators/v.c\nx\n"

static const struct { const char *text; enum check_type type; } kinds[] = {
	{ YAML "validation: custom\n" DATA TALK, CHECK_PROGRAM },
	{ YAML "validation: custom interactive\n" DATA TALK, CHECK_INTERACTIVE },
	{ YAML "validation: default\n" DATA TALK, CHECK_TOKENS },
	{ YAML "validation: custom interactive\n" DATA TALK "@ domjudge-problem.ini\nspecial_run=x\n",
	  CHECK_INTERACTIVE },
	{ YAML "name: N\n" DATA "@ domjudge-problem.ini\nspecial_run=''\n", CHECK_TOKENS },
	{ NEW "type: interactive\n" DATA TALK, CHECK_INTERACTIVE },
	{ NEW "type: [pass-fail, interactive]\n" DATA TALK, CHECK_INTERACTIVE },
	{ NEW "type: pass-fail\n" DATA TALK, CHECK_PROGRAM },
	{ NEW "type: pass-fail\n" DATA, CHECK_TOKENS },
	/* problem.ini changes the program, or what it is. */
	{ NEW "type: interactive\n" DATA TALK "@ problem.ini\n[check]\nprogram = w.c\n@ w.c\nx\n",
	  CHECK_INTERACTIVE },
	{ NEW "type: interactive\n" DATA TALK "@ problem.ini\n[check]\ntype = program\nprogram = w.c\n"
	  "@ w.c\nx\n", CHECK_PROGRAM },
	{ NEW "type: interactive\n" DATA TALK "@ problem.ini\n[check]\ntype = lines\n", CHECK_LINES },
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct loaded l = package_good(kinds[i].text);

		CHECK_INT(l.p->check.type, kinds[i].type);
		CHECK(check_has_program(&l.p->check) == (l.p->check.program.nsources == 1));
		loaded_release(&l);
	}
}

/* Conversations are shown; only those of samples. */
static void test_interactions(void **state)
{
	struct loaded l = package_good(NEW "type: interactive\n" DATA TALK
				       "@ data/sample/7.interaction\n>1\n<2\n"
				       "@ data/sample/a/8.interaction\n>8\n@ data/secret/9.interaction\n>9\n");

	(void)state;
	check_blob(l.blobs, &file_shown(l.p, "samples/7.interaction")->blob, ">1\n<2\n");
	check_blob(l.blobs, &file_shown(l.p, "samples/a/8.interaction")->blob, ">8\n");
	CHECK(!file_shown(l.p, "samples/9.interaction"));
	loaded_release(&l);
}

/* Its format is unknown because it can not be read: that is told, and nothing guessed. */
static void test_unreadable(void **state)
{
	struct loaded l = package_of("@ problem.yaml/x\n" DATA);

	(void)state;
	CHECK_INT(l.r, -EINVAL);
	CHECK_HAS(l.diag.text, "problem.yaml: not a file that can be read");
	CHECK(strstr(buf_text(&l.report), "format") == NULL);
	loaded_release(&l);
}

static const struct { const char *text; int64_t us; } time_limits[] = {
	{ YAML "name: N\n" DATA "@ .timelimit\n2.5\n", 2500000 },
	{ YAML "name: N\n" DATA "@ domjudge-problem.ini\nname=x\ntimelimit='3'\ncolor=#fff\n", 3000000 },
	{ YAML "name: N\n" DATA "@ .timelimit\n2\n@ domjudge-problem.ini\ntimelimit = 4\n", 4000000 },
	{ NEW "limits: {time_limit: 1}\n" DATA "@ .timelimit\n2\n", 1000000 },
	{ YAML "name: N\n" DATA "@ problem.ini\n[limits]\ntime = 7s\n@ .timelimit\n2\n", 7000000 },
	{ NEW DATA, 0 },
};

static void test_time_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(time_limits); i++) {
		struct loaded l = package_good(time_limits[i].text);

		CHECK_INT(l.p->limits.cpu_us, time_limits[i].us);
		loaded_release(&l);
	}
}

static void test_validators(void **state)
{
	struct loaded l = package_good(YAML "name: N\nvalidation: custom\nvalidator_flags: a b\n" DATA
				       "@ output_validators/check/validate.cc\nx\n"
				       "@ output_validators/check/testlib.h\nx\n");

	(void)state;
	CHECK_INT(l.p->check.type, CHECK_PROGRAM);
	CHECK_INT(l.p->check.program.nsources, 2);
	CHECK_TEXT(l.p->check.program.sources[0].name, "validate.cc");
	CHECK_TEXT(l.p->check.program.sources[1].name, "testlib.h");
	CHECK_INT(l.p->tests[0].args.n, 2);
	loaded_release(&l);

	l = package_good(YAML "name: N\nvalidation: custom\n" DATA
			 "@ output_validators/validate.c\nx\n@ output_validators/lib.h\nx\n");
	CHECK_TEXT(l.p->check.program.lang->id, "c17");
	CHECK_INT(l.p->check.program.nsources, 2);
	CHECK_TEXT(l.p->check.program.sources[0].name, "validate.c");
	loaded_release(&l);

	l = package_good(YAML "name: N\n" DATA "@ output_validators/validate.c\nx\n");
	CHECK_INT(l.p->check.type, CHECK_TOKENS);
	CHECK_HAS(buf_text(&l.report), "note: output_validators: not used");
	loaded_release(&l);
}

static void test_title_from_tex(void **state)
{
	struct loaded l = package_good(YAML "author: A\n" DATA "@ problem_statement/problem.en.tex\n"
				       "% x\n\\problemname{Two Sums}\ntext\n");

	(void)state;
	CHECK_TEXT(l.p->title, "Two Sums");
	CHECK(file_shown(l.p, "statement.tex"));
	loaded_release(&l);
}

static const struct { const char *text, *why; } broken[] = {
	{ YAML "name: N\n", "data: no test cases, which are" },
	{ YAML "name: [\n" DATA, "problem.yaml:2: not YAML" },
	{ YAML "- a\n" DATA, "problem.yaml:1: keys are expected, not a list" },
	{ YAML "name: N\nname: M\n" DATA, "problem.yaml:2: 'name' stands here twice" },
	{ YAML "name: [a]\n" DATA, "problem.yaml:1: name: a text, or one for each language" },
	{ YAML "name: N\nlimits: 3\n" DATA, "problem.yaml:2: limits: a map is expected, not a text" },
	{ YAML "limits:\n  memory: lots\n" DATA, "problem.yaml:2: memory: 'lots' is no number above 0" },
	{ YAML "limits:\n  memory: 1\n" DATA, "problem.yaml:2: memory: '1' is not from 4MiB to 64GiB" },
	{ NEW "limits: {time_limit: 5000}\n" DATA, "problem.yaml:3: time_limit: '5000' is not from 1ms" },
	{ YAML "name: N\n" DATA "@ .timelimit\n4000\n", "limits: the time limit is not from 1ms to 1h" },
	{ YAML "limits:\n  memory: -1\n" DATA, "problem.yaml:2: memory: '-1'" },
	{ YAML "limits:\n  memory: [1]\n" DATA, "problem.yaml:2: memory: a text is expected, not a list" },
	{ YAML "limits:\n  time_multiplier: 0\n" DATA, "problem.yaml:2: time_multiplier: '0'" },
	{ NEW "limits: {time_multipliers: 3}\n" DATA, "problem.yaml:3: time_multipliers: a map" },
	{ YAML "license: {a: b}\n" DATA, "problem.yaml:1: license: a text is expected, not a map" },
	{ YAML "validation: magic\n" DATA, "problem.yaml:1: validation: unknown word 'magic'" },
	{ YAML "validation: custom\n" DATA, "problem.yaml:1: validation is custom, but" },
	{ YAML "validation: custom interactive\n" DATA, "problem.yaml:1: the problem is interactive, but "
	  "there is no output_validators/" },
	{ NEW "type: interactive\n" DATA, "problem.yaml:3: the problem is interactive, but there is no "
	  "output_validator/" },
	{ NEW "type: custom\n" DATA, "problem.yaml:3: type: unknown word 'custom'" },
	{ NEW "type: []\n" DATA, "problem.yaml:3: type: a text or a list" },
	{ YAML "validator_flags: [[a]]\n" DATA, "problem.yaml:1: validator_flags: a text" },
	{ YAML "validator_flags: \"'a\"\n" DATA, "problem.yaml:1: validator_flags: a text is expected" },
	{ YAML "validator_flags: float_tol 1\n" DATA, "validator_flags: unknown validator flag 'float_tol'" },
	{ YAML "type: puzzle\n" DATA, "problem.yaml:1: type: unknown word 'puzzle'" },
	{ NEW "constants:\n  k: {tex: x}\n" DATA, "problem.yaml:4: constants: k has no value" },
	{ NEW "constants: {9k: 3}\n" DATA, "problem.yaml:3: constants: '9k' is no name" },
	{ NEW "constants: 3\n" DATA, "problem.yaml:3: constants: a map" },
	{ YAML "languages: {a: b}\n" DATA, "problem.yaml:1: languages: 'all' or a list" },
	{ YAML "languages: cobol\n" DATA, "languages: none of the problem's languages is known" },
	{ YAML "name: N\n@ data/secret/1.in\n", "data/secret/1.in: no answer: 1.ans is missing" },
	{ YAML "name: N\n" DATA "@ data/secret/2.ans\n", "data/secret/2.ans: no input: 2.in is missing" },
	{ YAML "name: N\n" DATA "@ data/secret/a b.in\n@ data/secret/a b.ans\n", "data/secret/a b.in: a test's" },
	{ YAML "name: N\n" DATA "@ data/secret/testdata.yaml\na: [\n", "data/secret/testdata.yaml:2: not YAML" },
	{ YAML "name: N\n" DATA "@ data/testdata.yaml\non_reject: 3\n", "data/testdata.yaml:1: on_reject" },
	{ YAML "name: N\n" DATA "@ data/secret/testdata.yaml\n\noutput_validator_flags: bad\n",
	  "data/secret/testdata.yaml:2: output_validator_flags: unknown validator flag 'bad'" },
	{ NEW DATA "@ data/secret/1.yaml\noutput_validator_args: {a: b}\n",
	  "data/secret/1.yaml:1: output_validator_args: a text or a list" },
	{ YAML "name: N\n" DATA "@ .timelimit\nfast\n", ".timelimit:1: 'fast' is no number" },
	{ YAML "name: N\n" DATA "@ domjudge-problem.ini\nx=y\ntimelimit=soon\n", "domjudge-problem.ini:2: timelimit" },
	{ YAML "name: N\n" DATA "@ domjudge-problem.ini\ntimelimit=1\nspecial_run='guess_run'\n",
	  "domjudge-problem.ini:2: its program is not in the package" },
	{ YAML "name: N\n" DATA "@ domjudge-problem.ini\nspecial_compare=cmp\n", "domjudge-problem.ini:1: its" },
	{ NEW DATA "@ output_validator/validate.zig\nx\n", "output_validator: output validator: unknown language" },
	{ NEW DATA "@ output_validator/README.md\nx\n", "output_validator: output validator: unknown language" },
	{ NEW DATA "@ output_validator/build\nx\n@ output_validator/a.c\nx\n", "has a build or run script" },
	{ NEW DATA "@ output_validator/a.rs\nx\n", "output_validator: output validator: needs no-such-tool" },
	{ NEW DATA "@ submissions/submissions.yaml\naccepted: 3\n@ submissions/accepted/a.c\nx\n",
	  "submissions/submissions.yaml:1: accepted: keys are expected" },
	{ NEW DATA "@ submissions/submissions.yaml\naccepted:\n  permitted: [OK]\n@ submissions/accepted/a.c\nx\n",
	  "submissions/submissions.yaml:2: permitted: 'OK' is none of" },
	{ NEW DATA "@ submissions/submissions.yaml\naccepted/*:\n  required: [WA]\n@ submissions/accepted/a.c\nx\n",
	  "submissions/submissions.yaml:2: no verdict is right for accepted/a.c" },
};

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct loaded l = package_of(broken[i].text);

		if (l.r != -EINVAL)
			fail_msg("row %zu: %d, not a fault", i, l.r);
		CHECK_HAS(l.diag.text, broken[i].why);
		CHECK_HAS(buf_text(&l.report), broken[i].why);
		loaded_release(&l);
	}
}

static const struct { const char *text, *why; } later[] = {
	{ YAML "type: scoring\n" DATA, "problem.yaml:1: scoring problems are not judged yet" },
	{ YAML "validation: custom interactive multi-pass\n" DATA, "problem.yaml:1: multi-pass problems" },
	{ YAML "validation: custom score\n" DATA, "problem.yaml:1: scoring problems" },
	{ NEW "type: [interactive, multi-pass]\n" DATA, "problem.yaml:3: multi-pass problems" },
	{ NEW "type: [scoring, interactive]\n" DATA, "problem.yaml:3: scoring problems" },
	{ NEW "type: submit-answer\n" DATA, "problem.yaml:3: submit-answer problems" },
	{ YAML "problem_format_version: 2099-01\n" DATA, "problem.yaml:1: problem_format_version '2099-01'" },
	{ NEW DATA "@ data/secret/1.files/a.txt\nx\n", "data/secret/1.files: cases with .files" },
	{ NEW DATA "@ data/secret/1.yaml\nargs: [a]\n", "data/secret/1.yaml:1: args:" },
	{ NEW DATA "@ output_validator/a/v.c\nx\n@ output_validator/b/v.c\nx\n", "several output validators" },
};

static void test_later(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(later); i++) {
		struct loaded l = package_of(later[i].text);

		CHECK_INT(l.r, -ENOTSUP);
		CHECK_HAS(l.diag.text, later[i].why);
		loaded_release(&l);
	}
}

#define BIT(v) (1u << VERDICT_ ## v)
#define WRONG (BIT(WA) | BIT(PE) | BIT(PC))

static void test_expectations(void **state)
{
	static const struct { const char *path; unsigned allowed, also; bool time; const char *lang; } rows[] = {
		{ "submissions/accepted/a.c", BIT(AC), 0, true, "c17" },
		{ "submissions/accepted/slow.c", BIT(AC), 0, false, "c17" },
		{ "submissions/wrong_answer/a.c", BIT(WA) | BIT(PE), 0, false, "c17" },
		{ "submissions/time_limit_exceeded/a.c", BIT(TLE) | BIT(ILE), WRONG, false, "c17" },
		{ "submissions/either/a.c", BIT(AC) | WRONG, 0, false, "c17" },
		{ "submissions/either/b.c", WRONG, 0, false, "c17" },
		{ "submissions/either/prog", BIT(AC), 0, true, "python3" },
	};
	struct loaded l = package_good(
		NEW DATA
		"@ submissions/submissions.yaml\naccepted/slow.c: {use_for_time_limit: false}\n"
		"time_limit_exceeded: {permitted: [AC, WA, TLE], required: [TLE]}\n"
		"either: {permitted: [AC, WA]}\n'either/{b,c}.c': {permitted: [WA]}\n"
		"either/prog: {permitted: [AC], language: python3, entrypoint: two.py, authors: A, secret/1: {}}\n"
		"'*.c': {required: [RTE]}\n"
		"@ submissions/accepted/a.c\nx\n@ submissions/accepted/slow.c\nx\n@ submissions/wrong_answer/a.c\nx\n"
		"@ submissions/time_limit_exceeded/a.c\nx\n@ submissions/either/a.c\nx\n@ submissions/either/b.c\nx\n"
		"@ submissions/either/prog/one.py\n__main__\n@ submissions/either/prog/two.py\nx\n");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct reference *r = reference_of(l.p, rows[i].path);

		CHECK_INT(r->allowed, rows[i].allowed);
		CHECK_INT(r->also, rows[i].also);
		CHECK_INT(r->defines_time, rows[i].time);
		CHECK_TEXT(r->program.lang->id, rows[i].lang);
	}
	CHECK_TEXT(reference_of(l.p, "submissions/either/prog")->program.sources[0].name, "two.py");
	CHECK_HAS(buf_text(&l.report), "not looked at: secret/1");
	loaded_release(&l);
}

static void test_constants(void **state)
{
	struct loaded l = package_good(
		NEW "constants: {k: 5, n: {value: 7, tex: seven}}\n" DATA
		"@ statement/problem.en.md\n{{k}} {{n}} {{n.tex}} {{k.value}} {{x}} {{{k}}} {{\n"
		"@ include/default/a.txt\n{{k}}{{n}}\n@ attachments/a.md\n{{k}}\n"
		"@ data/secret/test_group.yaml\noutput_validator_args: [float_tolerance, '{{k}}']\n"
		"@ submissions/accepted/a.py\nprint({{n}})\n@ data/sample/1.in\n{{k}}\n@ data/sample/1.ans\n");

	(void)state;
	check_blob(l.blobs, &file_shown(l.p, "statement.md")->blob, "5 7 seven 5 {{x}} {5} {{\n");
	check_blob(l.blobs, &l.p->includes[0].blob, "57\n");
	check_blob(l.blobs, &file_shown(l.p, "attachments/a.md")->blob, "{{k}}\n");
	check_blob(l.blobs, &l.p->references[0].program.sources[0].blob, "print(7)\n");
	check_blob(l.blobs, &l.p->tests[0].in, "{{k}}\n");
	CHECK_TEXT(l.p->tests[1].args.v[1], "5");
	loaded_release(&l);
}

/* problem.ini beside it says the last word. */
static void test_override(void **state)
{
	struct loaded l = package_good(YAML "name: N\nvalidator_flags: float_tolerance 1\nlimits: {memory: 9}\n"
				       DATA "@ problem.ini\n[problem]\ntitle = T\n[limits]\nmemory = 8MiB\n"
				       "[check]\nabsolute = 0.25\n");

	(void)state;
	CHECK_TEXT(l.p->title, "T");
	CHECK_INT(l.p->limits.memory_bytes, 8 << 20);
	CHECK(l.p->check.absolute == 0.25 && l.p->check.relative < 0);
	CHECK_INT(l.p->tests[0].args.n, 0);
	loaded_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_yaml),
		cmocka_unit_test(test_smallest),
		cmocka_unit_test(test_legacy),
		cmocka_unit_test(test_2025),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_interactions),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_time_limits),
		cmocka_unit_test(test_validators),
		cmocka_unit_test(test_title_from_tex),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_override),
	};

	return cmocka_run_group_tests_name("package_kattis", tests, NULL, NULL);
}
