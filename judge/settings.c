/*
 * settings.c - judge.ini
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/units.h"
#include "judge/settings.h"

#define S(field)	offsetof(struct settings, field)
#define SECOND		INT64_C(1000000)
#define DAY		(86400 * SECOND)
#define KIB		INT64_C(1024)
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define TIB		(1024 * GIB)

enum kind { KIND_NAME, KIND_TEXT, KIND_WORDS, KIND_COUNT, KIND_UID, KIND_SIZE, KIND_DURATION,
	    KIND_BOOL };

struct setting {
	const char *section, *key;
	enum kind kind;
	size_t offset;
	int64_t min, max;		/* of numbers, in the field's unit */
};

/* In the order of examples/judge.ini and judge.ini(5). */
static const struct setting settings[] = {
	{ "judge",   "contact",		KIND_TEXT,	S(contact),		0, 0 },
	{ "judge",   "user",		KIND_NAME,	S(user),		0, 0 },
	{ "judge",   "worker-user",	KIND_NAME,	S(worker_user),		0, 0 },
	{ "judge",   "workers",		KIND_COUNT,	S(workers),		0, SETTINGS_MAX_WORKERS },
	{ "judge",   "retries",		KIND_COUNT,	S(retries),		0, 100 },

	{ "submit",  "settle",		KIND_DURATION,	S(settle_us),		0, DAY },
	{ "submit",  "quiet-after-fsync", KIND_DURATION, S(quiet_fsync_us),	0, DAY },
	{ "submit",  "quiet",		KIND_DURATION,	S(quiet_us),		0, DAY },
	{ "submit",  "quota",		KIND_SIZE,	S(quota_bytes),		1, TIB },
	{ "submit",  "quota-files",	KIND_COUNT,	S(quota_files),		1, 1000000000 },
	{ "submit",  "reserve",		KIND_SIZE,	S(reserve_bytes),	0, TIB },

	{ "limits",  "time",		KIND_DURATION,	S(limits.cpu_us),	1000, DAY },
	{ "limits",  "wall",		KIND_DURATION,	S(limits.wall_us),	0, DAY },
	{ "limits",  "memory",		KIND_SIZE,	S(limits.memory_bytes),	MIB, TIB },
	{ "limits",  "output",		KIND_SIZE,	S(limits.output_bytes),	1, TIB },
	{ "limits",  "processes",	KIND_COUNT,	S(limits.processes),	1, 100000 },
	{ "limits",  "files",		KIND_COUNT,	S(limits.files),	1, 100000000 },
	{ "limits",  "source",		KIND_SIZE,	S(limits.source_bytes),	1, GIB },
	{ "limits",  "compile-time",	KIND_DURATION,	S(limits.compile_time_us), 1000, DAY },
	{ "limits",  "compile-memory",	KIND_SIZE,	S(limits.compile_memory_bytes), MIB, TIB },
	{ "limits",  "check-time",	KIND_DURATION,	S(limits.check_time_us), 1000, DAY },
	{ "limits",  "check-memory",	KIND_SIZE,	S(limits.check_memory_bytes), MIB, TIB },
	{ "limits",  "check-output",	KIND_SIZE,	S(limits.check_output_bytes), 1, TIB },
	{ "limits",  "confirm",		KIND_COUNT,	S(limits.confirm),	0, LIMITS_MAX_CONFIRM },
	{ "limits",  "confirm-percent",	KIND_COUNT,	S(limits.confirm_percent), 1, 100 },

	{ "compile", "prepare",		KIND_BOOL,	S(prepare),		0, 0 },
	{ "compile", "cache",		KIND_SIZE,	S(cache_bytes),		0, TIB },

	{ "sandbox", "cgroup",		KIND_NAME,	S(cgroup),		0, 0 },
	{ "sandbox", "first-uid",	KIND_UID,	S(box.first_uid),	1000, 0x7fffffff - BOX_SLOTS * BOX_CELLS_MAX },
	{ "sandbox", "pin",		KIND_BOOL,	S(pin),			0, 0 },
	{ "sandbox", "binds",		KIND_WORDS,	S(box.binds),		0, 0 },
	{ "sandbox", "max-time",	KIND_DURATION,	S(box.max_cpu_us),	1000, DAY },
	{ "sandbox", "max-wall",	KIND_DURATION,	S(box.max_wall_us),	1000, DAY },
	{ "sandbox", "max-memory",	KIND_SIZE,	S(box.max_memory_bytes), MIB, TIB },
	{ "sandbox", "max-output",	KIND_SIZE,	S(box.max_output_bytes), 1, TIB },
	{ "sandbox", "max-processes",	KIND_COUNT,	S(box.max_processes),	1, 100000 },
	{ "sandbox", "max-files",	KIND_COUNT,	S(box.max_files),	1, 100000000 },
	{ "sandbox", "max-disk",	KIND_SIZE,	S(box.max_disk_bytes),	1, TIB },
};

