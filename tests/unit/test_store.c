/* judge/store/: every function, its refusals, and store_check() on planted breaches */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "judge/store.h"

#define YOUNG	INT64_C(60000000)	/* whatever was just made is younger */

struct fixture {
	char path[64];
	int dir;
	struct store *s;
	struct user_row user;
	struct problem_row problem;
	struct place_row place;
};

static int problem_put(struct store *s, const char *id, const char *digest,
		       struct problem_file *files, size_t nfiles, struct problem_row *ret)
{
	struct problem p = {
		.id = (char *)id, .title = (char *)"A title", .files = files, .nfiles = nfiles,
		.limits.source_bytes = 1000, .open_us = 3, .close_us = 9,
		.feedback = FEEDBACK_SAMPLES,
	};

	return store_problem_install(s, &p, "{\"spec\":1}", "readme\n", digest, ret);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct diag diag = { "" };
	const char *tmp = getenv("TMPDIR");

	snprintf(f->path, sizeof(f->path), "%s/store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(f->path) == NULL)
		return -1;
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store_open(f->dir, &f->s, &diag) < 0) {
		print_error("%s\n", diag.text);
		return -1;
	}
	if (store_user_add(f->s, 1001, "alice", &f->user) < 0 ||
	    problem_put(f->s, "hello", "d1", NULL, 0, &f->problem) < 0 ||
	    store_place_get(f->s, f->user.id, f->problem.id, true, &f->place) < 0)
		return -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *slash;

	store_close(f->s);
	close(f->dir);
	slash = strrchr(f->path, '/');
	*slash = '\0';
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	io_remove_tree(f->dir, slash + 1);
	close(f->dir);
	free(f);
	return 0;
}

static void reopen(struct fixture *f)
{
	store_close(f->s);
	f->s = NULL;
	CHECK_INT(store_open(f->dir, &f->s, NULL), 0);
}

/* ------------------------------------------------------------- a student's acts */

static struct file_row file_of(struct fixture *f, int64_t id)
{
	struct file_row row;

	CHECK_INT(store_file_by_id(f->s, id, &row), 0);
	return row;
}

static struct submission_row submission_of(struct fixture *f, int64_t id)
{
	struct submission_row row;

	CHECK_INT(store_submission(f->s, id, &row), 0);
	return row;
}

static int64_t make(struct fixture *f, const char *name)
{
	struct file_row row;

	CHECK_INT(store_file_create(f->s, 0, f->place.id, name, true, 0644, &row), 0);
	return row.id;
}

/* What serve does for a close of new content: spool, acceptance. */
static struct blob_ref content(struct fixture *f, int64_t id, const char *text)
{
	struct blob_ref blob;
	char name[32];
	int fd;

