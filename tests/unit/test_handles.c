/* the page that outlives judgefs-serve */
#include "tests/unit/check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "fs/handles.h"

static int page;

static int setup(void **state)
{
	(void)state;
	page = io_memfd("handles", NULL, 0);
	return page < 0;
}

static int teardown(void **state)
{
	(void)state;
	io_close(page);
	return 0;
}

static struct handles *again(struct handles *h)
{
	struct diag diag = { "" };

	handles_close(h);
	h = NULL;
	CHECK_INT(handles_open(page, &h, &diag), 0);
	return h;
}

static uint64_t take(struct handles *h, uint64_t request, uint32_t uid, int r)
{
	struct handle want = { .node = 0x11d, .request = request, .uid = uid, .flags = 1 };
	uint64_t fh = 0;
	bool same;

	CHECK_INT(handles_take(h, &want, false, &fh, &same), r);
	CHECK(!same);
	return fh;
}

static void test_survives(void **state)
{
	struct handles *h = again(NULL);
	struct handle got;
	uint64_t a, b;

	(void)state;
	a = take(h, 4, 1000, 0);
	b = take(h, 6, 1000, 0);
	CHECK(a != b && a != 0 && b != 0);
	CHECK_INT(handles_sure(h, a), 0);
	CHECK_INT(handles_failed(h, a, EFBIG), 0);
	CHECK_INT(handles_write_for(h, a, 77), 0);

	h = again(h);
	CHECK_INT(handles_get(h, a, &got), 0);
	CHECK_INT(got.request, 4);
	CHECK_INT(got.submission, 77);
	CHECK_INT(got.error, EFBIG);
	CHECK_INT(got.flags, HANDLE_WRITER | HANDLE_SURE);
	handles_drop(h, a);
	CHECK_INT(handles_get(h, a, &got), -EBADF);
	CHECK_INT(handles_sure(h, a), -EBADF);
	CHECK_INT(handles_failed(h, a, EIO), -EBADF);
	CHECK_INT(handles_write_for(h, a, 1), -EBADF);
	handles_drop(h, a);		/* a release that is handed out again */

	h = again(h);
	CHECK_INT(handles_get(h, a, &got), -EBADF);
	CHECK_INT(handles_get(h, b, &got), 0);
	CHECK_INT(got.request, 6);
	CHECK_INT(handles_get(h, UINT64_MAX, &got), -EBADF);
	CHECK_INT(handles_get(h, 0, &got), -EBADF);
	handles_close(h);
}

/* A slot that is used again is another handle. */
static void test_generation(void **state)
{
	struct handles *h = again(NULL);
	struct handle got;
	uint64_t first, fh;

	(void)state;
	first = take(h, 2, 1, 0);
	handles_drop(h, first);
	for (int i = 0; i < HANDLES_SLOTS - HANDLES_KEPT; i++) {
		fh = take(h, 100 + i, i, 0);
		CHECK(fh != first);
	}
	CHECK_INT(handles_get(h, first, &got), -EBADF);
	take(h, 3, 1, -ENFILE);
	handles_drop(h, fh);
	take(h, 3, HANDLES_SLOTS, 0);
	handles_close(h);
}

static void test_resent(void **state)
{
	struct handle want = { .node = 0x11d, .request = 42, .uid = 1, .flags = 0 };
	struct handle other = { .node = 0x21d, .request = 42, .uid = 1, .flags = 0 };
	struct handles *h = again(NULL);
	uint64_t first, fh;
	bool same;

	(void)state;
	CHECK_INT(handles_take(h, &want, true, &first, &same), 0);
	CHECK(!same);			/* the dead server had not come so far */
	h = again(h);
	CHECK_INT(handles_take(h, &want, true, &fh, &same), 0);
	CHECK(same && fh == first);
	CHECK_INT(handles_take(h, &other, true, &fh, &same), 0);
	CHECK(!same && fh != first);
	handles_close(h);
}

static int take_all(struct handles *h, uint32_t uid)
{
	for (int n = 0;; n++) {
		struct handle want = { .node = 0x11d, .request = n, .uid = uid };
		uint64_t fh;
		bool same;
		int r = handles_take(h, &want, false, &fh, &same);

		if (r < 0) {
			CHECK(r == -EMFILE || r == -ENFILE);
			return n;
		}
	}
}

/* What is kept for the judge: nobody else gets it, and it needs no share. */
static void take_kept(struct handles *h, uint32_t uid)
{
	struct handle want = { .node = 0x21d, .uid = uid, .flags = HANDLE_JUDGE };
	uint64_t fh;
	bool same;

	for (int i = 0; i < HANDLES_KEPT; i++)
		CHECK_INT(handles_take(h, &want, false, &fh, &same), 0);
	CHECK_INT(handles_take(h, &want, false, &fh, &same), -ENFILE);
}

