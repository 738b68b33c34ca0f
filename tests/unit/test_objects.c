/*
 * test_objects.c - what was compiled, in a folder: whole or not at all
 */
#include "tests/unit/check.h"

#include <string.h>

#include "base/digest.h"
#include "judge/objects.h"
#include "tests/unit/folder.h"

static const struct lang lang = { .id = (char *)"x" };

static struct digest key(int n)
{
	struct digest d;

	assert_int_equal(digest_data(&n, sizeof(n), &d), 0);
	return d;
}

static struct compiled *program(const char *exe, size_t len)
{
	struct compiled *c = NULL;

	assert_int_equal(compiled_new(&lang, &c), 0);
	c->ok = true;
	c->cpu_us = 7;
	c->exe_fd = io_memfd("exe", exe, len);
	assert_true(c->exe_fd >= 0);
	c->bytes = (int64_t)len;
	assert_int_equal(strv_add(&c->argv, "{exe}"), 0);
	assert_int_equal(strv_add(&c->argv, ""), 0);
	return c;
}

static void add(struct objects *o, int n, size_t len, int r)
{
	char *data = calloc(1, len);
	struct compiled *c = program(data, len);
	struct digest d = key(n);

	assert_int_equal(objects_add(o, &d, c), r);
	compiled_put(c);
	free(data);
}

/* One that says that it has so many bytes. */
static void add_claimed(struct objects *o, int n, int64_t bytes, int r)
{
	struct compiled *c = program("x", 1);
	struct digest d = key(n);

	c->bytes = bytes;
	assert_int_equal(objects_add(o, &d, c), r);
	compiled_put(c);
}

static bool has(struct objects *o, int n)
{
	struct digest d = key(n);
	struct compiled *c = objects_find(o, &d, &lang);

	compiled_put(c);
	return c;
}

static struct objects *open_objects(int64_t max, int64_t reserve)
{
	struct objects *o = NULL;
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(objects_open(dir, max, reserve, &o), 0);
	close(dir);
	return o;
}

/* All of it comes back, for another process, and nobody can change it. */
static void test_comes_back(void **state)
{
	struct objects *o = open_objects(1 << 20, 0);
	struct compiled *c = program("\177ELF\0\n", 6), *got;
	struct digest d = key(1);
	char data[8];

	(void)state;
	c->files = calloc(1, sizeof(*c->files));
	c->files[0] = (struct box_file){ .name = strdup("a\nb \377.class"), .mode = 0555,
					 .fd = io_memfd("f", "", 0) };
	c->nfiles = 1;
	c->text = strdup("warning\n");
	assert_null(objects_find(o, &d, &lang));
	assert_int_equal(objects_add(o, &d, c), 0);
	compiled_put(c);
	objects_free(o);

	o = open_objects(1 << 20, 0);
	got = objects_find(o, &d, &lang);
	assert_non_null(got);
	assert_true(got->ok);
	assert_string_equal(got->text, "warning\n");
	assert_int_equal(got->cpu_us, 7);
	assert_int_equal(got->argv.n, 2);
	assert_string_equal(got->argv.v[1], "");
	assert_int_equal(got->nfiles, 1);
	assert_string_equal(got->files[0].name, "a\nb \377.class");
	assert_int_equal(got->files[0].mode, 0555);
	assert_int_equal(pread(got->exe_fd, data, sizeof(data), 0), 6);
	assert_memory_equal(data, "\177ELF\0\n", 6);
	assert_int_equal(pwrite(got->exe_fd, "x", 1, 0), -1);
	compiled_put(got);
	objects_free(o);
	objects_free(NULL);
}

/* A library that the host lacked may be installed by the next time. */
static void test_failures_are_not_kept(void **state)
{
	struct objects *o = open_objects(1 << 20, 0);
	struct compiled *c = NULL;
	struct digest d = key(2);

	(void)state;
	assert_int_equal(compiled_new(&lang, &c), 0);
	c->why = strdup("the compiler ended with status 1");
	assert_int_equal(objects_add(o, &d, c), 0);
	compiled_put(c);
	assert_null(objects_find(o, &d, &lang));
	objects_free(o);
}