	CHECK_INT(store_file_dirty(f->s, id), 0);
	snprintf(name, sizeof(name), "%lld", (long long)id);
	fd = openat(store_spool_dir(f->s), name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_INT(io_write(fd, text, strlen(text)), 0);
	close(fd);
	CHECK_INT(blobs_put_data(store_blobs(f->s), text, strlen(text), &blob), 0);
	CHECK_INT(store_file_received(f->s, id, strlen(text), 42), 0);
	return blob;
}

static int64_t submit(struct fixture *f, int64_t file, const char *text, int64_t young_us)
{
	struct blob_ref blob = content(f, file, text);
	int64_t id = -7, replaced = -7;

	CHECK_INT(store_submit(f->s, file, &blob, young_us, &id, &replaced), 0);
	return id;
}

static const char *const shown[RESULT_KINDS] = { "Accepted\n", "{}", "a warning" };

static void judge_it(struct fixture *f, int64_t id)
{
	int64_t attempt;

	CHECK_INT(store_lease(f->s, id, "c", 1, 99, &attempt), 0);
	CHECK_INT(store_done(f->s, id, attempt, VERDICT_AC, "{}", shown), 0);
}

static void check_clean(struct fixture *f)
{
	struct buf b = { 0 };

	CHECK_INT(store_check(f->s, &b), 0);
	CHECK_TEXT(buf_text(&b), "");
	buf_release(&b);
}

/* ------------------------------------------------------------- opening */

static void plant(struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;
	char path[96], *why = NULL;

	snprintf(path, sizeof(path), "%s/db/judge.db", f->path);
	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

static void test_open(void **state)
{
	struct fixture *f = *state;
	struct diag diag = { "" };
	struct store *other = NULL;
	struct stat st;

	CHECK_INT(fstatat(f->dir, "db", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0700);
	CHECK_INT(fstatat(f->dir, "blobs", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 02750);

	CHECK_INT(store_open(f->dir, &other, &diag), 0);
	store_close(other);
	other = NULL;
	store_close(NULL);

	plant(f, "PRAGMA user_version = 99");
	CHECK_INT(store_open(f->dir, &other, &diag), -EBADMSG);
	CHECK_HAS(diag.text, "version 99");
	CHECK(other == NULL);
}

static void test_open_damaged(void **state)
{
	struct fixture *f = *state;
	struct store *other = NULL;
	struct diag diag = { "" };

	store_close(f->s);
	f->s = NULL;
	CHECK_INT(io_write_at(f->dir, "noise", "no database at all, by no means....", 35, 0600), 0);
	CHECK_INT(renameat(f->dir, "noise", f->dir, "db/judge.db"), 0);
	CHECK_INT(store_open(f->dir, &other, &diag), -EBADMSG);
	CHECK_HAS(diag.text, "db/judge.db");
	CHECK(other == NULL);
}

/* ------------------------------------------------------------- users and places */

static const struct { const char *name; uid_t uid; int r; } users[] = {
	{ "bob", 1002, 0 },		{ "anything", 1002, 0 },	/* found by its uid */
	{ "bob", 1003, -EEXIST },	{ "", 1003, -EINVAL },
	{ ".", 1003, -EINVAL },		{ "..", 1003, -EINVAL },
	{ "a/b", 1003, -EINVAL },	{ "a b", 1003, -EINVAL },
	{ "-x", 1003, -EINVAL },	{ "ann\n", 1003, -EINVAL },
	{ "1003", 1003, 0 },		{ "o.k_-+@d", 4294967294u, 0 },
};

static void test_users(void **state)
{
	struct fixture *f = *state;
	struct user_row row;

	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		row.id = -7;
		CHECK_INT(store_user_add(f->s, users[i].uid, users[i].name, &row), users[i].r);
		CHECK(users[i].r == 0 ? row.uid == users[i].uid && row.id > 0 : row.id == -7);
	}
	CHECK_INT(store_user_by_uid(f->s, 1002, &row), 0);
	CHECK_TEXT(row.name, "bob");
	CHECK_INT(store_user_by_name(f->s, "alice", &row), 0);
	CHECK_INT(row.uid, 1001);
	CHECK_INT(store_user_by_id(f->s, row.id, &row), 0);
	CHECK_INT(store_user_by_id(f->s, 77, &row), -ENOENT);
	CHECK_INT(store_user_by_uid(f->s, 77, &row), -ENOENT);
	CHECK_INT(store_user_by_name(f->s, "nobody", &row), -ENOENT);
}

static void test_places(void **state)
{
	struct fixture *f = *state;
	struct user_row bob;
	struct place_row row, again;

	CHECK_INT(store_user_add(f->s, 1002, "bob", &bob), 0);
	CHECK_INT(store_place_get(f->s, bob.id, f->problem.id, false, &row), -ENOENT);
	CHECK_INT(store_place_get(f->s, bob.id, 77, true, &row), -ENOENT);
	CHECK_INT(store_place_get(f->s, 77, f->problem.id, true, &row), -ENOENT);
	CHECK_INT(store_place_get(f->s, bob.id, f->problem.id, true, &row), 0);
	CHECK_TEXT(row.problem_name, "hello");
	CHECK_INT(store_place_get(f->s, bob.id, f->problem.id, true, &again), 0);
	CHECK_INT(again.id, row.id);
	CHECK_INT(store_place_by_id(f->s, row.id, &again), 0);
	CHECK_INT(again.user, bob.id);
	CHECK_INT(store_place_by_id(f->s, 77, &again), -ENOENT);
}

/* ------------------------------------------------------------- listing */

struct seen {
	struct fixture *f;
	int n, stop_after;
	int64_t last, ids[512];
	bool ascending;
};

static bool seen_id(struct seen *seen, int64_t id)
{
	if (id <= seen->last)
		seen->ascending = false;
	seen->last = id;
	seen->ids[seen->n++] = id;
	return seen->n != seen->stop_after;
}

static bool seen_user(void *ctx, const struct user_row *row)
{
	struct seen *seen = ctx;
	struct user_row same;

	/* The store may be used from inside of a listing. */
	CHECK_INT(store_user_by_id(seen->f->s, row->id, &same), 0);
	return seen_id(ctx, row->id);
}

static bool seen_file(void *ctx, const struct file_row *row)
{
	return seen_id(ctx, row->id);
}

static bool seen_place(void *ctx, const struct place_row *row)
{
	return seen_id(ctx, row->id);
}

static bool seen_problem(void *ctx, const struct problem_row *row)
{
	return seen_id(ctx, row->id);
}

static bool seen_pfile(void *ctx, const struct pfile_row *row)
{
	return seen_id(ctx, row->id);
}

static bool seen_submission(void *ctx, const struct submission_row *row)
{
	return seen_id(ctx, row->id);
}

static bool seen_change(void *ctx, const struct submission_row *row)
{
	struct seen *seen = ctx;

	CHECK(row->change > seen->last);
	seen->last = row->change;
	seen->ids[seen->n++] = row->id;
	return true;
}

static void test_listing(void **state)
{
	struct fixture *f = *state;
	struct seen seen = { .f = f, .ascending = true, .stop_after = 100 };
	struct user_row row;

	for (int i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "u%d", i);
		CHECK_INT(store_user_add(f->s, 5000 + i, name, &row), 0);
	}
	CHECK_INT(store_list_users(f->s, 0, seen_user, &seen), 0);
	CHECK_INT(seen.n, 100);
	seen.stop_after = 0;
	CHECK_INT(store_list_users(f->s, seen.last, seen_user, &seen), 0);
	CHECK_INT(seen.n, 201);
	CHECK(seen.ascending);
}

/* A listing goes on rightly where its last row was removed meanwhile, and after a restart. */
static void test_listing_cookies(void **state)
{
	struct fixture *f = *state;
	struct seen seen = { .f = f, .ascending = true, .stop_after = 2 };
	int64_t a = make(f, "a.c"), b = make(f, "b.c"), c = make(f, "c.c");

	CHECK_INT(store_list_files(f->s, f->place.id, 0, seen_file, &seen), 0);
	CHECK_INT(seen.last, b);
	CHECK_INT(store_file_unlink(f->s, 0, f->place.id, "a.c", NULL), 0);
	CHECK_INT(store_file_unlink(f->s, 0, f->place.id, "b.c", NULL), 0);
	CHECK_INT(store_file_forget(f->s, a), 0);
	CHECK_INT(store_file_forget(f->s, b), 0);
	reopen(f);
	seen.stop_after = 0;
	CHECK_INT(store_list_files(f->s, f->place.id, seen.last, seen_file, &seen), 0);
	CHECK_INT(seen.n, 3);
	CHECK_INT(seen.last, c);

	seen = (struct seen){ .f = f };
	CHECK_INT(store_list_places(f->s, f->user.id, 0, seen_place, &seen), 0);
	CHECK_INT(seen.n, 1);
	CHECK_INT(store_list_places(f->s, f->user.id, seen.last, seen_place, &seen), 0);
	CHECK_INT(seen.n, 1);
}

static void test_ids_never_again(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c");
	struct buf b = { 0 };
	char name[64];

	result_name(a, RESULT_VERDICT, name);
	CHECK_INT(io_write_at(store_results_dir(f->s), name, "x", 1, 0600), 0);
	CHECK_INT(store_file_unlink(f->s, 0, f->place.id, "a.c", NULL), 0);
	CHECK_INT(store_file_forget(f->s, a), 0);
	CHECK_INT(io_read_at(store_results_dir(f->s), name, 10, &b), -ENOENT);
	snprintf(name, sizeof(name), "%lld", (long long)a);
	CHECK_INT(io_read_at(store_spool_dir(f->s), name, 10, &b), -ENOENT);
	reopen(f);
	CHECK(make(f, "a.c") > a);
}

/* ------------------------------------------------------------- problems */

static struct problem_file problem_file(struct fixture *f, const char *path, const char *text)
{
	struct problem_file file = { .path = (char *)path };

	CHECK_INT(blobs_put_data(store_blobs(f->s), text, strlen(text), &file.blob), 0);
	return file;
}

static void test_problem(void **state)
{
	struct fixture *f = *state;
	struct problem_row row;
	struct package_row package;
	struct buf b = { 0 };

	CHECK_INT(store_problem_by_name(f->s, "hello", &row), 0);
	CHECK_TEXT(row.title, "A title");
	CHECK_INT(row.source_bytes, 1000);
	CHECK_INT(row.open_us, 3);
	CHECK_INT(row.close_us, 9);
	CHECK(row.feedback == FEEDBACK_SAMPLES && row.installed);
	CHECK_INT(store_problem_by_id(f->s, row.id, &row), 0);
	CHECK_INT(store_problem_by_id(f->s, 77, &row), -ENOENT);
	CHECK_INT(store_problem_by_name(f->s, "no", &row), -ENOENT);
	CHECK_INT(store_problem_spec(f->s, row.id, &b), 0);
	CHECK_TEXT(buf_text(&b), "{\"spec\":1}");
	CHECK_INT(store_problem_spec(f->s, 77, &b), -ENOENT);
	buf_release(&b);
	CHECK_INT(store_package(f->s, "hello", &package), 0);
	CHECK_TEXT(package.digest, "d1");
	CHECK(!package.broken);
	CHECK_INT(store_package(f->s, "no", &package), -ENOENT);

	CHECK_INT(store_problem_remove(f->s, "hello"), 0);
	CHECK_INT(store_problem_by_name(f->s, "hello", &row), 0);
	CHECK(!row.installed);
	CHECK_INT(store_package(f->s, "hello", &package), -ENOENT);
	CHECK_INT(store_problem_remove(f->s, "never"), 0);
	CHECK_INT(problem_put(f->s, "hello", "d2", NULL, 0, &row), 0);
	CHECK(row.installed);
	CHECK_INT(row.id, f->problem.id);
	CHECK(row.changed_us > f->problem.changed_us);
}

static bool one_package(void *ctx, const struct package_row *row)
{
	struct package_row *ret = ctx;

	ret[ret[0].name[0] != '\0'] = *row;
	return true;
}

static void test_problem_broken(void **state)
{
	struct fixture *f = *state;
	struct package_row rows[2] = { 0 };
	struct problem_row row;
	struct seen seen = { .f = f };

	/* A broken new version keeps the old one shown. */
	CHECK_INT(store_problem_broken(f->s, "hello", "d2", "data: no tests"), 0);
	CHECK_INT(store_problem_broken(f->s, "new", "d3", "problem.ini:1: nonsense"), 0);
	CHECK_INT(store_problem_by_name(f->s, "hello", &row), 0);
	CHECK(row.installed);
	CHECK_INT(store_problem_by_name(f->s, "new", &row), -ENOENT);
	CHECK_INT(store_list_packages(f->s, 0, one_package, rows), 0);
	CHECK_TEXT(rows[0].name, "hello");
	CHECK_TEXT(rows[0].digest, "d2");
	CHECK_TEXT(rows[0].why, "data: no tests");
	CHECK(rows[0].broken && rows[1].broken);
	CHECK_INT(store_problem_broken(f->s, "hello", "d2", NULL), 0);
	rows[0].name[0] = '\0';
	CHECK_INT(store_list_packages(f->s, 0, one_package, rows), 0);
	CHECK(!rows[0].broken);
	CHECK_INT(store_problem_remove(f->s, "new"), 0);
	rows[0].name[0] = '\0';
	CHECK_INT(store_list_packages(f->s, rows[0].id, one_package, rows), 0);
	CHECK_TEXT(rows[0].name, "");
	CHECK_INT(store_list_problems(f->s, 0, seen_problem, &seen), 0);
	CHECK_INT(seen.n, 1);
}

static void test_problem_files(void **state)
{
	struct fixture *f = *state;
	struct problem_file files[] = {
		problem_file(f, "statement.pdf", "pdf"),
		problem_file(f, "samples/1.in", "1 2"),
		problem_file(f, "samples/1.ans", "3"),
		problem_file(f, "README.txt", "of the package"),
	};
	struct pfile_row readme, samples, in, pdf, row;
	struct seen seen = { .f = f, .ascending = true };

	CHECK_INT(problem_put(f->s, "hello", "d2", files, 4, NULL), 0);
	CHECK_INT(store_pfile_lookup(f->s, f->problem.id, 0, "README.txt", &readme), 0);
	CHECK_INT(readme.blob.size, 7);		/* ours, not the package's */
	CHECK_INT(store_pfile_lookup(f->s, f->problem.id, 0, "statement.pdf", &pdf), 0);
	CHECK_INT(store_pfile_lookup(f->s, f->problem.id, 0, "samples", &samples), 0);
	CHECK(samples.dir);
	CHECK_INT(store_pfile_lookup(f->s, f->problem.id, samples.id, "1.in", &in), 0);
	CHECK(!in.dir);
	CHECK_TEXT(in.blob.digest.hex, files[1].blob.digest.hex);
	CHECK_INT(store_list_pfiles(f->s, f->problem.id, 0, 0, seen_pfile, &seen), 0);
	CHECK_INT(seen.n, 3);
	CHECK(seen.ascending);
	CHECK_INT(store_list_pfiles(f->s, f->problem.id, samples.id, 0, seen_pfile, &seen), 0);
	CHECK_INT(seen.n, 5);
	check_clean(f);

	/* A newer version: the same name is the same row, what is gone is gone. */
	files[1] = problem_file(f, "samples/1.in", "5 6");
	CHECK_INT(problem_put(f->s, "hello", "d3", files + 1, 1, NULL), 0);
	CHECK_INT(store_pfile_by_id(f->s, in.id, &row), 0);
	CHECK_TEXT(row.blob.digest.hex, files[1].blob.digest.hex);
	CHECK(row.changed_us > in.changed_us);
	CHECK_INT(store_pfile_by_id(f->s, samples.id, &row), 0);
	CHECK_INT(row.changed_us, samples.changed_us);
	CHECK_INT(store_pfile_by_id(f->s, pdf.id, &row), -ENOENT);
	CHECK_INT(store_pfile_by_id(f->s, readme.id, &row), 0);
	CHECK_INT(row.changed_us, readme.changed_us);

	/* A folder becomes a file. */
	files[0] = problem_file(f, "samples", "now a file");
	CHECK_INT(problem_put(f->s, "hello", "d4", files, 1, NULL), 0);
	CHECK_INT(store_pfile_by_id(f->s, samples.id, &row), -ENOENT);
	CHECK_INT(store_pfile_by_id(f->s, in.id, &row), -ENOENT);
	CHECK_INT(store_pfile_lookup(f->s, f->problem.id, 0, "samples", &row), 0);
	CHECK(!row.dir);

	/* A package that tries to leave its folder is refused whole. */
	files[0] = problem_file(f, "../x", "bad");
	CHECK_INT(problem_put(f->s, "hello", "d5", files, 1, NULL), -EINVAL);
	CHECK_INT(store_pfile_lookup(f->s, f->problem.id, 0, "samples", &row), 0);
	check_clean(f);
}

/* ------------------------------------------------------------- files */

static void test_file_create(void **state)
{
	struct fixture *f = *state;
	struct file_row row = { .id = -7 }, again;
	struct place_row place;
	struct stat st;
	char name[300];

	CHECK_INT(store_file_create(f->s, 5, f->place.id, "a.c", true, 0100640, &row), 0);
	CHECK(row.state == FILE_DRAFT && row.judged && !row.gone && row.size == 0);
	CHECK_INT(row.mode, 0640);
	CHECK_INT(row.user, f->user.id);
	snprintf(name, sizeof(name), "%lld", (long long)row.id);
	CHECK_INT(fstatat(store_spool_dir(f->s), name, &st, 0), 0);
	CHECK_INT(st.st_size, 0);
	CHECK_INT(store_place_by_id(f->s, f->place.id, &place), 0);
	CHECK(place.changed_us > f->place.changed_us);

	/* The same request again, also after a restart: the same row. Another one: EEXIST. */
	reopen(f);
	CHECK_INT(store_file_create(f->s, 5, f->place.id, "a.c", true, 0640, &again), 0);
	CHECK_INT(again.id, row.id);
	CHECK_INT(store_file_create(f->s, 6, f->place.id, "a.c", true, 0640, &again), -EEXIST);
	CHECK_INT(store_file_create(f->s, 0, f->place.id, "a.c", true, 0640, &again), -EEXIST);
	CHECK_INT(store_requests_clear(f->s), 0);
	CHECK_INT(store_file_create(f->s, 5, f->place.id, "a.c", true, 0640, &again), -EEXIST);

	CHECK_INT(store_file_create(f->s, 7, 77, "a.c", true, 0640, &again), -ENOENT);
	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	CHECK_INT(store_file_create(f->s, 7, f->place.id, name, true, 0640, &again), -ENAMETOOLONG);
	name[255] = '\0';
	CHECK_INT(store_file_create(f->s, 7, f->place.id, name, true, 0640, &again), 0);
	CHECK_TEXT(again.name, name);
	/* Any bytes are a name. */
	CHECK_INT(store_file_create(f->s, 8, f->place.id, "\xff\n'\"", true, 0, &again), 0);
	CHECK_INT(store_file_lookup(f->s, f->place.id, "\xff\n'\"", &row), 0);
	CHECK_INT(row.id, again.id);
}

static const char *const bad_names[] = { "", ".", "..", "a/b", "/" };

static void test_file_bad_names(void **state)
{
	struct fixture *f = *state;
	struct file_row row;
	int64_t a = make(f, "a.c");

	for (size_t i = 0; i < ARRAY_SIZE(bad_names); i++) {
		CHECK_INT(store_file_create(f->s, 0, f->place.id, bad_names[i], true, 0, &row),
			  -EINVAL);
		CHECK_INT(store_file_rename(f->s, 0, a, f->place.id, bad_names[i], true, false,
					    NULL), -EINVAL);
	}
}

static void test_requests(void **state)
{
	struct fixture *f = *state;
	struct file_row row;
	char name[16];
	int64_t id;

	for (int i = 1; i <= 50; i++) {
		snprintf(name, sizeof(name), "%d", i);
		CHECK_INT(store_file_create(f->s, i, f->place.id, name, true, 0, &row), 0);
		CHECK_INT(store_file_unlink(f->s, 100 + i, f->place.id, name, &id), 0);
		CHECK_INT(id, row.id);
	}
	/* A request of one kind says nothing about another kind. */
	CHECK_INT(store_file_unlink(f->s, 1, f->place.id, "1", &id), -ENOENT);
	CHECK_INT(store_file_unlink(f->s, 101, f->place.id, "1", &id), 0);
	/* The largest number there is. */
	CHECK_INT(store_file_create(f->s, UINT64_MAX, f->place.id, "z", true, 0, &row), 0);
	CHECK_INT(store_file_create(f->s, UINT64_MAX, f->place.id, "z", true, 0, &row), 0);

	/* The newest are kept: 4000 requests later these are known still, 8000 later no more. */
	plant(f, "UPDATE sqlite_sequence SET seq = seq + 4000 WHERE name = 'request'");
	CHECK_INT(store_file_create(f->s, 1000, f->place.id, "y", true, 0, &row), 0);
	CHECK_INT(store_file_unlink(f->s, 150, f->place.id, "50", &id), 0);
	plant(f, "UPDATE sqlite_sequence SET seq = seq + 4000 WHERE name = 'request'");
	CHECK_INT(store_file_create(f->s, 1001, f->place.id, "x", true, 0, &row), 0);
	CHECK_INT(store_file_unlink(f->s, 150, f->place.id, "50", &id), -ENOENT);
	CHECK_INT(store_file_create(f->s, 1000, f->place.id, "y", true, 0, &row), 0);
}

static void test_file_unlink(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), id = -7;
	struct file_row row;
	struct seen seen = { .f = f };

	CHECK_INT(store_file_unlink(f->s, 9, f->place.id, "no.c", &id), -ENOENT);
	CHECK_INT(id, -7);
	CHECK_INT(store_file_forget(f->s, a), -EBUSY);
	CHECK_INT(store_file_unlink(f->s, 9, f->place.id, "a.c", &id), 0);
	CHECK_INT(id, a);
	id = -7;
	CHECK_INT(store_file_unlink(f->s, 9, f->place.id, "a.c", &id), 0);
	CHECK_INT(id, a);
	CHECK_INT(store_file_unlink(f->s, 10, f->place.id, "a.c", &id), -ENOENT);
	CHECK_INT(store_file_lookup(f->s, f->place.id, "a.c", &row), -ENOENT);
	CHECK_INT(store_file_by_id(f->s, a, &row), 0);	/* lives while a handle does */
	CHECK(row.gone);
	CHECK_INT(store_files_gone(f->s, seen_file, &seen), 0);
	CHECK_INT(seen.n, 1);
	CHECK_INT(seen.ids[0], a);
	CHECK_INT(store_file_rename(f->s, 11, a, f->place.id, "b.c", true, false, &id), -ENOENT);
	CHECK_INT(store_file_forget(f->s, a), 0);
	CHECK_INT(store_file_by_id(f->s, a, &row), -ENOENT);
	CHECK_INT(store_file_forget(f->s, a), -ENOENT);
	check_clean(f);
}

static void test_file_rename(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), b = make(f, "b.c"), replaced = -7;
	struct problem_row other;
	struct place_row there, bobs;
	struct user_row bob;
	struct file_row row;