static const struct setting *setting_find(const char *section, const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcmp(settings[i].section, section) == 0 && strcmp(settings[i].key, key) == 0)
			return &settings[i];
	return NULL;
}

/* ------------------------------------------------------------- values as text */

struct unit_name {
	int64_t amount;
	const char *name;
};

/* In the greatest unit that leaves a whole number. */
static void print_units(int64_t n, const struct unit_name *units, size_t count, struct buf *ret)
{
	size_t i = 0;

	while (i + 1 < count && (n == 0 || n % units[i].amount != 0))
		i++;
	buf_printf(ret, "%lld%s", (long long)(n / units[i].amount), units[i].name);
}

static void print_duration(int64_t us, struct buf *ret)
{
	static const struct unit_name units[] = {
		{ 3600 * SECOND, "h" }, { 60 * SECOND, "min" }, { SECOND, "s" },
		{ SECOND / 1000, "ms" }, { 1, "us" },
	};

	if (us == 0)
		buf_puts(ret, "0s");
	else
		print_units(us, units, ARRAY_SIZE(units), ret);
}

static void print_size(int64_t bytes, struct buf *ret)
{
	static const struct unit_name units[] = {
		{ TIB, "TiB" }, { GIB, "GiB" }, { MIB, "MiB" }, { KIB, "KiB" }, { 1, "" },
	};

	print_units(bytes, units, ARRAY_SIZE(units), ret);
}

static void print_words(const struct strv *words, struct buf *ret)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *quote = strpbrk(words->v[i], " \t") ? "'" : "";

		buf_printf(ret, "%s%s%s%s", i > 0 ? " " : "", quote, words->v[i], quote);
	}
}

static void print_number(enum kind kind, int64_t n, struct buf *ret)
{
	if (kind == KIND_SIZE)
		print_size(n, ret);
	else if (kind == KIND_DURATION)
		print_duration(n, ret);
	else
		buf_printf(ret, "%lld", (long long)n);
}

static void print_value(enum kind kind, const void *field, struct buf *ret)
{
	switch (kind) {
	case KIND_NAME:
	case KIND_TEXT:
		buf_puts(ret, *(char *const *)field);
		break;
	case KIND_WORDS:
		print_words(field, ret);
		break;
	case KIND_UID:
		print_number(kind, *(const uid_t *)field, ret);
		break;
	case KIND_BOOL:
		buf_puts(ret, *(const bool *)field ? "yes" : "no");
		break;
	case KIND_COUNT:
	case KIND_SIZE:
	case KIND_DURATION:
		print_number(kind, *(const int64_t *)field, ret);
		break;
	}
}

void settings_print(const struct settings *s, struct buf *ret)
{
	const char *section = "";

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *k = &settings[i];

		if (strcmp(section, k->section) != 0)
			buf_printf(ret, "%s[%s]\n", i > 0 ? "\n" : "", k->section);
		section = k->section;
		buf_printf(ret, "%s = ", k->key);
		print_value(k->kind, (const char *)s + k->offset, ret);
		buf_puts(ret, "\n");
	}
}

/* ------------------------------------------------------------- text as values */

/* Names become a user's, or a folder's below a cgroup. */
static int parse_name(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t len = strlen(text);

	if (len == 0 || len > 63 || strspn(text, allowed) != len || text[0] == '.' || text[0] == '-')
		return diag_fail(diag, -EINVAL, "%s: '%s' is no name of letters, digits, '_', '-'",
				 at->key, text);
	return config_text(text, ret, at, diag);
}

static int parse_number(const struct setting *k, const char *text, const struct config_at *at,
			struct diag *diag, int64_t *ret)
{
	static config_parse_fn *const parsers[] = {
		[KIND_COUNT] = config_count,	[KIND_UID] = config_count,
		[KIND_SIZE] = config_size,	[KIND_DURATION] = config_duration,
	};
	struct buf min = { 0 }, max = { 0 };
	int64_t n;
	int r;

	r = parsers[k->kind](text, &n, at, diag);
	if (r < 0)
		return r;
	if (n < k->min || n > k->max) {
		print_number(k->kind, k->min, &min);
		print_number(k->kind, k->max, &max);
		r = diag_fail(diag, -EINVAL, "%s: %s is not between %s and %s", k->key, text,
			      buf_text(&min), buf_text(&max));
		buf_release(&min);
		buf_release(&max);
		return r;
	}
	*ret = n;
	return 0;
}

/* One parser for all keys: the row says the kind and the range. */
static int parse_setting(const char *text, void *ret, const struct config_at *at,
			 struct diag *diag)
{
	const struct setting *k = setting_find(at->section, at->key);
	int64_t n = 0;
	int r;

	switch (k->kind) {
	case KIND_NAME:
		return parse_name(text, ret, at, diag);
	case KIND_TEXT:
		return config_text(text, ret, at, diag);
	case KIND_WORDS:
		return config_words(text, ret, at, diag);
	case KIND_BOOL:
		return config_bool(text, ret, at, diag);
	case KIND_UID:
		r = parse_number(k, text, at, diag, &n);
		if (r == 0)
			*(uid_t *)ret = (uid_t)n;
		return r;
	case KIND_COUNT:
	case KIND_SIZE:
	case KIND_DURATION:
		return parse_number(k, text, at, diag, ret);
	}
	return -EINVAL;
}

