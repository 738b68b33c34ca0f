/*
 * The packages that others wrote: every one is read, or refused for a kind that is not judged yet.
 * The folder is $CORPUS, else ../shared/corpus; PACKAGES.tsv there says what each holds.
 */
#define _XOPEN_SOURCE 700
#include <ftw.h>

#include "tests/unit/package.h"

#include "base/strv.h"

static char corpus[PATH_MAX - 256];

/* nftw() has no room for what its function needs. */
static struct folder *copying;
static size_t copy_from;

static int copy_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	struct buf text = { 0 };
	int fd;

	(void)at;
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_INT(io_read_fd(fd, 1 << 30, &text), 0);
	folder_bytes(copying, path + copy_from, buf_text(&text), text.len);
	buf_release(&text);
	io_close(fd);
	return 0;
}

/* The corpus has data only: a validator of ours takes the place of a custom one. */
static struct loaded load(const char *package, bool validator)
{
	struct loaded l = { .folder = folder_new() };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", corpus, package);
	copying = &l.folder;
	copy_from = strlen(path) + 1;
	CHECK_INT(nftw(path, copy_one, 16, FTW_PHYS), 0);
	if (validator)
		folder_write(&l.folder, "output_validators/validate.py", "raise SystemExit(42)\n");
	package_load(&l, "test");
	return l;
}

/* A row: package, format, type, validator, limit in s, where that is from, memory in MiB, tests, ... */
enum { PACKAGE, FORMAT, TYPE, VALIDATOR, LIMIT, FROM, MEMORY, TESTS, COLUMNS };

static bool is_later(char *const row[])
{
	static const char *const words[] = { "scoring", "multi-pass" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(row[TYPE], words[i]) || strstr(row[VALIDATOR], words[i]))
			return true;
	return strcmp(row[FORMAT], "kattis") != 0;
}

static void check_package(char *const row[])
{
	bool custom = strncmp(row[VALIDATOR], "custom", 6) == 0;
	bool interactive = strstr(row[TYPE], "interactive") || strstr(row[VALIDATOR], "interactive");
	struct loaded l = load(row[PACKAGE], custom);
	struct problem *p = l.p;

	print_message("%s: %s\n", row[PACKAGE], l.r < 0 ? l.diag.text : p->format);
	if (is_later(row)) {
		CHECK_INT(l.r, -ENOTSUP);
		loaded_release(&l);
		return;
	}
	if (l.r < 0)
		fail_msg("%s: %s", row[PACKAGE], buf_text(&l.report));
	CHECK_INT(p->ntests, atoi(row[TESTS]));
	if (strcmp(row[FROM], "problem.yaml") == 0 || strcmp(row[FROM], ".timelimit") == 0)
		CHECK_INT(p->limits.cpu_us, atoi(row[LIMIT]) * INT64_C(1000000));
	else
		CHECK_INT(p->limits.cpu_us, 0);
	if (row[MEMORY][0])
		CHECK_INT(p->limits.memory_bytes, atoll(row[MEMORY]) << 20);
	CHECK_INT(p->check.type, !custom ? CHECK_TOKENS : interactive ? CHECK_INTERACTIVE :
				 CHECK_PROGRAM);
	CHECK(strcmp(p->title, "test") != 0);
	for (size_t i = 0; i < p->ntests; i++) {
		int fd = blobs_get(l.blobs, &p->tests[i].in.digest);

		CHECK(fd >= 0);
		io_close(fd);
	}
	loaded_release(&l);
}

static void test_corpus(void **state)
{
	char path[PATH_MAX], *line = NULL, *row[COLUMNS];
	int seen = 0;
	size_t size = 0;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/PACKAGES.tsv", corpus);
	f = fopen(path, "re");
	if (!f) {
		print_message("skipped: no %s\n", path);
		skip();
	}
	while (getline(&line, &size, f) > 0) {
		char *rest = line;

		for (int c = 0; c < COLUMNS; c++)
			row[c] = rest ? strsep(&rest, "\t") : (char *)"";
		snprintf(path, sizeof(path), "%s/%s", corpus, row[PACKAGE]);
		if (access(path, F_OK) == 0) {
			check_package(row);
			seen++;
		}
	}
	CHECK(seen > 10);
	free(line);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
	};
	const char *from = getenv("CORPUS");

	snprintf(corpus, sizeof(corpus), "%s", from ? from : "../shared/corpus");
	return cmocka_run_group_tests_name("package_corpus", tests, NULL, NULL);
}
