/*
 * wire, arguments: what the parts of the sandbox tell each other
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "sandbox/arguments.h"
#include "sandbox/wire.h"
#include "tests/unit/check.h"

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void pair_new(int pair[2])
{
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

/* ------------------------------------------------------------------------ wire */

static struct box_spec example_spec(void)
{
	struct box_spec s = {
		.profile = "run", .exe_fd = -1, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1,
		.cancel_fd = -1, .linger_us = 77, .patience = 3, .collect = true,
		.limits = { 1, 2, 3, 4, 5, 6, INT64_MAX },
	};

	CHECK_INT(strv_add(&s.argv, "./a b"), 0);
	CHECK_INT(strv_add(&s.argv, ""), 0);
	CHECK_INT(strv_add(&s.env, "A=ü"), 0);
	return s;
}

static void release(struct box_spec *s)
{
	strv_release(&s->argv);
	strv_release(&s->env);
}

/* Send @spec, and read it as judgefs-box does. */
static int through(const struct box_spec *spec, struct box_spec *ret)
{
	struct msg m = { 0 };
	int pair[2], r;
	size_t more = 0;
	struct wire w;

	pair_new(pair);
	CHECK_INT(wire_send_spec(pair[0], spec, 3), 0);
	CHECK_INT(msg_recv(pair[1], &m), 0);
	w = wire_open(&m);
	CHECK_INT(wire_int(&w), WIRE_RUN);
	r = wire_read_spec(pair[1], &w, &m, ret, &more);
	CHECK_INT(more, 3);
	msg_release(&m);
	io_close(pair[0]);
	io_close(pair[1]);
	return r;
}

static void test_spec(void **state)
{
	struct box_spec sent = example_spec(), got = { 0 };
	int before = open_fds();

	(void)state;
	sent.stdin_fd = 0;
	sent.stderr_fd = 2;
	CHECK_INT(through(&sent, &got), 0);
	CHECK_TEXT(got.profile, "run");
	CHECK_INT(got.argv.n, 2);
	CHECK_TEXT(got.argv.v[0], "./a b");
	CHECK_TEXT(got.argv.v[1], "");
	CHECK_TEXT(got.env.v[0], "A=ü");
	CHECK_INT(got.exe_fd, -1);
	CHECK(got.stdin_fd > 2);
	CHECK_INT(got.stdout_fd, -1);
	CHECK(got.stderr_fd > 2);
	CHECK(got.collect);
	CHECK_INT(got.linger_us, 77);
	CHECK_INT(got.patience, 3);
	CHECK(memcmp(&got.limits, &sent.limits, sizeof(got.limits)) == 0);
	wire_spec_release(&got);
	CHECK_INT(open_fds(), before);
	release(&sent);
}

/* More files than a frame has room for descriptors, and folders without one. */
static void test_files(void **state)
{
	struct box_spec sent = example_spec(), got = { 0 };
	struct box_file files[150];
	int before = open_fds();
	char names[150][16];

	(void)state;
	for (int i = 0; i < 150; i++) {
		snprintf(names[i], sizeof(names[i]), "d/%d", i);
		files[i] = (struct box_file){ .name = names[i], .fd = i % 3 ? 0 : -1,
					      .mode = i % 3 ? 0444 : S_IFDIR | 0777, .size = i };
	}
	sent.files = files;
	sent.nfiles = 150;
	CHECK_INT(through(&sent, &got), 0);
	CHECK_INT(got.nfiles, 150);
	for (int i = 0; i < 150; i++) {
		CHECK_TEXT(got.files[i].name, names[i]);
		CHECK_INT(got.files[i].fd >= 0, i % 3 != 0);
		CHECK_INT(got.files[i].mode, files[i].mode);
		CHECK_INT(got.files[i].size, i);
	}
	wire_spec_release(&got);
	CHECK_INT(open_fds(), before);
	release(&sent);
}

static int read_body(const char *data, size_t len, const int *fds, size_t nfds)
{
	struct box_spec got = { 0 };
	struct msg m = { 0 };
	struct wire w;
	size_t more;
	int r;

	buf_add(&m.body, data, len);
	for (size_t i = 0; i < nfds; i++)
		m.fds[m.nfds++] = dup(fds[i]);
	w = wire_open(&m);
	wire_int(&w);
	r = wire_read_spec(-1, &w, &m, &got, &more);
	if (r == 0)
		wire_spec_release(&got);
	msg_release(&m);
	return r;
}