/* ------------------------------------------------------------- the whole */

static int settings_init(struct settings *s)
{
	int r;

	*s = (struct settings) {
		.contact = strdup(""),
		.user = strdup("judgefs"),
		.worker_user = strdup("judgefs-worker"),
		.retries = 3,
		.settle_us = 2 * SECOND,
		.quiet_fsync_us = SECOND / 5,
		.quiet_us = 2 * SECOND,
		.quota_bytes = 64 * MIB,
		.quota_files = 4096,
		.reserve_bytes = 256 * MIB,
		.prepare = true,
		.cache_bytes = GIB,
		.pin = true,
	};
	limits_default(&s->limits);
	r = box_settings_default(&s->box);
	if (r < 0)
		return r;
	s->cgroup = strdup(s->box.cgroup ? s->box.cgroup : "judgefs");
	if (!s->contact || !s->user || !s->worker_user || !s->cgroup)
		return -ENOMEM;
	return 0;
}

/* What no single line is to blame for. */
static int settings_check(const struct settings *s, const char *file, struct diag *diag)
{
	static const struct { const char *key; size_t limit; const char *max_key; size_t max; } pairs[] = {
		{ "time",	S(limits.cpu_us),	"max-time",	S(box.max_cpu_us) },
		{ "wall",	S(limits.wall_us),	"max-wall",	S(box.max_wall_us) },
		{ "memory",	S(limits.memory_bytes),	"max-memory",	S(box.max_memory_bytes) },
		{ "output",	S(limits.output_bytes),	"max-output",	S(box.max_output_bytes) },
		{ "processes",	S(limits.processes),	"max-processes", S(box.max_processes) },
		{ "files",	S(limits.files),	"max-files",	S(box.max_files) },
		{ "compile-time", S(limits.compile_time_us), "max-time", S(box.max_cpu_us) },
		{ "compile-memory", S(limits.compile_memory_bytes), "max-memory",
			S(box.max_memory_bytes) },
		{ "check-time",	S(limits.check_time_us), "max-time",	S(box.max_cpu_us) },
		{ "check-memory", S(limits.check_memory_bytes), "max-memory",
			S(box.max_memory_bytes) },
		{ "check-output", S(limits.check_output_bytes), "max-output",
			S(box.max_output_bytes) },
	};

	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		int64_t limit = *(const int64_t *)((const char *)s + pairs[i].limit);
		int64_t max = *(const int64_t *)((const char *)s + pairs[i].max);

		if (limit <= max)
			continue;
		r = diag_fail(diag, -EINVAL, "%s: [limits] %s is more than [sandbox] %s",
			      file, pairs[i].key, pairs[i].max_key);
		if (!diag_collected(diag))
			return r;
	}
	if (strcmp(s->user, s->worker_user) == 0)
		r = diag_fail(diag, -EINVAL, "%s: [judge] user and worker-user are the same", file);
	return r;
}

static int settings_read(int statefd, const char *text, const char *file, struct settings *ret,
			 struct diag *diag)
{
	struct config_key keys[ARRAY_SIZE(settings)];
	struct settings s = { 0 };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		keys[i] = (struct config_key) { settings[i].section, settings[i].key, parse_setting,
						settings[i].offset };
	r = settings_init(&s);
	if (r < 0)
		goto out;
	r = text ? config_read_text(text, file, keys, ARRAY_SIZE(keys), &s, diag) :
		   config_read_at(statefd, file, keys, ARRAY_SIZE(keys), &s, diag);
	if (r == -ENOENT && !text)
		r = 0;
	if (r == 0)
		r = settings_check(&s, file, diag);
	if (r < 0)
		goto out;
	s.box.cgroup = s.cgroup;
	*ret = s;
	s = (struct settings) { 0 };
out:
	settings_release(&s);
	return r;
}

int settings_load(int statefd, struct settings *ret, struct diag *diag)
{
	return settings_read(statefd, NULL, SETTINGS_FILE, ret, diag);
}

int settings_parse(const char *text, const char *file, struct settings *ret, struct diag *diag)
{
	return settings_read(-1, text, file, ret, diag);
}

void settings_release(struct settings *s)
{
	free(s->contact);
	free(s->user);
	free(s->worker_user);
	free(s->cgroup);
	box_settings_release(&s->box);
	*s = (struct settings) { 0 };
}

int settings_workers(const struct settings *s)
{
	cpu_set_t set;
	int cores = 1;

	if (s->workers > 0)
		return (int)s->workers;
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		cores = CPU_COUNT(&set);
	if (cores > 2)
		cores--;
	return cores < SETTINGS_MAX_WORKERS ? cores : SETTINGS_MAX_WORKERS;
}