/* Some users open without end: the others still can. */
static void test_crowded(void **state)
{
	struct handles *h = again(NULL);
	int most = take_all(h, 7);

	(void)state;
	CHECK_INT(most, HANDLES_USER);
	for (int uid = 8; uid < 16; uid++) {
		int n = take_all(h, uid);

		CHECK(n > 0 && n <= most);
		most = n;
	}
	take(h, 1, 99, 0);
	take(h, 2, 7, -EMFILE);
	for (int uid = 100; take_all(h, uid) > 0; uid++)
		;
	take_kept(h, 7);
	handles_close(h);
}

static void test_init(void **state)
{
	static const char request[] = "the bytes of INIT";
	char too_long[HANDLES_INIT + 1] = "";
	struct handles *h = again(NULL);
	const void *got;

	(void)state;
	CHECK_INT(handles_init_request(h, &got), 0);
	CHECK_INT(handles_keep_init(h, too_long, sizeof(too_long)), -E2BIG);
	CHECK_INT(handles_init_request(h, &got), 0);
	CHECK_INT(handles_keep_init(h, request, sizeof(request)), 0);
	h = again(h);
	CHECK_INT(handles_init_request(h, &got), sizeof(request));
	CHECK(memcmp(got, request, sizeof(request)) == 0);
	handles_close(h);
}

static void test_orphans(void **state)
{
	struct taken got[HANDLES_THREADS], one = { 5, 1, 0 }, two = { 7, 0x11d, 99 };
	struct handles *h = again(NULL);

	(void)state;
	CHECK_INT(handles_newest(h), 0);
	handles_begin(h, 0, &one);
	handles_begin(h, 2, &one);
	handles_end(h, 0);
	handles_begin(h, HANDLES_THREADS - 1, &two);
	h = again(h);
	CHECK_INT(handles_orphans(h, got), 2);
	CHECK_INT(got[0].request, 5);
	CHECK_INT(got[1].request, 7);
	CHECK_INT(got[1].node, 0x11d);
	CHECK_INT(got[1].fh, 99);
	CHECK_INT(handles_orphans(h, got), 0);
	CHECK_INT(handles_newest(h), 7);
	handles_close(h);
}

static void open_and_close(struct handles *h)
{
	for (uint64_t i = 1;; i++) {
		struct handle want = { .node = i, .request = i, .submission = i, .uid = i };
		uint64_t fh;
		bool same;

		if (handles_take(h, &want, false, &fh, &same) < 0)
			_exit(1);
		if (i % 64 != 0)
			handles_drop(h, fh);
	}
}

static void count_whole(void *ctx, uint64_t fh, const struct handle *h)
{
	size_t *n = ctx;

	(void)fh;
	CHECK(h->node == h->request && h->node == h->submission && h->uid == (uint32_t)h->node);
	(*n)++;
}

/* SIGKILL at any moment: what is open is whole, and no slot is lost. */
static void test_killed(void **state)
{
	struct handles *h = NULL;
	size_t n = 0, most = 0;

	(void)state;
	for (int round = 0; round < 20; round++) {
		pid_t pid;

		h = again(h);
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0)
			open_and_close(h);
		usleep(200 * round);
		kill(pid, SIGKILL);
		CHECK_INT(waitpid(pid, NULL, 0), pid);
		n = 0;
		handles_each(h, count_whole, &n);
		CHECK(n >= most);
		most = n;
	}
	h = again(h);
	for (; n < HANDLES_SLOTS - HANDLES_KEPT; n++)
		take(h, 1, n, 0);
	take(h, 1, n, -ENFILE);
	handles_close(h);
}

static void test_versions(void **state)
{
	struct handles *h = NULL;
	struct diag diag = { "" };
	int fd;

	(void)state;
	fd = io_memfd("other", "a short page", 12);
	CHECK(fd >= 0);
	CHECK_INT(handles_open(fd, &h, &diag), -EBADMSG);
	CHECK(h == NULL);
	io_close(fd);
	h = again(NULL);
	CHECK_INT(io_pwrite(page, "other", 5, 0), 0);
	handles_close(h);
	h = NULL;
	CHECK_INT(handles_open(page, &h, &diag), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_survives, setup, teardown),
		cmocka_unit_test_setup_teardown(test_generation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_crowded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_init, setup, teardown),
		cmocka_unit_test_setup_teardown(test_orphans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_versions, setup, teardown),
	};

	return cmocka_run_group_tests_name("handles", tests, NULL, NULL);
}