	CHECK_INT(store_file_rename(f->s, 20, a, f->place.id, "b.c", true, true, &replaced), -EEXIST);
	CHECK_INT(replaced, -7);
	CHECK_INT(store_file_rename(f->s, 21, a, f->place.id, "b.c", true, false, &replaced), 0);
	CHECK_INT(replaced, b);
	replaced = -7;
	CHECK_INT(store_file_rename(f->s, 21, a, f->place.id, "b.c", true, false, &replaced), 0);
	CHECK_INT(replaced, b);
	CHECK(file_of(f, b).gone);
	CHECK_INT(store_file_lookup(f->s, f->place.id, "b.c", &row), 0);
	CHECK_INT(row.id, a);
	CHECK_INT(store_file_lookup(f->s, f->place.id, "a.c", &row), -ENOENT);
	/* Onto itself. */
	CHECK_INT(store_file_rename(f->s, 22, a, f->place.id, "b.c", true, false, &replaced), 0);
	CHECK_INT(replaced, 0);
	CHECK(!file_of(f, a).gone);

	CHECK_INT(problem_put(f->s, "other", "d", NULL, 0, &other), 0);
	CHECK_INT(store_place_get(f->s, f->user.id, other.id, true, &there), 0);
	CHECK_INT(store_file_rename(f->s, 23, a, there.id, "c.c", true, false, &replaced), 0);
	CHECK_INT(file_of(f, a).place, there.id);
	CHECK_INT(store_user_add(f->s, 1002, "bob", &bob), 0);
	CHECK_INT(store_place_get(f->s, bob.id, other.id, true, &bobs), 0);
	CHECK_INT(store_file_rename(f->s, 24, a, bobs.id, "c.c", true, false, &replaced), -EXDEV);
	CHECK_INT(store_file_rename(f->s, 24, a, 77, "c.c", true, false, &replaced), -ENOENT);
	CHECK_INT(store_file_rename(f->s, 24, 77, there.id, "c.c", true, false, &replaced), -ENOENT);
	CHECK_INT(file_of(f, a).place, there.id);
	check_clean(f);
}

