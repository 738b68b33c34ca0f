/* judge/link.c: frames whole and in pieces, names as text, who is there */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/io.h"
#include "judge/link.h"

static void pair(struct link *l, int *ret_other)
{
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	link_init(l, fds[0]);
	*ret_other = fds[1];
}

static int64_t number(json_t *o)
{
	int64_t n = -7;

	CHECK_INT(json_get_int(o, "n", &n, NULL), 0);
	json_decref(o);
	return n;
}

static void test_pieces(void **state)
{
	struct buf frames = { 0 };
	struct link l;
	json_t *o = NULL;
	int other, got = 0;

	(void)state;
	pair(&l, &other);
	for (int i = 0; i < 3; i++) {
		char text[32];

		snprintf(text, sizeof(text), "{\"n\":%d}", i);
		CHECK_INT(msg_put(&frames, text, strlen(text)), 0);
	}
	/* A byte at a time: every frame comes as soon as it is whole, not before. */
	for (size_t i = 0; i < frames.len; i++) {
		CHECK_INT(io_write(other, frames.data + i, 1), 0);
		CHECK_INT(link_fill(&l), 0);
		while (link_next(&l, &o) == 1)
			CHECK_INT(number(o), got++);
		CHECK_INT(got, (i + 1) / (frames.len / 3));
	}
	/* All at once. */
	CHECK_INT(io_write(other, frames.data, frames.len), 0);
	CHECK_INT(link_fill(&l), 0);
	for (got = 0; link_next(&l, &o) == 1; got++)
		CHECK_INT(number(o), got);
	CHECK_INT(got, 3);
	CHECK_INT(link_fill(&l), 0);		/* nothing there: no waiting */
	close(other);
	CHECK_INT(link_fill(&l), -EPIPE);
	link_release(&l);
	buf_release(&frames);
}

static const struct { const char *bytes; size_t len; } bad[] = {
	{ "nonsense", 8 },
	{ "1mfj\xff\xff\xff\xff", 8 },		/* 4 GiB */
	{ "1mfj\x02\0\0\0{]", 10 },
	{ "1mfj\x01\0\0\0x", 9 },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_t *o = NULL;
		struct link l;
		int other;

		pair(&l, &other);
		CHECK_INT(io_write(other, bad[i].bytes, bad[i].len), 0);
		CHECK_INT(link_fill(&l), 0);
		CHECK_INT(link_next(&l, &o), -EBADMSG);
		CHECK(o == NULL);
		close(other);
		link_release(&l);
	}
}

/* Who does not read makes nobody wait, and gets all of it once it does. */
static void test_slow_reader(void **state)
{
	size_t len = 3 << 20;
	char *text = malloc(len + 1);
	json_t *o = NULL;
	struct link l;
	struct buf got = { 0 };
	char chunk[65536];
	int other;

	(void)state;
	memset(text, ' ', len);
	memcpy(text, "{\"n\":1", 6);
	text[len - 1] = '}';
	pair(&l, &other);
	CHECK(!link_waiting(&l));
	CHECK_INT(link_put(&l, text, len), 0);
	CHECK(link_waiting(&l));
	while (got.len < len + MSG_HEADER_BYTES) {
		ssize_t n = recv(other, chunk, sizeof(chunk), 0);

		CHECK(n > 0);
		buf_add(&got, chunk, n);
		CHECK_INT(link_flush(&l), 0);
	}
	CHECK(!link_waiting(&l));
	CHECK_INT(got.len, len + MSG_HEADER_BYTES);
	CHECK_INT(json_parse(got.data + MSG_HEADER_BYTES, len, &o, NULL), 0);
	CHECK_INT(number(o), 1);
	close(other);
	CHECK_INT(link_put(&l, "{}", 2), -EPIPE);
	link_release(&l);
	buf_release(&got);
	free(text);
}

static const char *const names[] = { "a.c", "", "\xff\xfe \n\"'", "\xc3\xa4.cpp" };
static const char *const bad_hex[] = { "a", "0g", "61 ", "00", "6", "A1" };

/* What it is told and does not read must not pile up for ever. */
static void test_no_reader(void **state)
{
	size_t len = 16 << 20;
	char *text = calloc(1, len);
	struct link l;
	int other, r = 0, n = 0;

	(void)state;
	pair(&l, &other);
	while (n < 64 && r == 0) {
		r = link_put(&l, text, len);
		n++;
	}
	CHECK_INT(r, -ENOBUFS);
	link_release(&l);
	close(other);
	free(text);
}

static void test_hex(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct buf hex = { 0 }, back = { 0 };

		link_hex(&hex, names[i]);
		CHECK_INT(link_unhex(buf_text(&hex), &back), 0);
		CHECK_TEXT(buf_text(&back), names[i]);
		buf_release(&hex);
		buf_release(&back);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_hex); i++) {
		struct buf back = { 0 };

		CHECK_INT(link_unhex(bad_hex[i], &back), -EBADMSG);
		buf_release(&back);
	}
}

static void test_connect(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char path[64], *text = NULL;
	struct diag diag = { "" };
	json_t *o = NULL;
	uid_t uid = 12345;
	int dir, listener, one, other;

	(void)state;
	snprintf(path, sizeof(path), "%s/link-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	CHECK(mkdtemp(path) != NULL);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(dir >= 0);
	CHECK_INT(link_connect(dir, "worker", 3, 0, &diag), -ENOENT);
	CHECK_HAS(diag.text, "run/sched");
	CHECK_INT(mkdirat(dir, "run", 0700), 0);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/sched", path);
	CHECK_INT(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_INT(link_connect(dir, "worker", 3, 60000, &diag), -ECONNREFUSED);
	CHECK_INT(listen(listener, 5), 0);
	one = link_connect(dir, "worker", 3, 0, &diag);
	CHECK(one >= 0);
	other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	CHECK(other >= 0);
	CHECK_INT(link_peer(other, &uid), 0);
	CHECK_INT(uid, getuid());
	CHECK_INT(link_recv(other, &o, &diag), 0);
	CHECK_INT(json_get_text(o, "role", &text, NULL), 0);
	CHECK_TEXT(text, "worker");
	free(text);
	json_decref(o);
	close(one);
	CHECK_INT(link_recv(other, &o, &diag), -EPIPE);
	close(other);
	close(listener);
	CHECK_INT(unlinkat(dir, "run/sched", 0), 0);
	CHECK_INT(unlinkat(dir, "run", AT_REMOVEDIR), 0);
	close(dir);
	CHECK_INT(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_no_reader),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