/* A frame that ends early, anywhere; one that has more; a number changed to nonsense. */
static void test_bad_frames(void **state)
{
	static const int64_t nonsense[] = { -1, INT64_MAX, INT64_MIN, 1 << 30, 5 };
	struct box_spec sent = example_spec();
	int before = open_fds(), pair[2];
	struct msg m = { 0 };
	char *copy;

	(void)state;
	pair_new(pair);
	CHECK_INT(wire_send_spec(pair[0], &sent, 0), 0);
	CHECK_INT(msg_recv(pair[1], &m), 0);
	io_close(pair[0]);
	io_close(pair[1]);
	CHECK_INT(read_body(m.body.data, m.body.len, NULL, 0), 0);
	for (size_t len = sizeof(int64_t); len < m.body.len; len++)
		CHECK_INT(read_body(m.body.data, len, NULL, 0), -EBADMSG);
	CHECK_INT(read_body(m.body.data, m.body.len, (int[]){ 0 }, 1), -EBADMSG);

	copy = malloc(m.body.len + 8);
	memcpy(copy, m.body.data, m.body.len);
	memset(copy + m.body.len, 0, 8);
	CHECK_INT(read_body(copy, m.body.len + 8, NULL, 0), -EBADMSG);
	/* How many follow, the length of the first text, and the number of words. */
	for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
		memcpy(copy + 8, &nonsense[i], 8);
		CHECK_INT(read_body(copy, m.body.len, NULL, 0), nonsense[i] == 5 ? 0 : -EBADMSG);
		memcpy(copy + 8, m.body.data + 8, 8);
		memcpy(copy + 16, &nonsense[i], 8);
		CHECK_INT(read_body(copy, m.body.len, NULL, 0), -EBADMSG);
		memcpy(copy + 16, m.body.data + 16, 8);
		memcpy(copy + 16 + 8 + 4, &nonsense[i], 8);
		CHECK_INT(read_body(copy, m.body.len, NULL, 0), -EBADMSG);
		memcpy(copy, m.body.data, m.body.len);
	}
	free(copy);
	msg_release(&m);
	CHECK_INT(open_fds(), before);
	release(&sent);
}

static void test_report(void **state)
{
	struct box_report sent = { .end = BOX_FORBIDDEN, .code = 9, .syscall = "socket",
				   .cpu_us = 1, .wall_us = 2, .started_us = 3,
				   .ended_us = 4, .memory_bytes = INT64_C(1) << 40 };
	struct box_report got = { 0 };
	struct msg m = { 0 };
	struct wire w;
	int pair[2];

	(void)state;
	pair_new(pair);
	CHECK_INT(wire_send_report(pair[0], &sent), 0);
	sent.end = 99;
	CHECK_INT(wire_send_report(pair[0], &sent), 0);
	CHECK_INT(msg_recv(pair[1], &m), 0);
	w = wire_open(&m);
	CHECK_INT(wire_int(&w), WIRE_REPORT);
	CHECK_INT(wire_read_report(pair[1], &w, &got), 0);
	CHECK_INT(got.end, BOX_FORBIDDEN);
	CHECK_INT(got.code, 9);
	CHECK_TEXT(got.syscall, "socket");
	CHECK_INT(got.started_us, 3);
	CHECK_INT(got.ended_us, 4);
	CHECK_INT(got.memory_bytes, INT64_C(1) << 40);

	CHECK_INT(msg_recv(pair[1], &m), 0);
	w = wire_open(&m);
	wire_int(&w);
	got.code = -7;
	CHECK_INT(wire_read_report(pair[1], &w, &got), -EBADMSG);
	CHECK_INT(got.code, -7);
	msg_release(&m);
	io_close(pair[0]);
	io_close(pair[1]);
}

