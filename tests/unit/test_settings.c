/*
 * judge.ini: the table of keys, its sample and its manual page say the same;
 * what cannot be is refused with its line.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/strv.h"
#include "judge/settings.h"

static void read_file(const char *path, struct buf *ret)
{
	CHECK_INT(io_read_at(AT_FDCWD, path, 1 << 20, ret), 0);
}

static void print_defaults(struct buf *ret)
{
	struct settings s = { 0 };
	struct diag diag = { "" };

	if (settings_parse("", "none", &s, &diag) < 0)
		fail_msg("defaults: %s", diag.text);
	settings_print(&s, ret);
	settings_release(&s);
}

static void add_trimmed(struct strv *ret, char *text)
{
	for (size_t len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = '\0';
	CHECK_INT(strv_add(ret, text), 0);
}

/* "[section] key = value" of each line, in order. */
static void keys_of_ini(const char *text, struct strv *ret)
{
	char *copy = strdup(text), *save = NULL, section[64] = "", name[512];

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (line[0] == '[') {
			snprintf(section, sizeof(section), "%s", line);
		} else if (line[0] != '#' && strchr(line, '=')) {
			snprintf(name, sizeof(name), "%s %s", section, line);
			add_trimmed(ret, name);
		}
	}
	free(copy);
}

static void keys_of_manual(const char *text, struct strv *ret)
{
	static const char item[] = ".It Ic ", head[] = ".Ss ";
	char *copy = strdup(text), *save = NULL, section[64] = "", name[512];

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, head, strlen(head)) == 0) {
			snprintf(section, sizeof(section), "%s", line + strlen(head));
		} else if (strncmp(line, item, strlen(item)) == 0) {
			char *equal = strstr(line += strlen(item), " No =");

			CHECK(equal != NULL);
			*equal = '\0';
			equal += strlen(" No =");
			equal += strncmp(equal, " Ar ", 4) == 0 ? 4 : 0;
			snprintf(name, sizeof(name), "%s %s = %s", section, line, equal);
			add_trimmed(ret, name);
		}
	}
	free(copy);
}

static void check_same(const struct strv *a, const struct strv *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		CHECK_TEXT(a->v[i], b->v[i]);
	CHECK_INT(a->n, b->n);
	CHECK(a->n > 20);
}

static void test_manual_lists_every_key_with_its_default(void **state)
{
	struct strv table = { 0 }, manual = { 0 };
	struct buf printed = { 0 }, page = { 0 };

	(void)state;
	print_defaults(&printed);
	keys_of_ini(buf_text(&printed), &table);
	read_file("docs/man/judge.ini.5", &page);
	keys_of_manual(buf_text(&page), &manual);
	check_same(&table, &manual);
	strv_release(&table);
	strv_release(&manual);
	buf_release(&printed);
	buf_release(&page);
}

static void test_sample_lists_every_key_with_its_default(void **state)
{
	struct buf printed = { 0 }, sample = { 0 }, again = { 0 };
	struct strv table = { 0 }, keys = { 0 };
	struct settings s = { 0 };
	struct diag diag = { "" };

	(void)state;
	print_defaults(&printed);
	read_file("examples/judge.ini", &sample);
	keys_of_ini(buf_text(&printed), &table);
	keys_of_ini(buf_text(&sample), &keys);
	check_same(&table, &keys);
	if (settings_parse(buf_text(&sample), "examples/judge.ini", &s, &diag) < 0)
		fail_msg("%s", diag.text);
	settings_print(&s, &again);
	CHECK_TEXT(buf_text(&again), buf_text(&printed));
	settings_release(&s);
	strv_release(&table);
	strv_release(&keys);
	buf_release(&printed);
	buf_release(&sample);
	buf_release(&again);
}

static void test_printed_reads_back(void **state)
{
	static const char text[] =
		"[judge]\ncontact = Ms Li, room 12\nworkers = 3\n[submit]\nsettle = 1500us\n"
		"quota = 65537\n[limits]\nmemory = 1.5G\n[sandbox]\nfirst-uid = 90000\npin = off\n"
		"binds = /usr '/opt/a b'\ncgroup = judge-2\n";
	struct buf once = { 0 }, twice = { 0 };
	struct settings s = { 0 };
	struct diag diag = { "" };

	(void)state;
	CHECK_INT(settings_parse(text, "t", &s, &diag), 0);
	CHECK_TEXT(s.contact, "Ms Li, room 12");
	CHECK_INT(s.workers, 3);
	CHECK_INT(settings_workers(&s), 3);
	CHECK_INT(s.settle_us, 1500);
	CHECK_INT(s.quota_bytes, 65537);
	CHECK_INT(s.limits.memory_bytes, INT64_C(1536) << 20);
	CHECK_INT(s.box.first_uid, 90000);
	CHECK(!s.pin);
	CHECK_TEXT(s.box.cgroup, "judge-2");
	CHECK_INT(s.box.binds.n, 2);
	settings_print(&s, &once);
	settings_release(&s);
	CHECK_INT(settings_parse(buf_text(&once), "t", &s, &diag), 0);
	CHECK_TEXT(s.box.binds.v[1], "/opt/a b");
	settings_print(&s, &twice);
	CHECK_TEXT(buf_text(&once), buf_text(&twice));
	settings_release(&s);
	buf_release(&once);
	buf_release(&twice);
}