static void test_file_attr(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c");
	struct file_row from = { .mode = 0104600, .atime_us = 11, .mtime_us = 22 }, row;

	CHECK_INT(store_file_attr(f->s, a, FILE_SET_MODE | FILE_SET_MTIME, &from), 0);
	row = file_of(f, a);
	CHECK_INT(row.mode, 04600);
	CHECK_INT(row.mtime_us, 22);
	CHECK(row.atime_us != 11);
	CHECK_INT(store_file_attr(f->s, a, FILE_SET_ATIME, &from), 0);
	CHECK_INT(file_of(f, a).atime_us, 11);
	CHECK_INT(store_file_attr(f->s, 77, FILE_SET_ATIME, &from), -ENOENT);
}

static void test_file_states(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), files;
	struct seen seen = { .f = f };
	struct file_row row;

	CHECK_INT(store_file_received(f->s, a, 0, 1), -EINVAL);
	CHECK_INT(store_file_received(f->s, 77, 5, 1), -ENOENT);
	CHECK_INT(store_file_dirty(f->s, 77), -ENOENT);
	CHECK_INT(store_file_clean(f->s, 77), -ENOENT);

	content(f, a, "int x;");
	row = file_of(f, a);
	CHECK(row.state == FILE_RECEIVED);
	CHECK_INT(row.size, 6);
	CHECK_INT(row.mtime_us, 42);
	CHECK_INT(store_files_received(f->s, seen_file, &seen), 0);
	CHECK_INT(seen.n, 1);
	CHECK_INT(store_count_files(f->s, f->user.id, &files), 0);
	CHECK_INT(files, 1);

	/* Accepted and removed: it is still to be handed in. */
	CHECK_INT(store_file_unlink(f->s, 0, f->place.id, "a.c", NULL), 0);
	CHECK_INT(store_file_forget(f->s, a), -EBUSY);
	CHECK_INT(store_files_received(f->s, seen_file, &seen), 0);
	CHECK_INT(seen.n, 2);
	/* It takes room until then. */
	CHECK_INT(store_count_files(f->s, f->user.id, &files), 0);
	CHECK_INT(files, 1);
	CHECK_INT(store_user_files(f->s, f->user.id, seen_file, &seen), 0);
	CHECK_INT(seen.n, 3);
	CHECK_INT(store_user_files(f->s, f->user.id + 1, seen_file, &seen), 0);
	CHECK_INT(seen.n, 3);

	CHECK_INT(store_file_create(f->s, 0, f->place.id, "a.c~", false, 0, &row), 0);
	content(f, row.id, "debris");
	CHECK(file_of(f, row.id).state == FILE_CLEAN);
	check_clean(f);
}

