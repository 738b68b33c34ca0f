/*
 * kattis.c - packages of Kattis and the ICPC: legacy, legacy-icpc, 2023-07-draft, 2025-09
 *
 * problem.yaml is read by kattis_config.c, data/ by kattis_tests.c.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/units.h"
#include "judge/check.h"
#include "judge/package/kattis.h"

#define SECOND	INT64_C(1000000)

/* ------------------------------------------------------------------ YAML maps */

struct ynode *kattis_yaml(struct package *pkg, const char *file)
{
	struct ynode *root = NULL;
	struct buf text = { 0 };
	struct diag diag = { "" };
	int r;

	if (package_kind(pkg, file) == PACKAGE_NONE)
		return NULL;
	if (!package_text(pkg, file, &text)) {
		buf_release(&text);
		return NULL;
	}
	package_fill(pkg, &text);
	r = yaml_tree(buf_text(&text), text.len, file, &root, &diag);
	buf_release(&text);
	if (r == -ENOMEM)
		package_error(pkg, r, file, "read");
	else if (r < 0)
		package_told(pkg, r, diag.text);
	else if (root->kind == YNODE_MAP)
		return root;
	else if (root->kind != YNODE_NULL)
		package_fault(pkg, file, root->line, "keys are expected, not %s",
			      ynode_kind_name(root->kind));
	ynode_free(root);
	return NULL;
}

void kattis_map(struct kattis *k, const char *file, const struct ynode *map,
		const struct kattis_key *keys, size_t n, void *ctx)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct ynode *v = &map->v[i];
		const struct kattis_key *key = NULL;

		for (size_t j = 0; j < n && !key; j++)
			if (strcmp(keys[j].name, v->key) == 0 && (keys[j].versions & k->version))
				key = &keys[j];
		if (!key)
			package_note(k->pkg, file, v->line, "unknown key '%s'", v->key);
		else if (key->read && v->kind != YNODE_NULL)
			key->read(k, file, v, ctx);
	}
}

/* ------------------------------------------------------------- the time limit */

static bool seconds(const char *text, int64_t *ret)
{
	double s;

	if (parse_real(text, &s) < 0 || s <= 0 || s > 86400)
		return false;
	*ret = llround(s * SECOND);
	return *ret > 0;
}

/* DOMjudge writes its values bare or in quotes. */
static int parse_quoted(const char *text, void *ret, const struct config_at *at,
			struct diag *diag)
{
	char bare[64];
	size_t n = strlen(text);

	if (n >= 2 && n < sizeof(bare) && (*text == '\'' || *text == '"') && text[n - 1] == *text) {
		memcpy(bare, text + 1, n - 2);
		bare[n - 2] = '\0';
		text = bare;
	}
	if (!seconds(text, ret))
		return diag_fail(diag, -EINVAL, "%s: '%s' is no number of seconds", at->key, text);
	return 0;
}

/* A program that lies elsewhere in that DOMjudge; its empty name means none. */
static int parse_special(const char *text, void *ret, const struct config_at *at,
			 struct diag *diag)
{
	(void)diag;
	if (*text && strcmp(text, "''") != 0 && strcmp(text, "\"\"") != 0)
		*(int *)ret = at->line;
	return 0;
}

static int parse_nothing(const char *text, void *ret, const struct config_at *at,
			 struct diag *diag)
{
	(void)text;
	(void)ret;
	(void)at;
	(void)diag;
	return 0;
}

static const char domjudge_ini[] = "domjudge-problem.ini";

static void read_domjudge_ini(struct kattis *k)
{
	static const char *const file = domjudge_ini;
	static const struct config_key keys[] = {
		{ "", "timelimit", parse_quoted, offsetof(struct kattis, domjudge_limit_us) },
		{ "", "special_run", parse_special, offsetof(struct kattis, special_line) },
		{ "", "special_compare", parse_special, offsetof(struct kattis, special_line) },
		{ "", "*", parse_nothing, 0 },
	};
	struct buf text = { 0 };
	struct diag diag = { "" };
	int r;

	if (package_kind(k->pkg, file) != PACKAGE_NONE && package_text(k->pkg, file, &text)) {
		r = config_read_text(buf_text(&text), file, keys, ARRAY_SIZE(keys), k, &diag);
		if (r < 0)
			package_told(k->pkg, r, diag.text);
		else if (k->time_limit_us == 0)
			k->time_limit_us = k->domjudge_limit_us;
	}
	buf_release(&text);
}

static void read_timelimit(struct kattis *k)
{
	static const char file[] = ".timelimit";
	struct buf text = { 0 };
	int64_t limit = 0;
	char *end;

	if (package_kind(k->pkg, file) != PACKAGE_NONE && package_text(k->pkg, file, &text)) {
		end = text.data ? text.data + strcspn(text.data, " \t\r\n") : NULL;
		if (end)
			*end = '\0';
		if (!seconds(buf_text(&text), &limit))
			package_fault(k->pkg, file, 1, "'%s' is no number of seconds", buf_text(&text));
		else if (k->time_limit_us == 0)
			k->time_limit_us = limit;
	}
	buf_release(&text);
}

/* ------------------------------------------------------------------ the checker */

