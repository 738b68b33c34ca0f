/* base/: units, buffers, words, the config table, frames, files */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/digest.h"
#include "base/io.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/strv.h"
#include "base/units.h"

struct number_row { const char *text; int r; int64_t value; };

static const struct number_row sizes[] = {
	{ "0", 0, 0 },			{ "64K", 0, 65536 },
	{ "64KiB", 0, 65536 },		{ "64kb", 0, 65536 },
	{ "1.5G", 0, 1610612736 },	{ "2 MiB", 0, 2097152 },
	{ "", -EINVAL, 0 },		{ "-1", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },		{ " 1", -EINVAL, 0 },
	{ "1Q", -EINVAL, 0 },		{ "1.", -EINVAL, 0 },
	{ "1K ", -EINVAL, 0 },		{ "9223372036854775807", 0, INT64_MAX },
	{ "9223372036854775808", -ERANGE, 0 },	{ "9223372036854775807K", -ERANGE, 0 },
};

static const struct number_row durations[] = {
	{ "2", 0, 2000000 },		{ "2s", 0, 2000000 },
	{ "500ms", 0, 500000 },		{ "1.5s", 0, 1500000 },
	{ "1min", 0, 60000000 },	{ "7us", 0, 7 },
	{ "1d", 0, INT64_C(86400000000) },	{ "2x", -EINVAL, 0 },
	{ "nan", -EINVAL, 0 },		{ "1e3", -EINVAL, 0 },
};

static void check_numbers(int (*parse)(const char *, int64_t *), const struct number_row *rows,
			  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t got = -7;

		CHECK_INT(parse(rows[i].text, &got), rows[i].r);
		CHECK_INT(got, rows[i].r == 0 ? rows[i].value : -7);
	}
}

static void test_units(void **state)
{
	double real = -7;

	(void)state;
	check_numbers(parse_size, sizes, ARRAY_SIZE(sizes));
	check_numbers(parse_duration_us, durations, ARRAY_SIZE(durations));
	CHECK_INT(parse_real("1e-9", &real), 0);
	CHECK(real == 1e-9);
	CHECK_INT(parse_real("inf", &real), -EINVAL);
	CHECK_INT(parse_real("0x10", &real), -EINVAL);
	CHECK_INT(parse_real("1e999", &real), -ERANGE);
	CHECK(real == 1e-9);
}

static const struct { const char *text; size_t len; const char *clean, *json; } texts[] = {
	{ "plain\n\ttext", 11, "plain\n\ttext", "\"plain\\n\\u0009text\"" },
	{ "\x1b[31m", 5, "\\x1b[31m", "\"\\u001b[31m\"" },
	{ "a\"b\\", 4, "a\"b\\", "\"a\\\"b\\\\\"" },
	{ "\xc3\xa9", 2, "\xc3\xa9", "\"\xc3\xa9\"" },
	{ "\xc3", 1, "\xef\xbf\xbd", "\"\xef\xbf\xbd\"" },
	{ "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xc2\x9b" "1m", 4, "\\x9b1m", "\"\xc2\x9b" "1m\"" },
	{ "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
};

static void test_hostile_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct buf clean = { 0 }, json = { 0 };

		buf_clean(&clean, texts[i].text, texts[i].len);
		buf_json(&json, texts[i].text);
		CHECK_TEXT(buf_text(&clean), texts[i].clean);
		CHECK_TEXT(buf_text(&json), texts[i].json);
		buf_release(&clean);
		buf_release(&json);
	}
}

static void test_split(void **state)
{
	struct strv words = { 0 };

	(void)state;
	CHECK_INT(strv_split(&words, "  g++ -DX='a b' \"c \\\" d\" e\\ f '' "), 0);
	CHECK_INT(words.n, 5);
	CHECK_TEXT(words.v[1], "-DX=a b");
	CHECK_TEXT(words.v[2], "c \" d");
	CHECK_TEXT(words.v[3], "e f");
	CHECK_TEXT(words.v[4], "");
	CHECK(words.v[5] == NULL);
	CHECK_INT(strv_split(&words, "'open"), -EINVAL);
	strv_release(&words);
}

struct sample {
	char *name;
	struct strv words;
	int64_t memory_bytes;
};

static const struct config_key sample_keys[] = {
	{ "problem", "name", config_text, offsetof(struct sample, name) },
	{ "problem", "words", config_words, offsetof(struct sample, words) },
	{ "limits *", "memory", config_size, offsetof(struct sample, memory_bytes) },
};

