/*
 * kattis_config.c - problem.yaml
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "judge/package/kattis.h"

#define FILE_NAME	"problem.yaml"
#define SECOND		INT64_C(1000000)
#define KIB		INT64_C(1024)
#define MIB		(1024 * KIB)

/* -------------------------------------------------------------------- values */

static bool is_text(struct kattis *k, const struct ynode *n)
{
	if (n->kind == YNODE_TEXT)
		return true;
	package_fault(k->pkg, FILE_NAME, n->line, "%s: a text is expected, not %s", n->key,
		      ynode_kind_name(n->kind));
	return false;
}

static bool get_number(struct kattis *k, const struct ynode *n, double *ret)
{
	double v;

	if (!is_text(k, n))
		return false;
	if (parse_real(n->text, &v) < 0 || v <= 0 || v > 1e9) {
		package_fault(k->pkg, FILE_NAME, n->line, "%s: '%s' is no number above 0", n->key,
			      n->text);
		return false;
	}
	*ret = v;
	return true;
}

/* ---------------------------------------------------------------------- limits */

static const struct limit_key {
	const char *name;
	size_t offset;			/* of struct limits */
	int64_t unit;
	const char *bounds;		/* of limit_bounds() */
} limit_keys[] = {
	{ "memory", offsetof(struct limits, memory_bytes), MIB, "memory" },
	{ "output", offsetof(struct limits, output_bytes), MIB, "output" },
	{ "code", offsetof(struct limits, source_bytes), KIB, "source" },
	{ "compilation_time", offsetof(struct limits, compile_time_us), SECOND, "compile-time" },
	{ "compilation_memory", offsetof(struct limits, compile_memory_bytes), MIB, "compile-memory" },
	{ "validation_time", offsetof(struct limits, check_time_us), SECOND, "check-time" },
	{ "validation_memory", offsetof(struct limits, check_memory_bytes), MIB, "check-memory" },
	{ "validation_output", offsetof(struct limits, check_output_bytes), MIB, "check-output" },
};

static void get_limit(struct kattis *k, const char *file, const struct ynode *n, int64_t unit,
		      const char *bounds, int64_t *ret)
{
	const char *words;
	double v;

	if (!get_number(k, n, &v))
		return;
	words = limit_bounds(bounds, v * (double)unit);
	if (words)
		package_fault(k->pkg, file, n->line, "%s: '%g' is not from %s", n->key, v, words);
	else
		*ret = llround(v * (double)unit);
}

static void read_limit(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(limit_keys); i++) {
		const struct limit_key *key = &limit_keys[i];

		if (strcmp(key->name, n->key) == 0)
			get_limit(k, file, n, key->unit, key->bounds,
				  (int64_t *)((char *)&k->pkg->p->limits + key->offset));
	}
}

static void read_time_limit(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)ctx;
	get_limit(k, file, n, SECOND, "time", &k->time_limit_us);
}

static void read_resolution(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	double v;

	(void)file;
	(void)ctx;
	if (get_number(k, n, &v) && llround(v * SECOND) > 0)
		k->pkg->p->time_resolution_us = llround(v * SECOND);
}

static void read_multiplier(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)file;
	(void)ctx;
	get_number(k, n, &k->pkg->p->time_multiplier);
}

static void read_multipliers(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	static const struct kattis_key keys[] = {
		{ "ac_to_time_limit", KATTIS_ANY, read_multiplier },
		{ "time_limit_to_tle", KATTIS_ANY, NULL },
	};

	if (n->kind != YNODE_MAP)
		package_fault(k->pkg, file, n->line, "time_multipliers: a map is expected, not %s",
			      ynode_kind_name(n->kind));
	else
		kattis_map(k, file, n, keys, ARRAY_SIZE(keys), ctx);
}