/* ------------------------------------------------------------- submitting */

static void test_submit(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), one, two, id = -7, replaced = -7;
	struct submission_row row;
	struct blob_ref blob;

	one = submit(f, a, "one", 0);
	CHECK(one > 0);
	row = submission_of(f, one);
	CHECK_INT(row.file, a);
	CHECK_INT(row.number, 1);
	CHECK(row.state == SUBMISSION_QUEUED);
	CHECK_INT(row.attempt, 0);
	CHECK_TEXT(row.name, "a.c");
	CHECK_TEXT(row.language, "");
	CHECK_INT(row.blob.size, 3);
	CHECK(row.received_us > 0 && row.change > 0);
	CHECK_INT(file_of(f, a).submission, one);
	CHECK(file_of(f, a).state == FILE_CLEAN);

	/* The same content again is nothing new, young or not. */
	CHECK_INT(submit(f, a, "one", 0), 0);
	CHECK_INT(submit(f, a, "one", YOUNG), 0);
	CHECK(file_of(f, a).state == FILE_CLEAN);

	two = submit(f, a, "two", 0);
	CHECK(two > one);
	CHECK_INT(submission_of(f, two).number, 2);
	CHECK(submission_of(f, two).change > submission_of(f, one).change);
	CHECK_INT(store_submission_by_number(f->s, f->place.id, 1, &row), 0);
	CHECK_INT(row.id, one);
	CHECK_INT(store_submission_by_number(f->s, f->place.id, 3, &row), -ENOENT);

	/* Written to since it was complete. */
	blob = content(f, a, "three");
	CHECK_INT(store_file_dirty(f->s, a), 0);
	CHECK_INT(store_submit(f->s, a, &blob, 0, &id, &replaced), -ESTALE);
	CHECK_INT(store_submit(f->s, 77, &blob, 0, &id, &replaced), -ENOENT);
	/* Nothing was received: other content than the file's. */
	CHECK_INT(store_file_clean(f->s, a), 0);
	CHECK_INT(store_submit(f->s, a, &blob, 0, &id, &replaced), -ESTALE);
	CHECK_INT(id, -7);
	CHECK_INT(replaced, -7);
	check_clean(f);
}