/* What lies in output_validators/: one folder, or files that are one program. */
static const char *validator_path(struct package *pkg, const char *folder,
				  char ret[PACKAGE_PATH_MAX])
{
	struct strv names = { 0 };
	size_t folders = 0, files = 0;
	char path[PACKAGE_PATH_MAX];

	package_list(pkg, folder, &names);
	for (size_t i = 0; i < names.n && package_path(pkg, folder, names.v[i], path); i++) {
		if (package_kind(pkg, path) != PACKAGE_FOLDER) {
			files++;
			continue;
		}
		folders++;
		memcpy(ret, path, sizeof(path));
	}
	if (folders == 1 && files == 0)
		folder = ret;
	else if (folders > 1)
		package_unsupported(pkg, folder, 0, "several output validators: only one is run");
	strv_release(&names);
	return folder;
}

static void read_checker(struct kattis *k)
{
	static const char *const folders[] = { "output_validator", "output_validators" };
	struct package *pkg = k->pkg;
	struct check *c = &pkg->p->check;
	const char *folder = NULL;
	char path[PACKAGE_PATH_MAX];
	struct diag diag = { "" };

	for (size_t i = 0; i < ARRAY_SIZE(folders) && !folder; i++)
		if (package_kind(pkg, folders[i]) == PACKAGE_FOLDER)
			folder = folders[i];
	if (folder && k->version == KATTIS_LEGACY && !k->custom) {
		package_note(pkg, folder, 0, "not used: problem.yaml does not say validation: custom");
		folder = NULL;
	}
	if (!folder && k->custom) {
		package_fault(pkg, "problem.yaml", k->custom_line,
			      "%s, but there is no %s/", k->interactive ? "the problem is interactive" :
			      "validation is custom", folders[k->version == KATTIS_LEGACY]);
	} else if (folder) {
		c->type = k->interactive ? CHECK_INTERACTIVE : CHECK_PROGRAM;
		package_checker(pkg, validator_path(pkg, folder, path), &c->program);
	} else if (k->special_line > 0) {
		package_fault(pkg, domjudge_ini, k->special_line, "its program is not in the package: it "
			      "belongs in output_validators/, with validation: custom in problem.yaml");
	} else {
		c->type = CHECK_TOKENS;
		if (check_flags(c, &k->flags, &diag) < 0)
			package_fault(pkg, "problem.yaml", 0, "validator_flags: %s", diag.text);
	}
}

/* Each file or folder is one; they only have a say in `judgectl verify`. */
static void read_input_validators(struct package *pkg, const char *folder)
{
	struct problem *p = pkg->p;
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX];

	package_list(pkg, folder, &names);
	for (size_t i = 0; i < names.n && package_path(pkg, folder, names.v[i], path); i++) {
		struct program prog = { 0 };
		struct validator *v;
		char *why = NULL;

		if (!package_program(pkg, path, NULL, &prog, &why))
			continue;
		v = package_grow(pkg, &p->input_validators, &p->ninput_validators, sizeof(*v));
		if (!v) {
			free(why);
			program_release(&prog);
			break;
		}
		v->program = prog;
		v->skip = why;
		package_set(pkg, &v->path, path);
	}
	strv_release(&names);
}

/* ------------------------------------------------------------------ the title */

/* \problemname{TITLE} of a TeX statement, as far as it is plain text. */
static void title_from_tex(struct package *pkg, const char *path)
{
	static const char mark[] = "\\problemname{";
	struct buf head = { 0 };
	const char *p, *end;
	char title[256];

	package_head(pkg, path, &head);
	p = strstr(buf_text(&head), mark);
	end = p ? strpbrk(p + strlen(mark), "\\{}$\n") : NULL;
	if (end && *end == '}' && end - p < (ptrdiff_t)sizeof(title)) {
		p += strlen(mark);
		snprintf(title, sizeof(title), "%.*s", (int)(end - p), p);
		if (title[0])
			package_set(pkg, &pkg->p->title, title);
	}
	buf_release(&head);
}

static void find_title(struct package *pkg)
{
	static const char *const files[] = {
		"problem_statement/problem.en.tex", "problem_statement/problem.tex",
		"statement/problem.en.tex", "statement/problem.tex",
	};

	for (size_t i = 0; i < ARRAY_SIZE(files) && !pkg->p->title; i++)
		if (package_kind(pkg, files[i]) == PACKAGE_FILE)
			title_from_tex(pkg, files[i]);
}

/* ------------------------------------------------------------------ the reader */

void kattis_read(struct package *pkg)
{
	struct kattis k = { .pkg = pkg, .version = KATTIS_LEGACY };

	kattis_config(&k);
	if (pkg->r != -ENOTSUP) {
		read_domjudge_ini(&k);
		read_timelimit(&k);
		pkg->p->limits.cpu_us = k.time_limit_us;
		read_checker(&k);
		kattis_tests(&k);
		find_title(pkg);
		if (!package_statements(pkg, "statement", "problem") &&
		    !package_statements(pkg, "problem_statement", "problem"))
			package_statements(pkg, ".", "problem");
		package_attachments(pkg);
		package_includes(pkg);
		read_input_validators(pkg, "input_validators");
		read_input_validators(pkg, "input_format_validators");
		package_submissions(pkg);
	}
	strv_release(&k.flags);
}