static void read_limits(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	static const struct kattis_key keys[] = {
		{ "time_multiplier", KATTIS_LEGACY, read_multiplier },
		{ "time_safety_margin", KATTIS_LEGACY, NULL },
		{ "time_for_AC_submissions", KATTIS_LEGACY, NULL },
		{ "time_multipliers", KATTIS_2025, read_multipliers },
		{ "time_limit", KATTIS_ANY, read_time_limit },
		{ "time_resolution", KATTIS_2025, read_resolution },
		{ "memory", KATTIS_ANY, read_limit },
		{ "output", KATTIS_ANY, read_limit },
		{ "code", KATTIS_ANY, read_limit },
		{ "compilation_time", KATTIS_ANY, read_limit },
		{ "compilation_memory", KATTIS_ANY, read_limit },
		{ "validation_time", KATTIS_ANY, read_limit },
		{ "validation_memory", KATTIS_ANY, read_limit },
		{ "validation_output", KATTIS_ANY, read_limit },
		{ "validation_passes", KATTIS_ANY, NULL },
	};

	if (n->kind != YNODE_MAP)
		package_fault(k->pkg, file, n->line, "limits: a map is expected, not %s",
			      ynode_kind_name(n->kind));
	else
		kattis_map(k, file, n, keys, ARRAY_SIZE(keys), ctx);
}

/* -------------------------------------------------------------- kind of problem */

/* Words of `type` and `validation`. */
static const struct kind {
	const char *word;
	unsigned versions;
	bool custom, interactive;
	const char *later;		/* what is not judged yet */
} kinds[] = {
	{ "pass-fail",		KATTIS_ANY,	false,	false,	NULL },
	{ "default",		KATTIS_LEGACY,	false,	false,	NULL },
	{ "custom",		KATTIS_LEGACY,	true,	false,	NULL },
	{ "interactive",	KATTIS_ANY,	true,	true,	NULL },
	{ "score",		KATTIS_LEGACY,	false,	false,	"scoring" },
	{ "scoring",		KATTIS_ANY,	false,	false,	"scoring" },
	{ "multi-pass",		KATTIS_ANY,	false,	false,	"multi-pass" },
	{ "submit-answer",	KATTIS_ANY,	false,	false,	"submit-answer" },
};

static const struct kind *find_kind(const struct kattis *k, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].word, word) == 0 && (kinds[i].versions & k->version))
			return &kinds[i];
	return NULL;
}

static void read_kinds(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	struct strv words = { 0 };

	(void)ctx;
	if (!ynode_words(n, &words) || words.n == 0)
		package_fault(k->pkg, file, n->line, "%s: a text or a list of texts is expected",
			      n->key);
	for (size_t i = 0; i < words.n; i++) {
		const struct kind *kind = find_kind(k, words.v[i]);

		if (!kind) {
			package_fault(k->pkg, file, n->line, "%s: unknown word '%s'", n->key,
				      words.v[i]);
			continue;
		}
		if (kind->later)
			package_unsupported(k->pkg, file, n->line, "%s problems are not judged yet",
					    kind->later);
		if (kind->custom)
			k->custom_line = n->line;
		k->custom = k->custom || kind->custom;
		k->interactive = k->interactive || kind->interactive;
	}
	strv_release(&words);
}

static void read_flags(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)ctx;
	if (!ynode_words(n, &k->flags))
		package_fault(k->pkg, file, n->line, "%s: a text is expected, not %s", n->key,
			      n->kind == YNODE_TEXT ? "one with an open quote" :
			      ynode_kind_name(n->kind));
}

static void read_languages(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	struct strv *languages = &k->pkg->p->languages;

	(void)ctx;
	if (n->kind == YNODE_TEXT && strcmp(n->text, "all") == 0)
		return;
	if (!ynode_words(n, languages))
		package_fault(k->pkg, file, n->line, "languages: 'all' or a list is expected");
	for (size_t i = 0; i < languages->n; i++)
		if (!langs_by_id(k->pkg->langs, languages->v[i]))
			package_note(k->pkg, file, n->line, "language '%s' is not known here",
				     languages->v[i]);
}

/* ------------------------------------------------------------- words for people */