static const struct { const char *text, *says; } refused[] = {
	{ "[judge]\nworker = 3\n",		"t:2: unknown key 'worker' in [judge]" },
	{ "[judge]\n\n[jugde]\nworkers = 3\n",	"t:4: unknown section [jugde]" },
	{ "[judge]\nworkers = many\n",		"t:2: workers: 'many' is no whole number" },
	{ "[judge]\nworkers = -1\n",		"t:2: workers: '-1' is no whole number" },
	{ "[judge]\nworkers = 128\n",		"t:2: workers: 128 is not between 0 and 127" },
	{ "[judge]\nuser =\n",			"t:2: user: '' is no name" },
	{ "[judge]\nuser = a b\n",		"t:2: user: 'a b' is no name" },
	{ "[judge]\nuser = x\nworker-user = x\n", "t: [judge] user and worker-user are the same" },
	{ "[judge]\nworkers = 1\nworkers = 2\n", "t:3: key 'workers' is given twice" },
	{ "[limits]\ntime = 0s\n",		"t:2: time: 0s is not between 1ms and 24h" },
	{ "[limits]\ntime = 2 parsecs\n",	"t:2: time: '2 parsecs' is no time" },
	{ "[limits]\nmemory = 64XB\n",		"t:2: memory: '64XB' is no size" },
	{ "[limits]\nmemory = 1K\n",		"t:2: memory: 1K is not between 1MiB and 1TiB" },
	{ "[limits]\ntime = 2h\n",		"t: [limits] time is more than [sandbox] max-time" },
	{ "[sandbox]\nfirst-uid = 0\n",		"t:2: first-uid: 0 is not between 1000 and" },
	{ "[sandbox]\nfirst-uid = 4294967296\n", "t:2: first-uid: 4294967296 is not between" },
	{ "[sandbox]\ncgroup = ../x\n",		"t:2: cgroup: '../x' is no name" },
	{ "[sandbox]\ncgroup = .\n",		"t:2: cgroup: '.' is no name" },
	{ "[sandbox]\npin = maybe\n",		"t:2: pin: 'maybe' is neither yes nor no" },
	{ "workers = 3\n",			"t:1: 'workers' stands below no [section]" },
	{ "[judge]\nnonsense\n",		"t:2: neither [section] nor key = value" },
};

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct settings s = { .workers = -7 };
		struct diag diag = { "" };

		CHECK_INT(settings_parse(refused[i].text, "t", &s, &diag), -EINVAL);
		CHECK_HAS(diag.text, refused[i].says);
		CHECK_INT(s.workers, -7);
	}
}

static void test_every_fault_is_collected(void **state)
{
	struct settings s = { 0 };
	struct diag diag = { "" };
	struct buf faults = { 0 };

	(void)state;
	diag_collect(&faults);
	CHECK_INT(settings_parse("[judge]\nx = 1\nworkers = no\n[y]\nz = 1\n[limits]\ntime = 1s\n", "t",
				 &s, &diag), -EINVAL);
	diag_collect(NULL);
	CHECK_HAS(buf_text(&faults), "t:2: unknown key 'x'");
	CHECK_HAS(buf_text(&faults), "t:3: workers");
	CHECK_HAS(buf_text(&faults), "t:5: unknown section [y]");
	buf_release(&faults);
	diag_collect(&faults);
	CHECK_INT(settings_parse("[limits]\ntime = 2h\nmemory = 65GiB\n", "t", &s, &diag), -EINVAL);
	diag_collect(NULL);
	CHECK_HAS(buf_text(&faults), "t: [limits] time is more than [sandbox] max-time");
	CHECK_HAS(buf_text(&faults), "t: [limits] memory is more than [sandbox] max-memory");
	buf_release(&faults);
}

static void test_missing_file_is_all_defaults(void **state)
{
	char dir[] = "/tmp/judgefs-settings.XXXXXX";
	struct settings s = { 0 };
	struct diag diag = { "" };
	int fd;

	(void)state;
	CHECK(mkdtemp(dir) != NULL);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_INT(settings_load(fd, &s, &diag), 0);
	CHECK_TEXT(s.user, "judgefs");
	CHECK(settings_workers(&s) >= 1);
	settings_release(&s);
	CHECK_INT(io_write_at(fd, SETTINGS_FILE, "[judge]\nworkers = x\n", 20, 0644), 0);
	CHECK_INT(settings_load(fd, &s, &diag), -EINVAL);
	CHECK_HAS(diag.text, "judge.ini:2: ");
	io_close(fd);
	io_remove_tree(AT_FDCWD, dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual_lists_every_key_with_its_default),
		cmocka_unit_test(test_sample_lists_every_key_with_its_default),
		cmocka_unit_test(test_printed_reads_back),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_every_fault_is_collected),
		cmocka_unit_test(test_missing_file_is_all_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
