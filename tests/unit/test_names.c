/* names in sub/: judged, kept as debris, refused */
#include "tests/unit/check.h"

#include <errno.h>
#include <limits.h>

#include "fs/names.h"

enum { JUDGED = 1, DEBRIS = 2 };	/* else a negative errno */

static const struct { const char *name; int what; } names[] = {
	{ "a.c", JUDGED },			{ "Main.java", JUDGED },
	{ "hello world.py", JUDGED },		{ "-rf.c", JUDGED },
	{ "l\xc3\xb6sung.cpp", JUDGED },	{ "\xe2\x82\xac.c", JUDGED },
	{ "\xf0\x9f\x98\x80.c", JUDGED },	{ "a", JUDGED },
	{ "tmp.c", JUDGED },			{ "tmp1.cpp", JUDGED },
	{ "sed.c", JUDGED },			{ "sedation.c", JUDGED },
	{ "a.verdict.c", JUDGED },		{ ".verdict", DEBRIS },
	{ "result.json.c", JUDGED },		{ "4913.c", JUDGED },
	{ "a.python", JUDGED },			{ "x.tar.gz", JUDGED },
	{ "tmpsolution.cpp", JUDGED },

	{ ".a.c.swp", DEBRIS },			{ ".a.c.swx", DEBRIS },
	{ "4913", DEBRIS },			{ "a.c~", DEBRIS },
	{ "#a.c#", DEBRIS },			{ ".#a.c", DEBRIS },
	{ "sedAbC123", DEBRIS },		{ "tmpab12cd_9", DEBRIS },
	{ ".a.c.Xy12Zq", DEBRIS },		{ ".goutputstream-AB12CD", DEBRIS },
	{ "a.c.A1b2C3", DEBRIS },		{ ".nfs000000000012", DEBRIS },
	{ "a.c___jb_tmp___", DEBRIS },		{ "a.c.part", DEBRIS },
	{ "a.c.filepart", DEBRIS },		{ "._a.c", DEBRIS },
	{ ".DS_Store", DEBRIS },		{ "a.c.orig", DEBRIS },
	{ "tmp4oJYl3", DEBRIS },		{ "tmp4oJYl3.c", JUDGED },
	{ "Thumbs.db", DEBRIS },		{ "a.c.bak", DEBRIS },

	{ "", -EINVAL },			{ "a\nb.c", -EINVAL },
	{ "a\tb.c", -EINVAL },			{ "\x1b[31m.c", -EINVAL },
	{ "a\x7f", -EINVAL },			{ "a\xc2\x9b" "1m", -EINVAL },
	{ "a\xff.c", -EINVAL },			{ "a\xc3", -EINVAL },
	{ "\xc0\xaf", -EINVAL },		{ "\xe0\x80\xaf", -EINVAL },
	{ "\xed\xa0\x80", -EINVAL },		{ "\xf4\x90\x80\x80", -EINVAL },
	{ "\xf8\x88\x80\x80\x80", -EINVAL },	{ "\x80", -EINVAL },
	{ "a\xe2\x80\xae" "c.exe", -EINVAL },	{ "a\xe2\x81\xa6.c", -EINVAL },
	{ "a.c.verdict", -EINVAL },		{ "a.result.json", -EINVAL },
	{ "x.compile.txt", -EINVAL },		{ ".a.verdict", -EINVAL },
	{ "verdict", -EINVAL },			{ "result.json", -EINVAL },
	{ "compile.txt", -EINVAL },		{ "tests", -EINVAL },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		bool judged = names[i].what == DEBRIS;
		int r = names_check(names[i].name, &judged);
		int got = r < 0 ? r : judged ? JUDGED : DEBRIS;

		if (got != names[i].what)
			fail_msg("'%s': got %d, wanted %d", names[i].name, got, names[i].what);
	}
}

static void test_length(void **state)
{
	static const struct { char fill; size_t len; int r; } rows[] = {
		{ 'a', 243, 0 },	/* + ".result.json" = 255 */
		{ 'a', 244, -ENAMETOOLONG },
		{ 'a', 255, -ENAMETOOLONG },
		{ 'a', 256, -ENAMETOOLONG },
		{ '.', 255, 0 },	/* debris has no results */
		{ '.', 256, -ENAMETOOLONG },
	};
	char name[300];
	bool judged;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(name, rows[i].fill, rows[i].len);
		name[rows[i].len] = '\0';
		CHECK_INT(names_check(name, &judged), rows[i].r);
	}
}

static void test_results(void **state)
{
	static const struct { const char *name, *source; enum result_kind kind; } rows[] = {
		{ "a.c.verdict", "a.c", RESULT_VERDICT },
		{ "a.c.result.json", "a.c", RESULT_JSON },
		{ "a.compile.txt", "a", RESULT_COMPILE },
		{ "a.verdict.result.json", "a.verdict", RESULT_JSON },
	};
	static const char *const none[] = {
		"", "a.c", "verdict", ".verdict", ".result.json", "averdict", "a.Verdict",
		"a.verdict ", "a.json", "a.txt",
	};
	char source[NAME_MAX + 1], longest[512];
	enum result_kind kind;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK(names_result(rows[i].name, &kind, source));
		CHECK_INT(kind, rows[i].kind);
		CHECK_TEXT(source, rows[i].source);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		CHECK(!names_result(none[i], &kind, source));
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 400, ".verdict");
	CHECK(!names_result(longest, &kind, source));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_results),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