static void read_name(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	const struct ynode *text = n;

	(void)ctx;
	if (n->kind == YNODE_MAP) {
		text = ynode_get(n, "en");
		for (size_t i = 0; i < n->n && !text; i++)
			text = n->v[i].kind == YNODE_TEXT ? &n->v[i] : NULL;
	}
	if (text && text->kind == YNODE_TEXT)
		package_set(k->pkg, &k->pkg->p->title, text->text);
	else if (!text || n->kind != YNODE_MAP || text->kind != YNODE_NULL)
		package_fault(k->pkg, file, n->line, "name: a text, or one for each language");
}

static void read_license(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)file;
	(void)ctx;
	if (is_text(k, n))
		package_set(k->pkg, &k->pkg->p->license, n->text);
}

static void read_source_url(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)file;
	(void)ctx;
	if (is_text(k, n))
		package_set(k->pkg, &k->pkg->p->source_url, n->text);
}

/* A text, {name, url}, or a list of these: the first that has an address. */
static void read_source(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	const struct ynode *url = ynode_get(n, "url");

	for (size_t i = 0; n->kind == YNODE_LIST && i < n->n && !url; i++)
		url = ynode_get(&n->v[i], "url");
	if (url && url->kind == YNODE_TEXT)
		read_source_url(k, file, url, ctx);
}

/* "Ada", [Ada, {name: Bob}], {authors: ...}: names, divided by commas */
static void add_people(const struct ynode *n, struct buf *ret)
{
	const struct ynode *name = n->kind == YNODE_MAP ? ynode_get(n, "name") : n;

	if (n->kind == YNODE_LIST) {
		for (size_t i = 0; i < n->n; i++)
			add_people(&n->v[i], ret);
	} else if (name && name->kind == YNODE_TEXT) {
		size_t len = strcspn(name->text, "<");

		while (len > 0 && name->text[len - 1] == ' ')
			len--;
		buf_printf(ret, "%s%.*s", ret->len ? ", " : "", (int)len, name->text);
	}
}

static void read_author(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	const struct ynode *authors = n->kind == YNODE_MAP && !ynode_get(n, "name") ?
				      ynode_get(n, "authors") : n;
	struct buf text = { 0 };

	(void)file;
	(void)ctx;
	if (authors)
		add_people(authors, &text);
	if (text.len > 0)
		package_set(k->pkg, &k->pkg->p->author, buf_text(&text));
	buf_release(&text);
}

static void add_constant(struct kattis *k, const char *file, const struct ynode *n,
			 const char *name, const char *variant)
{
	struct buf whole = { 0 };

	buf_printf(&whole, "%s%s%s", name, variant ? "." : "", variant ? variant : "");
	if (n->kind != YNODE_TEXT)
		package_fault(k->pkg, file, n->line, "constants: %s: a text or number is expected, "
			      "not %s", buf_text(&whole), ynode_kind_name(n->kind));
	else if (!package_constant(k->pkg, buf_text(&whole), n->text))
		package_fault(k->pkg, file, n->line, "constants: '%s' is no name", buf_text(&whole));
	buf_release(&whole);
}

/* k: 5, or k: {value: 5, tex: five}; {{k}} is {{k.value}} */
static void read_constants(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)ctx;
	if (n->kind != YNODE_MAP)
		package_fault(k->pkg, file, n->line, "constants: a map is expected, not %s",
			      ynode_kind_name(n->kind));
	for (size_t i = 0; n->kind == YNODE_MAP && i < n->n; i++) {
		const struct ynode *c = &n->v[i], *value = ynode_get(c, "value");

		if (c->kind != YNODE_MAP) {
			add_constant(k, file, c, c->key, NULL);
			add_constant(k, file, c, c->key, "value");
			continue;
		}
		if (value)
			add_constant(k, file, value, c->key, NULL);
		else
			package_fault(k->pkg, file, c->line, "constants: %s has no value", c->key);
		for (size_t j = 0; j < c->n; j++)
			add_constant(k, file, &c->v[j], c->key, c->v[j].key);
	}
}