static void test_submit_young(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), old, young, next, id, replaced = -7;
	struct seen seen = { .f = f };
	struct submission_row row;
	struct blob_ref blob;
	int64_t attempt;

	old = submit(f, a, "one", 0);
	judge_it(f, old);
	young = submit(f, a, "two", 0);
	CHECK_INT(store_lease(f->s, young, "c", 1, 99, &attempt), 0);

	blob = content(f, a, "three");
	CHECK_INT(store_submit(f->s, a, &blob, YOUNG, &next, &replaced), 0);
	CHECK_INT(replaced, young);
	CHECK(next > young);
	/* No trace: neither row nor history, and its outcome is dropped. */
	CHECK_INT(store_submission(f->s, young, &row), -ENOENT);
	CHECK_INT(store_done(f->s, young, attempt, VERDICT_AC, "{}", shown), -ESTALE);
	CHECK_INT(store_requeue(f->s, young, attempt), -ESTALE);
	CHECK_INT(store_published(f->s, young, 1), -ENOENT);
	CHECK_INT(store_list_submissions(f->s, f->place.id, 0, seen_submission, &seen), 0);
	CHECK_INT(seen.n, 2);
	CHECK_INT(seen.ids[0], old);
	CHECK_INT(seen.ids[1], next);
	CHECK_INT(file_of(f, a).submission, next);

	/* An old one is never replaced, also when it was judged. */
	blob = content(f, a, "four");
	CHECK_INT(store_submit(f->s, a, &blob, 0, &id, &replaced), 0);
	CHECK_INT(replaced, 0);
	CHECK_INT(store_submission(f->s, next, &row), 0);

	/* A verdict that was given stays, however young: answers can not be tried without a trace. */
	judge_it(f, id);
	blob = content(f, a, "five");
	CHECK_INT(store_submit(f->s, a, &blob, YOUNG, &next, &replaced), 0);
	CHECK_INT(replaced, 0);
	CHECK_INT(store_submission(f->s, id, &row), 0);
	check_clean(f);
}

static void test_submit_again(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), b, one, change;
	struct seen seen = { .f = f };

	one = submit(f, a, "one", 0);
	judge_it(f, one);
	CHECK_INT(store_published(f->s, one, submission_of(f, one).change), 0);
	change = submission_of(f, one).change;

	/* Removed and copied in again: the same submission, shown again. */
	CHECK_INT(store_file_unlink(f->s, 0, f->place.id, "a.c", NULL), 0);
	CHECK_INT(store_file_forget(f->s, a), 0);
	b = make(f, "a.c");
	CHECK_INT(submit(f, b, "one", 0), 0);
	CHECK_INT(file_of(f, b).submission, one);
	CHECK(file_of(f, b).compile_shown > 0);
	CHECK(submission_of(f, one).change > change);
	CHECK_INT(store_unpublished(f->s, seen_change, &seen), 0);
	CHECK_INT(seen.n, 1);
	CHECK_INT(seen.ids[0], one);

	/* Under another name it is another submission. */
	CHECK(submit(f, make(f, "b.c"), "one", 0) > one);
	check_clean(f);
}

static void test_submit_renamed(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), tmp, one, two, replaced;
	struct file_row row;

	one = submit(f, a, "one", 0);
	/* An editor's way: the source is put aside, back again: nothing to judge. */
	CHECK_INT(store_file_rename(f->s, 0, a, f->place.id, "a.c~", false, false, NULL), 0);
	CHECK(file_of(f, a).state == FILE_CLEAN);
	CHECK_INT(store_file_rename(f->s, 0, a, f->place.id, "a.c", true, false, NULL), 0);
	CHECK(file_of(f, a).state == FILE_CLEAN);
	CHECK_INT(file_of(f, a).submission, one);

	/* rsync's way: a temporary, clean but never judged, is renamed over the name. */
	CHECK_INT(store_file_create(f->s, 0, f->place.id, ".a.c.x7", false, 0600, &row), 0);
	tmp = row.id;
	content(f, tmp, "two");
	CHECK(file_of(f, tmp).state == FILE_CLEAN);
	CHECK_INT(store_file_rename(f->s, 0, tmp, f->place.id, "a.c", true, false, &replaced), 0);
	CHECK_INT(replaced, a);
	CHECK(file_of(f, tmp).state == FILE_RECEIVED);
	two = submit(f, tmp, "two", 0);
	CHECK(two > one);
	CHECK_INT(store_file_forget(f->s, a), 0);
	CHECK_INT(submission_of(f, two).number, 2);

	/* To a new name: a submission of that name is to be made of it. */
	CHECK_INT(store_file_rename(f->s, 0, tmp, f->place.id, "b.c", true, false, NULL), 0);
	CHECK(file_of(f, tmp).state == FILE_RECEIVED);
	CHECK(submit(f, tmp, "two", 0) > two);

	/* Debris that is changed is no submission's content any more. */
	CHECK_INT(store_file_rename(f->s, 0, tmp, f->place.id, "b.c~", false, false, NULL), 0);
	content(f, tmp, "three");
	CHECK_INT(file_of(f, tmp).submission, 0);
	CHECK_INT(store_file_rename(f->s, 0, tmp, f->place.id, "b.c", true, false, NULL), 0);
	CHECK(file_of(f, tmp).state == FILE_RECEIVED);

	/* An empty file, and a draft, are nothing to judge yet. */
	CHECK_INT(store_file_create(f->s, 0, f->place.id, "4913", false, 0600, &row), 0);
	CHECK_INT(store_file_rename(f->s, 0, row.id, f->place.id, "c.c", true, false, NULL), 0);
	CHECK(file_of(f, row.id).state == FILE_DRAFT);
	check_clean(f);
}

