/*
 * compile: commands filled in, and the cache of what was compiled
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "judge/compile_layout.h"

static const struct {
	const char *command, *sources, *main, *result;	/* words joined by '|' */
} commands[] = {
	{ "g++ -o {exe} {sources}", "main.cpp util.cpp", "main.cpp",
	  "g++|-o|main|main.cpp|util.cpp" },
	{ "fpc -o{exe} {main}", "main.pas", "main.pas", "fpc|-omain|main.pas" },
	{ "java -Xmx{memory-mib}m -cp . {class}", "A.java", "A.java", "java|-Xmx256m|-cp|.|pkg.A" },
	{ "python3 {main}", "-c.py", "-c.py", "python3|./-c.py" },
	{ "javac {sources}", "@x.java -y.java z/-a.java", "@x.java",
	  "javac|./@x.java|./-y.java|z/-a.java" },
	{ "x {unknown} {main", "a", "a", "x|{unknown}|{main" },
	{ "echo {main}{main}", "a b", "a", "echo|aa" },
};

static void test_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct strv command = { 0 }, sources = { 0 }, argv = { 0 };
		struct compile_words words = {
			.exe = "main", .main = commands[i].main, .class = "pkg.A", .memory_mib = "256",
			.sources = &sources,
		};
		struct buf joined = { 0 };

		assert_int_equal(strv_split(&command, commands[i].command), 0);
		assert_int_equal(strv_split(&sources, commands[i].sources), 0);
		assert_int_equal(compile_argv(&command, &words, &argv), 0);
		for (size_t k = 0; k < argv.n; k++)
			buf_printf(&joined, "%s%s", k ? "|" : "", argv.v[k]);
		assert_string_equal(joined.data, commands[i].result);
		buf_release(&joined);
		strv_release(&command);
		strv_release(&sources);
		strv_release(&argv);
	}
}

/* The heap gets the limit without what the runtime needs for itself; at least one MiB. */
static void test_memory_word(void **state)
{
	static const struct { int64_t memory, extra; const char *word; } list[] = {
		{ 256 << 20, 0, "-Xmx256m" }, { 448 << 20, 192 << 20, "-Xmx256m" },
		{ 1 << 20, 192 << 20, "-Xmx1m" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct compiled c = { .memory_extra_bytes = list[i].extra };
		struct strv argv = { 0 };

		assert_int_equal(strv_split(&c.argv, "java -Xmx{memory-mib}m"), 0);
		assert_int_equal(compiled_argv(&c, list[i].memory, &argv), 0);
		assert_string_equal(argv.v[1], list[i].word);
		strv_release(&c.argv);
		strv_release(&argv);
	}
}

static struct compiled *made(int64_t bytes)
{
	struct compiled *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->refs = 1;
	c->bytes = bytes;
	c->exe_fd = io_memfd("exe", "x", 1);
	assert_true(c->exe_fd >= 0);
	return c;
}

static struct digest key(int n)
{
	struct digest d = { "" };

	snprintf(d.hex, sizeof(d.hex), "%064d", n);
	return d;
}

static void add(struct compile_cache *cache, int n, int64_t bytes, int r)
{
	struct digest d = key(n);
	struct compiled *c = made(bytes);

	assert_int_equal(compile_cache_add(cache, &d, c), r);
	compiled_put(c);
}

static bool has(struct compile_cache *cache, int n)
{
	struct digest d = key(n);
	struct compiled *c = compile_cache_find(cache, &d);

	compiled_put(c);
	return c;
}

static void test_cache(void **state)
{
	struct compile_cache *cache = NULL;
	struct compiled *kept;
	struct digest one = key(1);

	(void)state;
	assert_int_equal(compile_cache_new(100, &cache), 0);
	assert_false(has(cache, 1));
	add(cache, 1, 40, 0);
	add(cache, 1, 40, -EEXIST);
	add(cache, 2, 40, 0);
	add(cache, 9, 101, -EFBIG);
	assert_true(has(cache, 1));		/* now 2 is the oldest */
	add(cache, 3, 40, 0);
	assert_true(has(cache, 1));
	assert_false(has(cache, 2));
	assert_true(has(cache, 3));

	/* What is in use outlives its place in the cache. */
	kept = compile_cache_find(cache, &one);
	add(cache, 4, 100, 0);
	assert_false(has(cache, 1));
	assert_true(lseek(kept->exe_fd, 0, SEEK_END) == 1);
	compiled_put(kept);
	compile_cache_free(cache);
	compile_cache_free(NULL);
}

/* Small things in great numbers end at the number of descriptors. */
static void test_cache_many(void **state)
{
	struct compile_cache *cache = NULL;

	(void)state;
	assert_int_equal(compile_cache_new(1 << 20, &cache), 0);
	for (int i = 0; i < 700; i++)
		add(cache, i, 1, 0);
	assert_false(has(cache, 0));
	assert_true(has(cache, 699));
	compile_cache_free(cache);
}

/* What an option of a compiler, or a limit, makes different has a place of its own. */
static void test_key(void **state)
{
	char *words[] = { (char *)"javac", (char *)"-J-Xmx{memory-mib}m", NULL };
	struct source one = { .name = (char *)"a.c" };
	struct lang lang = { .id = (char *)"x", .source = (char *)"", .exe = (char *)"main",
			     .compile = { words, 2 } };
	struct program program = { .lang = &lang, .sources = &one, .nsources = 1 };
	struct limits limits = { .compile_time_us = 1, .compile_memory_bytes = 1 };
	const struct recipe recipe = { .program = &program, .limits = &limits };
	struct digest seen[6];
	size_t n = 0;

	(void)state;
	assert_int_equal(compile_key(&recipe, &seen[n++]), 0);
	limits.compile_memory_bytes = 2;
	assert_int_equal(compile_key(&recipe, &seen[n++]), 0);
	limits.compile_time_us = 2;
	assert_int_equal(compile_key(&recipe, &seen[n++]), 0);
	lang.memory_extra_bytes = 1;
	assert_int_equal(compile_key(&recipe, &seen[n++]), 0);
	lang.version = (char *)"2";
	assert_int_equal(compile_key(&recipe, &seen[n++]), 0);
	one.name = (char *)"b.c";
	assert_int_equal(compile_key(&recipe, &seen[n++]), 0);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(seen[i].hex, seen[k].hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_memory_word),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_cache_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
