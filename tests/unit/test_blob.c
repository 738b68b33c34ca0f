/* both kinds of blobs, and what must hold when a file changes or is none */
#include "tests/unit/folder.h"

#include "base/io.h"
#include "base/strv.h"
#include "judge/blob.h"

#define ABC_HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static int open_folder(struct folder *f, struct blobs **ret)
{
	return blobs_open_dir(f->fd, ret);
}

static int open_table(struct folder *f, struct blobs **ret)
{
	(void)f;
	return blobs_new_table(ret);
}

static const struct { int (*open)(struct folder *, struct blobs **); bool table; } kinds[] = {
	{ open_folder, false }, { open_table, true },
};

static void check_text(struct blobs *b, const struct blob_ref *ref, const char *text)
{
	struct buf got = { 0 };
	int fd = blobs_get(b, &ref->digest);

	CHECK(fd >= 0);
	CHECK_INT(lseek(fd, 0, SEEK_CUR), 0);
	CHECK_INT(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	CHECK_INT(io_read_fd(fd, 1 << 20, &got), 0);
	CHECK_TEXT(buf_text(&got), text);
	CHECK_INT(ref->size, got.len);
	buf_release(&got);
	io_close(fd);
}

static void test_put_and_get(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct folder store = folder_new(), files = folder_new();
		struct blob_ref at, fd_ref, data, empty, same;
		struct digest none = { "" }, unknown;
		struct blobs *b = NULL;
		int fd;

		folder_write(&files, "x/one", "abc");
		folder_write(&files, "two", "second");
		CHECK_INT(kinds[i].open(&store, &b), 0);
		CHECK_INT(blobs_put_at(b, files.fd, "x/one", &at), 0);
		CHECK_TEXT(at.digest.hex, ABC_HEX);
		fd = openat(files.fd, "two", O_RDONLY);
		lseek(fd, 3, SEEK_SET);
		CHECK_INT(blobs_put_fd(b, fd, &fd_ref), 0);
		close(fd);
		CHECK_INT(blobs_put_data(b, "third", 5, &data), 0);
		CHECK_INT(blobs_put_data(b, NULL, 0, &empty), 0);
		CHECK_INT(blobs_put_data(b, "abc", 3, &same), 0);
		CHECK_TEXT(same.digest.hex, ABC_HEX);
		check_text(b, &at, "abc");
		check_text(b, &fd_ref, "second");
		check_text(b, &fd_ref, "second");	/* an offset of its own each time */
		check_text(b, &data, "third");
		check_text(b, &empty, "");
		CHECK_INT(blobs_get(b, &none), -ENOENT);
		CHECK_INT(digest_data("?", 1, &unknown), 0);
		CHECK_INT(blobs_get(b, &unknown), -ENOENT);
		memcpy(unknown.hex, "../", 3);
		CHECK_INT(blobs_get(b, &unknown), -ENOENT);
		blobs_free(b);
		folder_remove(&store);
		folder_remove(&files);
	}
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct folder store = folder_new(), files = folder_new();
		struct blob_ref ref = { .size = -7 };
		struct blobs *b = NULL;

		folder_write(&files, "d/f", "x");
		CHECK_INT(symlinkat("d/f", files.fd, "link"), 0);
		CHECK_INT(mkfifoat(files.fd, "fifo", 0600), 0);
		CHECK_INT(kinds[i].open(&store, &b), 0);
		CHECK_INT(blobs_put_at(b, files.fd, "d", &ref), -EINVAL);
		CHECK_INT(blobs_put_at(b, files.fd, "fifo", &ref), -EINVAL);
		CHECK_INT(blobs_put_at(b, files.fd, "link", &ref), -ELOOP);
		CHECK_INT(blobs_put_at(b, files.fd, "none", &ref), -ENOENT);
		CHECK_INT(blobs_put_at(b, files.fd, "../x", &ref), -EXDEV);
		CHECK_INT(blobs_put_fd(b, files.fd, &ref), -EINVAL);
		CHECK_INT(ref.size, -7);
		blobs_free(b);
		folder_remove(&store);
		folder_remove(&files);
	}
}

/* What the workers need: the group's bits under any umask, and no debris. */
static void test_folder_layout(void **state)
{
	struct folder store = folder_new();
	struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct strv names = { 0 };
	struct blobs *b = NULL;
	struct blob_ref ref;
	struct stat st;
	mode_t mask = umask(077);

	(void)state;
	folder_write(&store, "new-1-1", "left behind");
	folder_write(&store, "new-1-2", "being written");
	CHECK_INT(utimensat(store.fd, "new-1-1", old, 0), 0);
	CHECK_INT(blobs_open_dir(store.fd, &b), 0);
	CHECK_INT(blobs_put_data(b, "abc", 3, &ref), 0);
	CHECK_INT(fstatat(store.fd, "ba", &st, 0), 0);
	CHECK_INT(st.st_mode & 0777, 0750);
	CHECK_INT(fstatat(store.fd, "ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
			  &st, 0), 0);
	CHECK_INT(st.st_mode, S_IFREG | 0640);
	CHECK_INT(io_list(store.fd, ".", &names), 0);
	CHECK_INT(names.n, 2);
	CHECK_TEXT(names.v[1], "new-1-2");
	strv_release(&names);
	blobs_free(b);
	umask(mask);
	folder_remove(&store);
}

/* A blob that was cut short by somebody is made anew. */
static void test_folder_mends(void **state)
{
	static const char path[] = "ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct folder store = folder_new();
	struct blobs *b = NULL;
	struct blob_ref ref;

	(void)state;
	folder_write(&store, path, "a");
	CHECK_INT(blobs_open_dir(store.fd, &b), 0);
	CHECK_INT(blobs_put_data(b, "abc", 3, &ref), 0);
	check_text(b, &ref, "abc");
	blobs_free(b);
	folder_remove(&store);
}

static void test_table_notices(void **state)
{
	struct folder files = folder_new();
	struct blobs *b = NULL;
	struct blob_ref ref;

	(void)state;
	folder_write(&files, "f", "abc");
	CHECK_INT(blobs_new_table(&b), 0);
	CHECK_INT(blobs_put_at(b, files.fd, "f", &ref), 0);
	folder_write(&files, "f", "abcd");
	CHECK_INT(blobs_get(b, &ref.digest), -ESTALE);
	CHECK_INT(blobs_put_data(b, "abc", 3, &ref), 0);
	check_text(b, &ref, "abc");
	blobs_free(b);
	folder_remove(&files);
}

/* A package of thousands of tests takes no descriptor for each. */
static void test_table_descriptors(void **state)
{
	struct folder files = folder_new();
	struct blobs *b = NULL;
	struct blob_ref ref;
	char name[32], text[32];
	int before, after;

	(void)state;
	CHECK_INT(blobs_new_table(&b), 0);
	before = dup(0);
	close(before);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "%d", i);
		snprintf(text, sizeof(text), "text %d", i);
		folder_write(&files, name, text);
		CHECK_INT(blobs_put_at(b, files.fd, name, &ref), 0);
	}
	check_text(b, &ref, "text 299");
	after = dup(0);
	close(after);
	CHECK(after - before <= 1);
	blobs_free(b);
	folder_remove(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_and_get),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_folder_layout),
		cmocka_unit_test(test_folder_mends),
		cmocka_unit_test(test_table_notices),
		cmocka_unit_test(test_table_descriptors),
	};

	return cmocka_run_group_tests_name("blob", tests, NULL, NULL);
}