/* Accepted, then renamed over before it was complete: handed in, and the live file unharmed. */
static void test_submit_gone(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), tmp = make(f, "tmp.c"), first, id, replaced;
	struct blob_ref blob = content(f, a, "one");

	content(f, tmp, "two");
	CHECK_INT(store_file_rename(f->s, 0, tmp, f->place.id, "a.c", true, false, NULL), 0);
	first = submit(f, tmp, "two", YOUNG);
	CHECK(first > 0);
	CHECK_INT(store_submit(f->s, a, &blob, YOUNG, &id, &replaced), 0);
	CHECK(id > first);
	CHECK_INT(replaced, 0);
	CHECK_INT(file_of(f, tmp).submission, first);
	CHECK_INT(store_file_forget(f->s, a), 0);
	check_clean(f);
}

/* ------------------------------------------------------------- judging */

static void test_lease(void **state)
{
	struct fixture *f = *state;
	int64_t id = submit(f, make(f, "a.c"), "one", 0), attempt = -7;
	struct submission_row row;
	struct seen seen = { .f = f };

	CHECK_INT(store_lease(f->s, 77, "c", 1, 99, &attempt), -ESTALE);
	CHECK_INT(attempt, -7);
	CHECK_INT(store_requeue(f->s, id, 0), -ESTALE);
	CHECK_INT(store_lease(f->s, id, "c", 1, 99, &attempt), 0);
	CHECK_INT(attempt, 1);
	CHECK_INT(store_lease(f->s, id, "c", 2, 99, &attempt), -ESTALE);
	row = submission_of(f, id);
	CHECK(row.state == SUBMISSION_RUNNING);
	CHECK_TEXT(row.language, "c");
	CHECK_INT(store_queue(f->s, 0, seen_submission, &seen), 0);
	CHECK_INT(seen.n, 1);
	CHECK_INT(store_queue(f->s, id, seen_submission, &seen), 0);
	CHECK_INT(seen.n, 1);

	CHECK_INT(store_requeue(f->s, id, 2), -ESTALE);
	CHECK_INT(store_requeue(f->s, id, 1), 0);
	CHECK_INT(store_requeue(f->s, id, 1), -ESTALE);
	CHECK_INT(store_lease(f->s, id, "", 1, 99, &attempt), 0);
	CHECK_INT(attempt, 2);
	/* The lost attempt's outcome comes late. */
	CHECK_INT(store_done(f->s, id, 1, VERDICT_AC, "{}", shown), -ESTALE);
	CHECK_INT(store_done(f->s, id, 2, VERDICT_WA, "{}", shown), 0);
	CHECK_INT(store_done(f->s, id, 2, VERDICT_AC, "{}", shown), -ESTALE);
	row = submission_of(f, id);
	CHECK(row.state == SUBMISSION_DONE && row.verdict == VERDICT_WA);
	CHECK(row.judged_us > 0);
	CHECK_INT(store_lease(f->s, id, "c", 1, 99, &attempt), -ESTALE);
	CHECK_INT(store_queue(f->s, 0, seen_submission, &seen), 0);
	CHECK_INT(seen.n, 1);
	check_clean(f);
}

static void test_shown(void **state)
{
	struct fixture *f = *state;
	int64_t a = make(f, "a.c"), id = submit(f, a, "one", 0), attempt;
	static const char *const silent[RESULT_KINDS] = { "Accepted\n", "{}", NULL };
	struct buf b = { 0 };

	CHECK_INT(store_shown(f->s, id, RESULT_VERDICT, &b), -ENOENT);
	judge_it(f, id);
	CHECK_INT(store_shown(f->s, id, RESULT_VERDICT, &b), 0);
	CHECK_TEXT(buf_text(&b), "Accepted\n");
	buf_release(&b);
	CHECK_INT(store_shown(f->s, id, RESULT_COMPILE, &b), 0);
	CHECK_TEXT(buf_text(&b), "a warning");
	buf_release(&b);
	CHECK(file_of(f, a).compile_shown > 0);
	CHECK_INT(store_shown(f->s, 77, RESULT_VERDICT, &b), -ENOENT);

	id = submit(f, a, "two", 0);
	CHECK_INT(file_of(f, a).compile_shown, 0);
	CHECK_INT(store_lease(f->s, id, "c", 1, 99, &attempt), 0);
	CHECK_INT(store_done(f->s, id, attempt, VERDICT_AC, "{}", silent), 0);
	CHECK_INT(store_shown(f->s, id, RESULT_COMPILE, &b), 0);
	CHECK_TEXT(buf_text(&b), "");
	buf_release(&b);
	CHECK_INT(file_of(f, a).compile_shown, 0);
	check_clean(f);
}

static void test_rejudge(void **state)
{
	struct fixture *f = *state;
	int64_t id = submit(f, make(f, "a.c"), "one", 0), attempt, two, waits, count, tries;
	struct buf b = { 0 };

	CHECK_INT(store_rejudge(f->s, id), -ESTALE);
	CHECK_INT(store_rejudge(f->s, 77), -ESTALE);
	judge_it(f, id);
	CHECK_INT(store_rejudge(f->s, id), 0);
	CHECK(submission_of(f, id).state == SUBMISSION_QUEUED);
	CHECK_INT(store_shown(f->s, id, RESULT_VERDICT, &b), -ENOENT);
	check_clean(f);
	CHECK_INT(store_lease(f->s, id, "c", 1, 99, &attempt), 0);
	CHECK_INT(attempt, 2);
	CHECK_INT(store_done(f->s, id, 1, VERDICT_AC, "{}", shown), -ESTALE);
	CHECK_INT(store_tries(f->s, id, &tries), 0);
	CHECK_INT(tries, 1);
	CHECK_INT(store_done(f->s, id, 2, VERDICT_WA, "{}", shown), 0);
	CHECK_INT(store_tries(f->s, id, &tries), 0);
	CHECK_INT(tries, 0);
	check_clean(f);

	/* All of a problem: what is not done stays as it is. */
	two = submit(f, make(f, "b.c"), "two", 0);
	waits = submit(f, make(f, "c.c"), "three", 0);
	judge_it(f, two);
	CHECK_INT(store_rejudge_problem(f->s, f->problem.id, &count), 0);
	CHECK_INT(count, 2);
	CHECK(submission_of(f, id).state == SUBMISSION_QUEUED);
	CHECK(submission_of(f, two).state == SUBMISSION_QUEUED);
	CHECK_INT(submission_of(f, waits).attempt, 0);
	CHECK_INT(store_rejudge_problem(f->s, f->problem.id, &count), 0);
	CHECK_INT(count, 0);
	check_clean(f);
}