static const struct { const char *text, *why; } bad_configs[] = {
	{ "[problem]\nnmae = x\n", "f.ini:2: unknown key 'nmae' in [problem]" },
	{ "[oops]\nname = x\n", "f.ini:2: unknown section [oops]" },
	{ "\n\n[limits c]\nmemory = lots\n", "f.ini:4: memory: 'lots' is no size" },
	{ "[problem]\nname\n", "f.ini:2: neither [section] nor key = value" },
	{ "[problem]\nname = a\nname = b\n", "f.ini:3: key 'name' is given twice" },
	{ "[problem]\nwords = 'a\n", "f.ini:2: a quote is left open" },
	{ "[problem\nname = a\n", "f.ini:1: a [section] without" },
	{ "[limits c]\nmemory = 1M\nbad = 1\nworse = 2\n", "f.ini:3: unknown key 'bad'" },
};

static int read_sample(const char *text, struct sample *s, struct diag *diag)
{
	return config_read_text(text, "f.ini", sample_keys, ARRAY_SIZE(sample_keys), s, diag);
}

static void test_config(void **state)
{
	struct sample s = { 0 };
	struct diag diag = { "" };

	(void)state;
	CHECK_INT(read_sample("; note\n[problem]\nname = A B ; note\nwords = a\n  'b c'\n"
			      "[limits cpp17]\nmemory=2M", &s, &diag), 0);
	CHECK_TEXT(s.name, "A B");
	CHECK_INT(s.words.n, 2);
	CHECK_TEXT(s.words.v[1], "b c");
	CHECK_INT(s.memory_bytes, 2 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(bad_configs); i++) {
		diag.text[0] = '\0';
		CHECK_INT(read_sample(bad_configs[i].text, &s, &diag), -EINVAL);
		CHECK_HAS(diag.text, bad_configs[i].why);
	}
	free(s.name);
	strv_release(&s.words);
}

static void test_config_long_line(void **state)
{
	char text[5000] = "[problem]\nname = ";
	struct sample s = { 0 };
	struct diag diag = { "" };

	(void)state;
	memset(text + strlen(text), 'x', 4000);
	CHECK_INT(read_sample(text, &s, &diag), -EINVAL);
	CHECK_HAS(diag.text, "f.ini:2: line too long");
	CHECK(s.name == NULL);
}

static void test_msg(void **state)
{
	static char big[60000];
	struct msg m = { 0 };
	struct stat a, b;
	int pair[2], fd = io_memfd("x", "hello", 5);

	(void)state;
	CHECK(fd >= 0);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	memset(big, 'b', sizeof(big));
	CHECK_INT(msg_send(pair[0], "one", 3, &fd, 1), 0);
	CHECK_INT(msg_send(pair[0], "", 0, NULL, 0), 0);
	CHECK_INT(msg_send(pair[0], big, sizeof(big), NULL, 0), 0);
	CHECK_INT(msg_recv(pair[1], &m), 0);
	CHECK_TEXT(buf_text(&m.body), "one");
	CHECK_INT(m.nfds, 1);
	CHECK_INT(fstat(fd, &a) | fstat(m.fds[0], &b), 0);
	CHECK_INT(a.st_ino, b.st_ino);
	CHECK_INT(msg_recv(pair[1], &m), 0);
	CHECK_INT(m.body.len + m.nfds, 0);
	CHECK_INT(msg_recv(pair[1], &m), 0);
	CHECK_INT(m.body.len, sizeof(big));
	CHECK_INT(write(pair[0], "garbage!", 8), 8);
	CHECK_INT(msg_recv(pair[1], &m), -EBADMSG);
	close(pair[0]);
	CHECK_INT(msg_recv(pair[1], &m), -EPIPE);
	msg_release(&m);
	close(pair[1]);
	close(fd);
}