/* Whatever was done to a file: it is none, and is gone afterwards. */
static void test_broken(void **state)
{
	static const char *const shapes[] = { "cut", "empty", "a byte", "the head", "longer" };
	struct objects *o = open_objects(1 << 20, 0);
	struct digest d = key(3), other = key(4);
	struct stat st;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		int fd;

		add(o, 3, 100, 0);
		assert_true(has(o, 3));
		fd = open(d.hex, O_RDWR | O_CLOEXEC);
		assert_int_equal(fstat(fd, &st), 0);
		if (i < 2)
			assert_int_equal(ftruncate(fd, i == 0 ? st.st_size - 1 : 0), 0);
		else
			assert_int_equal(pwrite(fd, "!", 1, i == 2 ? st.st_size - 50 : i == 3 ? 3 :
						st.st_size), 1);
		close(fd);
		assert_false(has(o, 3));
		assert_int_equal(access(d.hex, F_OK), -1);
	}
	/* Another program's, under this one's name. */
	add(o, 4, 100, 0);
	assert_int_equal(rename(other.hex, d.hex), 0);
	assert_false(has(o, 3));
	/* Neither a link nor a folder is followed. */
	add(o, 4, 100, 0);
	assert_int_equal(symlink(other.hex, d.hex), 0);
	assert_false(has(o, 3));
	unlink(d.hex);
	objects_free(o);
}

/* Bytes with the right digest that are no compiled program: of another version, say. */
static void test_nonsense(void **state)
{
	static const char *const bytes[] = {
		"", "text 1\n1\n", "text 99999999999\n1\n", "text 0\n\ncpu 1\n0\nwords 1\n9\n",
		"text 0\n\ncpu 2\n-1\n", "text -1\n1\n", "text\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
		struct compiled *c = NULL;

		assert_int_equal(compiled_decode(bytes[i], strlen(bytes[i]), &lang, &c), -74);
		assert_null(c);
	}
}

static void age(int n, int seconds)
{
	struct timespec times[2] = { { .tv_sec = 1000 + seconds }, { .tv_sec = 1000 + seconds } };
	struct digest d = key(n);

	assert_int_equal(utimensat(AT_FDCWD, d.hex, times, 0), 0);
}

static void test_size(void **state)
{
	struct objects *o = open_objects(20000, 0);

	(void)state;
	add(o, 9, 2501, -27);			/* more than an eighth of all */
	for (int i = 0; i < 8; i++) {
		add(o, 10 + i, 2000, 0);
		age(10 + i, i);
	}
	assert_true(has(o, 10));		/* used: now 11 is the oldest */
	for (int i = 8; i < 12; i++)
		add(o, 10 + i, 2000, 0);
	assert_true(has(o, 10));
	assert_false(has(o, 11));
	assert_false(has(o, 12));
	assert_true(has(o, 21));
	objects_free(o);

	o = open_objects(INT64_C(1) << 40, 0);
	add_claimed(o, 29, OBJECT_MAX + INT64_C(1), -27);	/* that none would read again */
	objects_free(o);
	o = open_objects(20000, INT64_C(1) << 60);
	add(o, 30, 10, -28);			/* the disk is as good as full */
	objects_free(o);
	o = open_objects(0, 0);			/* none are wanted */
	assert_false(has(o, 21));
	add(o, 31, 10, 0);
	assert_false(has(o, 31));
	objects_free(o);
}

static struct folder folder;

static int enter(void **state)
{
	(void)state;
	folder = folder_new();
	return chdir(folder.path);
}

static int leave(void **state)
{
	(void)state;
	folder_remove(&folder);
	return chdir("/");
}

#define IN_FOLDER(test)	cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_comes_back),
		IN_FOLDER(test_failures_are_not_kept),
		IN_FOLDER(test_broken),
		IN_FOLDER(test_nonsense),
		IN_FOLDER(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
