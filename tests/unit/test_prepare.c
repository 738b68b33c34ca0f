/*
 * test_prepare.c - what is prepared: there or not, and for whom
 */
#include "tests/unit/check.h"

#include <sys/eventfd.h>
#include <sys/file.h>

#include "judge/compile.h"
#include "judge/prepare.h"
#include "tests/unit/folder.h"

#define NAME	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SUM	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct folder f;
static struct prepared *p;
static const struct lang lang = { .id = (char *)"x", .prepared = (char *)NAME };
static const struct lang other = { .id = (char *)"y" };

static int enter(void **state)
{
	(void)state;
	f = folder_new();
	folder_bytes(&f, NAME "/bits/h.gch", "12345", 5);
	folder_bytes(&f, NAME "/lean.unless", "regex\nthread\n#add\n_Word1\n", 25);
	folder_bytes(&f, NAME "/.list", "5 " SUM " bits/h.gch\n25 " SUM " lean.unless\n", 2 + 64 + 12 + 3 + 64 + 13);
	return prepared_open(f.fd, &p, NULL);
}

static int leave(void **state)
{
	(void)state;
	prepared_free(p);
	folder_remove(&f);
	return 0;
}

static void test_there(void **state)
{
	struct buf why = { 0 };

	(void)state;
	CHECK(prepared_there(p, &lang));
	CHECK(!prepared_there(p, &other));
	CHECK(!prepared_there(NULL, &lang));
	CHECK_INT(prepared_state(p, &lang, &why), PREPARED_READY);
	CHECK_INT(prepared_state(p, &other, &why), PREPARED_NOTHING);
	CHECK_INT(prepared_state(NULL, &lang, &why), PREPARED_NOT_YET);

	folder_bytes(&f, NAME ".failed", "no room\n", 8);
	CHECK_INT(prepared_state(p, &lang, &why), PREPARED_READY);
	folder_bytes(&f, NAME "/bits/h.gch", "1234", 4);	/* cut */
	CHECK(!prepared_there(p, &lang));
	CHECK_INT(prepared_state(p, &lang, &why), PREPARED_FAILED);
	CHECK_TEXT(buf_text(&why), "no room\n");
	buf_release(&why);
	folder_bytes(&f, NAME "/bits/h.gch", "12345", 5);
	CHECK(prepared_there(p, &lang));
	CHECK_INT(unlinkat(f.fd, NAME "/bits/h.gch", 0), 0);
	CHECK(!prepared_there(p, &lang));
}

/* Whatever stands in a list, it is no list of what is there. */
static void test_lists(void **state)
{
	static const char *const lists[] = {
		"", "5 " SUM "\n", "-5 " SUM " bits/h.gch\n", "x\n", "6 " SUM " bits/h.gch\n",
		"5 " SUM " bits\n", "5 " SUM " nothing\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		folder_bytes(&f, NAME "/.list", lists[i], strlen(lists[i]));
		CHECK(!prepared_there(p, &lang));
	}
}

static void test_unless(void **state)
{
	static const struct { const char *text; size_t n; } sources[] = {
		{ "", 0 },				{ "int main() {}", 0 },
		{ "std::regex r;", 1 },			{ "regex", 1 },
		{ "regexp my_regex regex2", 0 },	{ "#include <thread>\n", 1 },
		{ "x=_Word1;", 1 },			{ "a ## b", 1 },
		{ "reg%:%:ex", 1 },			{ "Regex", 0 },
		{ "reg\\\nex", 1 },			{ "reg\\ \t\r\nex", 1 },
		{ "re\\\n\\\ngex", 1 },			{ "a #\\\n# b", 1 },
		{ "a ?\?= b", 1 },			{ "#define f(x) \\\n\tx\n", 0 },
		{ "do {\\\n} while (0)", 0 },		{ "\"a\\nb\" a\\", 0 },
		{ "\\", 0 },				{ "\\\n", 0 },
		{ "x = 1i;", 1 },			{ "x = 2.5il;", 1 },
		{ "x = 1.i;", 1 },			{ "x = 0x1p3J;", 1 },
		{ "p.i = i;", 0 },			{ "x = 1.5f + 0x1f;", 0 },
		{ "int add; undefine add", 0 },		{ "# define\tadd(x) x\n", 1 },
		{ "#define x add\n", 0 },		{ "#define \\\nadd", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		struct strv unless = { 0 };

		CHECK_INT(prepared_unless(p, &lang, sources[i].text, strlen(sources[i].text), &unless), 0);
		if (unless.n != sources[i].n)
			fail_msg("'%s': %zu", sources[i].text, unless.n);
		CHECK(unless.n == 0 || strv_has(&unless, "lean"));
		strv_release(&unless);
	}
}

/* A word about what is not there is left out. */
static void test_words(void **state)
{
	static const struct { const char *prepared, *unless, *result; } list[] = {
		{ NULL, "",	"g++|-I{prepared}/lean|-I{prepared}/all|{prepared}" },
		{ "", "",	"g++" },
		{ "/p", "",	"g++|-I/p/lean|-I/p/all|/p" },
		{ "/p", "lean",	"g++|-I/p/all|/p" },
		{ "/p", "lea",	"g++|-I/p/lean|-I/p/all|/p" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct strv command = { 0 }, unless = { 0 }, argv = { 0 };
		struct compile_words words = { .prepared = list[i].prepared, .unless = &unless };
		struct buf joined = { 0 };

		CHECK_INT(strv_split(&command, "g++ -I{prepared}/lean -I{prepared}/all {prepared}"), 0);
		CHECK_INT(strv_split(&unless, list[i].unless), 0);
		CHECK_INT(compile_argv(&command, &words, &argv), 0);
		for (size_t k = 0; k < argv.n; k++)
			buf_printf(&joined, "%s%s", k ? "|" : "", argv.v[k]);
		CHECK_TEXT(buf_text(&joined), list[i].result);
		buf_release(&joined);
		strv_release(&command);
		strv_release(&unless);
		strv_release(&argv);
	}
}

/* What no language has any more goes; who waits for another one at it can be cancelled. */
static void test_clean(void **state)
{
	static const char *const gone[] = { "0123/x", "0123.failed", ".new/x", "note" };
	struct lang *v[] = { (struct lang *)&other, (struct lang *)&lang };
	const struct langs langs = { v, ARRAY_SIZE(v) };
	struct prepared *busy = NULL;
	int cancel = eventfd(1, EFD_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		folder_bytes(&f, gone[i], "", 0);
	folder_bytes(&f, NAME ".failed", "", 0);
	CHECK_INT(prepared_open(f.fd, &busy, NULL), 0);
	CHECK_INT(flock(prepared_dir(busy), LOCK_EX), 0);
	CHECK_INT(prepare_clean(p, &langs, cancel, NULL), -ECANCELED);
	CHECK_INT(faccessat(f.fd, "note", F_OK, 0), 0);
	prepared_free(busy);
	CHECK_INT(prepare_clean(p, &langs, cancel, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		CHECK_INT(faccessat(f.fd, gone[i], F_OK, 0), -1);
	CHECK_INT(faccessat(f.fd, NAME ".failed", F_OK, 0), 0);
	CHECK(prepared_there(p, &lang));
	close(cancel);
}

#define IN_FOLDER(test)	cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_there),
		IN_FOLDER(test_lists),
		IN_FOLDER(test_unless),
		cmocka_unit_test(test_words),
		IN_FOLDER(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