static void test_published(void **state)
{
	struct fixture *f = *state;
	int64_t one = submit(f, make(f, "a.c"), "1", 0), two = submit(f, make(f, "b.c"), "2", 0);
	struct seen seen = { .f = f };
	struct submission_row row;

	CHECK_INT(store_unpublished(f->s, seen_change, &seen), 0);
	CHECK_INT(seen.n, 0);
	judge_it(f, two);
	judge_it(f, one);
	CHECK_INT(store_unpublished(f->s, seen_change, &seen), 0);
	CHECK_INT(seen.n, 2);
	CHECK_INT(seen.ids[0], two);	/* by change, not by id */
	row = submission_of(f, two);
	CHECK_INT(store_published(f->s, two, row.change - 1), 0);
	seen = (struct seen){ .f = f };
	CHECK_INT(store_unpublished(f->s, seen_change, &seen), 0);
	CHECK_INT(seen.n, 2);
	CHECK_INT(store_published(f->s, two, row.change), 0);
	CHECK_INT(store_published(f->s, two, 1), 0);		/* late: goes nowhere back */
	CHECK_INT(store_published(f->s, one, 1 << 30), 0);	/* never beyond what there is */
	CHECK_INT(submission_of(f, one).published, submission_of(f, one).change);
	seen = (struct seen){ .f = f };
	CHECK_INT(store_unpublished(f->s, seen_change, &seen), 0);
	CHECK_INT(seen.n, 0);
	check_clean(f);
}

/* ------------------------------------------------------------- store_check() */

static const struct { const char *plant, *found; } breaches[] = {
	{ "UPDATE submission SET worker = 1 WHERE id = 1", "without a lease" },
	{ "UPDATE submission SET state = 1 WHERE id = 2", "without a lease" },
	{ "UPDATE submission SET state = 1, attempt = attempt + 1, worker = 1, deadline_us = 1",
	  "two leases" },
	{ "UPDATE submission SET state = 2 WHERE id = 2", "without the outcome" },
	{ "UPDATE submission SET attempt = 9 WHERE id = 1", "without the outcome" },
	{ "UPDATE outcome SET verdict = 3", "without the outcome" },
	{ "UPDATE outcome SET attempt = 5", "not of the submission's attempt" },
	{ "DELETE FROM shown", "without its texts" },
	{ "UPDATE counter SET value = 0", "above the counter" },
	{ "UPDATE submission SET published = 99", "above the counter" },
	{ "UPDATE place SET numbers = 1", "history number" },
	{ "INSERT INTO user (uid, name) VALUES (9, 'x'); UPDATE submission SET user = 2",
	  "not of its place's user" },
	{ "UPDATE file SET user = 9", "a file is not of" },
	{ "UPDATE file SET state = 1, size = 0", "without content" },
	{ "UPDATE file SET submission = 0", "never handed in" },
	{ "UPDATE file SET submission = 99", "not there" },
	{ "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'submission'", "row id is above" },
	{ "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'file'", "row id is above" },
	{ "DELETE FROM pfile", "no README.txt" },
	{ "UPDATE submission SET place = 99", "refers to one that is not there" },
	{ "UPDATE submission SET size = 99 WHERE id = 1", "other content" },
	{ "UPDATE submission SET digest = "
	  "'00000000000000000000000000000000000000000000000000000000000000aa'", "has no blob" },
	{ "UPDATE file SET state = 1, size = 99", "bytes were accepted" },
	{ "INSERT INTO file SELECT id + 50, place, user, 'z', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
	  " FROM file LIMIT 1", "has no spool" },
	{ "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 4097)"
	  " INSERT INTO request (request, op, value) SELECT i, 1, 1 FROM n", "more requests" },
};

static void test_check(void **state)
{
	struct fixture *f = *state;

	judge_it(f, submit(f, make(f, "a.c"), "one", 0));
	submit(f, make(f, "b.c"), "two", 0);
	check_clean(f);
	for (size_t i = 0; i < ARRAY_SIZE(breaches); i++) {
		struct buf sound = { 0 }, found = { 0 };

		/* Every row breaks a sound store: what is broken is put back afterwards. */
		store_close(f->s);
		f->s = NULL;
		CHECK_INT(io_read_at(f->dir, "db/judge.db", 1 << 24, &sound), 0);
		plant(f, breaches[i].plant);
		reopen(f);
		CHECK_INT(store_check(f->s, &found), 0);
		CHECK_HAS(buf_text(&found), breaches[i].found);
		store_close(f->s);
		f->s = NULL;
		CHECK_INT(io_write_at(f->dir, "sound", sound.data, sound.len, 0600), 0);
		CHECK_INT(renameat(f->dir, "sound", f->dir, "db/judge.db"), 0);
		reopen(f);
		check_clean(f);
		buf_release(&sound);
		buf_release(&found);
	}
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_open), T(test_open_damaged), T(test_users), T(test_places),
		T(test_listing), T(test_listing_cookies), T(test_ids_never_again),
		T(test_problem), T(test_problem_broken), T(test_problem_files),
		T(test_file_create), T(test_file_bad_names), T(test_requests),
		T(test_file_unlink), T(test_file_rename), T(test_file_attr), T(test_file_states),
		T(test_submit), T(test_submit_young), T(test_submit_again),
		T(test_submit_renamed), T(test_submit_gone),
		T(test_lease), T(test_shown), T(test_rejudge), T(test_published), T(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