static void test_files(void **state)
{
	char dir[] = "/tmp/judgefs-test-XXXXXX";
	struct strv names = { 0 };
	struct buf text = { 0 };
	int64_t size;
	int dirfd;

	(void)state;
	CHECK(mkdtemp(dir) != NULL);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dirfd >= 0);
	CHECK_INT(io_write_at(dirfd, "b", "data", 4, 0644), 0);
	CHECK_INT(io_mkdir(dirfd, "a", 0755), 0);
	CHECK_INT(io_mkdir(dirfd, "a", 0755), 0);
	CHECK_INT(symlinkat("b", dirfd, "link"), 0);
	CHECK_INT(symlinkat("/etc", dirfd, "etc"), 0);
	CHECK_INT(mkfifoat(dirfd, "fifo", 0600), 0);
	CHECK_INT(io_list(dirfd, ".", &names), 0);
	CHECK_INT(names.n, 5);
	CHECK_TEXT(names.v[0], "a");
	CHECK_INT(io_read_at(dirfd, "b", 4, &text), 0);
	CHECK_TEXT(buf_text(&text), "data");
	CHECK_INT(io_read_at(dirfd, "b", 3, &text), -EFBIG);
	/* Nothing leads out, and a FIFO does not block. */
	CHECK_INT(io_open_regular(dirfd, "link", &size), -ELOOP);
	CHECK_INT(io_open_regular(dirfd, "etc/passwd", &size), -ELOOP);
	CHECK_INT(io_open_regular(dirfd, "../../etc/passwd", &size), -EXDEV);
	CHECK_INT(io_open_regular(dirfd, "fifo", &size), -EINVAL);
	CHECK_INT(io_open_regular(dirfd, "a", &size), -EINVAL);
	close(dirfd);
	CHECK_INT(io_remove_tree(AT_FDCWD, dir), 0);
	CHECK_INT(access(dir, F_OK), -1);
	CHECK_INT(access("/etc/passwd", F_OK), 0);
	strv_release(&names);
	buf_release(&text);
}

static void test_digest(void **state)
{
	/* FIPS 180-4, "abc" */
	const char *abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct digest d;
	int64_t size;
	int fd = io_memfd("x", "abc", 3);

	(void)state;
	CHECK_INT(digest_fd(fd, &d, &size), 0);
	CHECK_TEXT(d.hex, abc);
	CHECK_INT(size, 3);
	CHECK_INT(digest_data("abc", 3, &d), 0);
	CHECK_TEXT(d.hex, abc);
	CHECK(digest_valid(abc));
	CHECK(!digest_valid("../../../../etc/passwd"));
	close(fd);
}

static void test_json(void **state)
{
	const char *text = "{\"n\": 3, \"t\": \"x\", \"w\": [\"a\", \"b\"], \"z\": null, \"m\": [1]}";
	struct diag diag = { "" };
	struct strv words = { 0 };
	int64_t n = 0, missing = -7;
	char *t = NULL;
	json_t *o;

	(void)state;
	CHECK_INT(json_parse(text, strlen(text), &o, &diag), 0);
	CHECK_INT(json_get_int(o, "n", &n, &diag), 0);
	CHECK_INT(n, 3);
	CHECK_INT(json_get_int(o, "z", &missing, &diag), 0);
	CHECK_INT(missing, -7);
	CHECK_INT(json_get_text(o, "t", &t, &diag), 0);
	CHECK_TEXT(t, "x");
	CHECK_INT(json_get_words(o, "w", &words, &diag), 0);
	CHECK_INT(words.n, 2);
	CHECK_INT(json_get_int(o, "t", &n, &diag), -EINVAL);
	CHECK_HAS(diag.text, "\"t\" is not a whole number");
	CHECK_INT(json_get_words(o, "m", &words, &diag), -EINVAL);
	CHECK_INT(words.n, 2);
	json_decref(o);
	CHECK_INT(json_parse("{", 1, &o, &diag), -EINVAL);
	CHECK_HAS(diag.text, "line 1");
	strv_release(&words);
	free(t);
}

static void test_clock(void **state)
{
	static const struct { int64_t s, ns, us; } times[] = {
		{ 0, 0, 0 },		{ 1, 1999, 1000001 },	{ -1, 999999000, -1 },
		{ INT64_MAX, 0, INT64_MAX },	{ INT64_MIN, 0, INT64_MIN },
		{ INT64_MAX / 1000000, 999999999, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct timespec t = { times[i].s, times[i].ns };

		CHECK_INT(clock_us(t), times[i].us);
		t = clock_timespec(times[i].us);
		CHECK(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
		CHECK_INT(clock_us(t), times[i].us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_split),		cmocka_unit_test(test_config),
		cmocka_unit_test(test_config_long_line),	cmocka_unit_test(test_msg),
		cmocka_unit_test(test_files),		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_json),		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