static void read_embargo(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)ctx;
	package_note(k->pkg, file, n->line,
		     "embargo_until is not kept: say open = in problem.ini");
}

/* ---------------------------------------------------------------------- the file */

static const struct kattis_key keys[] = {
	{ "problem_format_version", KATTIS_ANY, NULL },	/* read first */
	{ "name", KATTIS_ANY, read_name },
	{ "uuid", KATTIS_ANY, NULL },
	{ "version", KATTIS_ANY, NULL },
	{ "type", KATTIS_ANY, read_kinds },
	{ "author", KATTIS_LEGACY, read_author },
	{ "credits", KATTIS_2025, read_author },
	{ "source", KATTIS_ANY, read_source },
	{ "source_url", KATTIS_ANY, read_source_url },
	{ "license", KATTIS_ANY, read_license },
	{ "rights_owner", KATTIS_ANY, NULL },
	{ "keywords", KATTIS_ANY, NULL },
	{ "limits", KATTIS_ANY, read_limits },
	{ "validation", KATTIS_LEGACY, read_kinds },
	{ "validator_flags", KATTIS_ANY, read_flags },
	{ "grading", KATTIS_LEGACY, NULL },
	{ "languages", KATTIS_ANY, read_languages },
	{ "embargo_until", KATTIS_2025, read_embargo },
	{ "allow_file_writing", KATTIS_2025, NULL },
	{ "constants", KATTIS_2025, read_constants },
};

static const struct {
	const char *name;
	enum kattis_version version;
	const char *format;
} versions[] = {
	{ "legacy", KATTIS_LEGACY, "kattis legacy" },
	{ "legacy-icpc", KATTIS_LEGACY, "kattis legacy-icpc" },
	{ "2023-07-draft", KATTIS_2025, "kattis 2023-07-draft" },
	{ "2023-07", KATTIS_2025, "kattis 2023-07" },
	{ "2025-09", KATTIS_2025, "kattis 2025-09" },
};

static void read_version(struct kattis *k, const struct ynode *root)
{
	const struct ynode *n = ynode_get(root, "problem_format_version");
	const char *name = n && n->kind == YNODE_TEXT ? n->text : n ? "" : "legacy";

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		if (strcmp(versions[i].name, name) != 0)
			continue;
		k->version = versions[i].version;
		package_set(k->pkg, &k->pkg->p->format, versions[i].format);
		return;
	}
	package_unsupported(k->pkg, FILE_NAME, n->line,
			    "problem_format_version '%s' is unknown: legacy, legacy-icpc, "
			    "2023-07-draft and 2025-09 are read", name);
}

/* What the format itself says where a package does not. */
static void set_defaults(struct kattis *k)
{
	struct problem *p = k->pkg->p;
	bool legacy = k->version == KATTIS_LEGACY;

	p->limits.cpu_us = p->limits.wall_us = 0;
	p->limits.memory_bytes = 2048 * MIB;
	p->limits.output_bytes = 8 * MIB;
	p->limits.source_bytes = 128 * KIB;
	p->limits.compile_time_us = p->limits.check_time_us = 60 * SECOND;
	p->limits.compile_memory_bytes = p->limits.check_memory_bytes = 2048 * MIB;
	p->limits.check_output_bytes = 8 * MIB;
	p->time_multiplier = legacy ? 5 : 2;
	p->time_resolution_us = SECOND;
}

void kattis_config(struct kattis *k)
{
	struct ynode *root = kattis_yaml(k->pkg, FILE_NAME);
	const struct ynode nothing = { .kind = YNODE_MAP };

	if (k->pkg->r == 0 || root) {
		read_version(k, root ? root : &nothing);
		set_defaults(k);
		if (root && k->pkg->r != -ENOTSUP)
			kattis_map(k, FILE_NAME, root, keys, ARRAY_SIZE(keys), NULL);
	}
	ynode_free(root);
}
