#include "sandbox/arguments.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define A(field)	offsetof(struct arguments, field)

enum kind { KIND_INT, KIND_UID, KIND_COUNT, KIND_TEXT, KIND_LIST };

static const struct {
	const char *name;
	enum kind kind;
	size_t offset;
} options[] = {
	{ "--socket",		KIND_INT,	A(sock) },
	{ "--slot",		KIND_INT,	A(slot) },
	{ "--cgroup",		KIND_TEXT,	A(settings.cgroup) },
	{ "--first-uid",	KIND_UID,	A(settings.first_uid) },
	{ "--core",		KIND_INT,	A(settings.core) },
	{ "--bind",		KIND_LIST,	A(settings.binds) },
	{ "--max-cpu",		KIND_COUNT,	A(settings.max_cpu_us) },
	{ "--max-wall",		KIND_COUNT,	A(settings.max_wall_us) },
	{ "--max-memory",	KIND_COUNT,	A(settings.max_memory_bytes) },
	{ "--max-output",	KIND_COUNT,	A(settings.max_output_bytes) },
	{ "--max-processes",	KIND_COUNT,	A(settings.max_processes) },
	{ "--max-files",	KIND_COUNT,	A(settings.max_files) },
	{ "--max-disk",		KIND_COUNT,	A(settings.max_disk_bytes) },
};

static int write_one(const char *name, enum kind kind, const void *field, struct strv *ret)
{
	const struct strv *list = field;
	char number[32] = "";
	int r;

	switch (kind) {
	case KIND_INT:			/* -1 is the default: it is left out */
		if (*(const int *)field < 0)
			return 0;
		snprintf(number, sizeof(number), "%d", *(const int *)field);
		break;
	case KIND_UID:
		snprintf(number, sizeof(number), "%u", *(const uid_t *)field);
		break;
	case KIND_COUNT:
		snprintf(number, sizeof(number), "%lld", (long long)*(const int64_t *)field);
		break;
	case KIND_TEXT:
		r = strv_add(ret, name);
		return r < 0 ? r : strv_add(ret, *(const char *const *)field);
	case KIND_LIST:
		r = 0;
		for (size_t i = 0; i < list->n && r == 0; i++) {
			r = strv_add(ret, name);
			if (r == 0)
				r = strv_add(ret, list->v[i]);
		}
		return r;
	}
	r = strv_add(ret, name);
	return r < 0 ? r : strv_add(ret, number);
}

int arguments_write(const struct arguments *a, struct strv *ret)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(options) && r == 0; i++)
		r = write_one(options[i].name, options[i].kind, (const char *)a + options[i].offset,
			      ret);
	return r;
}

static int read_one(enum kind kind, char *text, void *field)
{
	int64_t n = 0;
	int r;

	if (kind == KIND_TEXT) {
		*(const char **)field = text;
		return 0;
	}
	if (kind == KIND_LIST)
		return strv_add(field, text);
	r = parse_count(text, &n);
	if (r < 0)
		return r;
	if (kind != KIND_COUNT && n > INT_MAX)
		return -ERANGE;
	if (kind == KIND_INT)
		*(int *)field = n;
	else if (kind == KIND_UID)
		*(uid_t *)field = n;
	else
		*(int64_t *)field = n;
	return 0;
}

static int check(const struct arguments *a, struct diag *diag)
{
	const struct box_settings *s = &a->settings;

	if (a->sock < 0 || a->slot < 0)
		return diag_fail(diag, -EINVAL, "this program is started by judgefs and judgectl: it "
				 "needs --socket and --slot");
	if (a->slot >= BOX_SLOTS)
		return diag_fail(diag, -EINVAL, "slot %d: 0 to %d are possible", a->slot,
				 BOX_SLOTS - 1);
	if (s->first_uid == 0)
		return diag_fail(diag, -EINVAL, "a box can not run as root: --first-uid is missing");
	if (!s->cgroup || !*s->cgroup || strchr(s->cgroup, '/') || s->cgroup[0] == '.' ||
	    strlen(s->cgroup) > 60)
		return diag_fail(diag, -EINVAL, "--cgroup needs a plain name");
	return 0;
}

int arguments_read(int argc, char **argv, struct arguments *ret, struct diag *diag)
{
	ret->settings.core = -1;
	for (int at = 1; at < argc; at += 2) {
		size_t i = 0;
		int r;

		while (i < ARRAY_SIZE(options) && strcmp(options[i].name, argv[at]) != 0)
			i++;
		if (i == ARRAY_SIZE(options))
			return diag_fail(diag, -EINVAL, "unknown option '%s'", argv[at]);
		if (at + 1 == argc)
			return diag_fail(diag, -EINVAL, "%s needs a value", argv[at]);
		r = read_one(options[i].kind, argv[at + 1], (char *)ret + options[i].offset);
		if (r < 0)
			return diag_fail(diag, r, "%s '%s'", argv[at], argv[at + 1]);
	}
	return check(ret, diag);
}

void arguments_release(struct arguments *a)
{
	strv_release(&a->settings.binds);
}