static void test_failure(void **state)
{
	struct diag said = { "bind '/usr': gone" }, heard = { 0 };
	int pair[2];

	(void)state;
	pair_new(pair);
	CHECK_INT(wire_send_failure(pair[0], -ENOENT, &said), 0);
	CHECK_INT(wire_expect(pair[1], WIRE_HELLO, &heard), -ENOENT);
	CHECK_TEXT(heard.text, "bind '/usr': gone");
	CHECK_INT(wire_send_failure(pair[0], 7, &said), 0);	/* no errno */
	CHECK_INT(wire_expect(pair[1], WIRE_HELLO, NULL), -EBADMSG);
	CHECK_INT(wire_send_op(pair[0], WIRE_READY), 0);
	CHECK_INT(wire_expect(pair[1], WIRE_HELLO, NULL), -EBADMSG);
	CHECK_INT(wire_send_op(pair[0], WIRE_HELLO), 0);
	CHECK_INT(wire_expect(pair[1], WIRE_HELLO, NULL), 0);
	io_close(pair[0]);
	CHECK_INT(wire_expect(pair[1], WIRE_HELLO, NULL), -EPIPE);
	io_close(pair[1]);
}

/* ------------------------------------------------------------------- arguments */

static void test_arguments(void **state)
{
	struct arguments sent = { .sock = 3, .slot = 7 }, got = { .sock = -1, .slot = -1 };
	struct strv argv = { 0 };

	(void)state;
	CHECK_INT(box_settings_default(&sent.settings), 0);
	sent.settings.core = 1;
	CHECK_INT(strv_add(&argv, "judgefs-box"), 0);
	CHECK_INT(arguments_write(&sent, &argv), 0);
	CHECK_INT(arguments_read(argv.n, argv.v, &got, NULL), 0);
	CHECK_INT(got.sock, 3);
	CHECK_INT(got.slot, 7);
	CHECK_INT(got.settings.core, 1);
	CHECK_TEXT(got.settings.cgroup, "judgefs");
	CHECK_INT(got.settings.first_uid, sent.settings.first_uid);
	CHECK_INT(got.settings.binds.n, sent.settings.binds.n);
	CHECK_TEXT(got.settings.binds.v[0], "/usr");
	CHECK_INT(got.settings.max_disk_bytes, sent.settings.max_disk_bytes);
	arguments_release(&got);
	strv_release(&argv);
	box_settings_release(&sent.settings);
}

static const struct {
	const char *line, *why;
} bad_arguments[] = {
	{ "",						"--socket" },
	{ "--socket 3 --first-uid 1 --cgroup a",	"--slot" },
	{ "--socket 3 --slot 256 --first-uid 1 --cgroup a", "256" },
	{ "--socket 3 --slot 0 --cgroup a",		"root" },
	{ "--socket 3 --slot 0 --first-uid 0 --cgroup a", "root" },
	{ "--socket 3 --slot 0 --first-uid 1",		"--cgroup" },
	{ "--socket 3 --slot 0 --first-uid 1 --cgroup ../x", "--cgroup" },
	{ "--socket 3 --slot 0 --first-uid 1 --cgroup a/b", "--cgroup" },
	{ "--socket 3 --slot",				"needs a value" },
	{ "--socket x",					"'x'" },
	{ "--slot -1",					"'-1'" },
	{ "--weaken 1",					"unknown" },
};

static void test_bad_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_arguments); i++) {
		struct arguments got = { .sock = -1, .slot = -1 };
		struct strv argv = { 0 };
		struct diag diag = { 0 };

		CHECK_INT(strv_add(&argv, "judgefs-box"), 0);
		CHECK_INT(strv_split(&argv, bad_arguments[i].line), 0);
		CHECK(arguments_read(argv.n, argv.v, &got, &diag) < 0);
		CHECK_HAS(diag.text, bad_arguments[i].why);
		arguments_release(&got);
		strv_release(&argv);
	}
}

static void test_end_names(void **state)
{
	(void)state;
	CHECK_TEXT(box_end_name(BOX_EXITED), "exited");
	CHECK_TEXT(box_end_name(BOX_NOT_STARTED), "not-started");
	CHECK_TEXT(box_end_name(99), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_bad_frames),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_bad_arguments),
		cmocka_unit_test(test_end_names),
	};

	return cmocka_run_group_tests_name("box wire", tests, NULL, NULL);
}
