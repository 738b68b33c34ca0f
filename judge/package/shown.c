/*
 * shown.c - what of a package the mount has below PROBLEM/: samples, attachments, the statement
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge/package/package.h"

#define MAX_SHOWN	2000

/* What the mount has below PROBLEM/ itself. */
static bool mount_keeps(const char *shown)
{
	static const char *const kept[] = { "README.txt", "sub", "try", "history", "stats.html" };
	size_t n = strcspn(shown, "/");

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (n == strlen(kept[i]) && strncasecmp(shown, kept[i], n) == 0)
			return true;
	return false;
}

static struct problem_file *shown_find(const struct problem *p, const char *shown)
{
	for (size_t i = 0; i < p->nfiles; i++)
		if (strcasecmp(p->files[i].path, shown) == 0)
			return &p->files[i];
	return NULL;
}

static void show_blob(struct package *pkg, const char *shown, const char *path,
		      const struct blob_ref *ref)
{
	struct problem_file *f;

	if (pkg->p->nfiles == MAX_SHOWN) {
		package_fault(pkg, path, 0, "more than %d files to show", MAX_SHOWN);
		return;
	}
	f = package_grow(pkg, &pkg->p->files, &pkg->p->nfiles, sizeof(*f));
	if (!f)
		return;
	f->blob = *ref;
	package_set(pkg, &f->path, shown);
}

void package_show(struct package *pkg, const char *shown, const char *path)
{
	struct blob_ref ref;

	if (!path_good(shown) || mount_keeps(shown))
		package_fault(pkg, path, 0, "can not be shown under this name: letters, digits, "
			      "_ - and . are safe everywhere");
	else if (shown_find(pkg->p, shown))
		package_fault(pkg, path, 0, "shown twice as '%s'", shown);
	else if (strncmp(shown, "statement", 9) == 0 ? package_filled_blob(pkg, path, &ref) :
						       package_blob(pkg, path, &ref))
		show_blob(pkg, shown, path, &ref);
}

void package_show_samples(struct package *pkg)
{
	char shown[PACKAGE_PATH_MAX + 16];

	for (size_t i = 0; i < pkg->p->ntests; i++) {
		const struct test *t = &pkg->p->tests[i];
		const char *name = t->name;

		if (!t->sample)
			continue;
		if (strncmp(name, "sample/", 7) == 0)
			name += 7;
		snprintf(shown, sizeof(shown), "samples/%s.in", name);
		if (!shown_find(pkg->p, shown))
			show_blob(pkg, shown, t->name, &t->in);
		snprintf(shown, sizeof(shown), "samples/%s.ans", name);
		if (!shown_find(pkg->p, shown))
			show_blob(pkg, shown, t->name, &t->ans);
	}
}

static void show_attachment(struct package *pkg, const char *path, void *ctx)
{
	(void)ctx;
	package_show(pkg, path, path);
}

void package_attachments(struct package *pkg)
{
	package_walk(pkg, "attachments", show_attachment, NULL);
}

/* ------------------------------------------------------------------ statements */

static bool suffix_in(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp(path_suffix(name), *list) == 0)
			return true;
	return false;
}

static const char *const statement_forms[] = { "html", "pdf", "md", "txt", "tex", NULL };
static const char *const picture_forms[] = { "png", "jpg", "jpeg", "gif", "svg", NULL };

/* "STEM.EXT" or "STEM.LANG.EXT"; @ret is ".LANG", "" without. */
static bool is_statement(const char *name, const char *stem, char ret[32])
{
	size_t n = strlen(stem), m;

	if (strncmp(name, stem, n) != 0 || name[n] != '.' || !suffix_in(name, statement_forms))
		return false;
	m = path_suffix(name) - 1 - (name + n);
	if (m >= 32)
		return false;
	memcpy(ret, name + n, m);
	ret[m] = '\0';
	return m == 0 || !strchr(ret + 1, '.');
}

/* A statement that lies elsewhere is missed by readers, but judging does not need it. */
static void show_statement(struct package *pkg, const char *shown, const char *path)
{
	if (package_left_by(pkg, path))
		package_note(pkg, path, 0, "not shown: a link that leaves the package");
	else
		package_show(pkg, shown, path);
}

bool package_statements(struct package *pkg, const char *folder, const char *stem)
{
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX], shown[PACKAGE_PATH_MAX], lang[32], first[32] = "";
	bool found = false, several = false, other_than_tex = false;

	package_list(pkg, folder, &names);
	for (size_t i = 0; i < names.n; i++) {
		if (!is_statement(names.v[i], stem, lang))
			continue;
		if (found && strcmp(lang, first) != 0)
			several = true;
		snprintf(first, sizeof(first), "%s", lang);
		found = true;
		if (strcasecmp(path_suffix(names.v[i]), "tex") != 0)
			other_than_tex = true;
	}
	for (size_t i = 0; i < names.n && found; i++) {
		if (!package_path(pkg, folder, names.v[i], path))
			break;
		if (is_statement(names.v[i], stem, lang)) {
			if (other_than_tex && strcasecmp(path_suffix(names.v[i]), "tex") == 0)
				continue;
			snprintf(shown, sizeof(shown), "statement%s.%s", several ? lang : "",
				 path_suffix(names.v[i]));
			show_statement(pkg, shown, path);
		} else if (other_than_tex && suffix_in(names.v[i], picture_forms)) {
			package_show(pkg, names.v[i], path);
		}
	}
	strv_release(&names);
	return other_than_tex;
}

void package_show_statement(struct package *pkg, const char *path)
{
	struct problem *p = pkg->p;
	char shown[PACKAGE_PATH_MAX + 16];
	size_t kept = 0;

	if (path_suffix(path)[0] == '\0') {
		package_fault(pkg, path, 0, "a statement needs a suffix");
		return;
	}
	for (size_t i = 0; i < p->nfiles; i++) {
		if (strncmp(p->files[i].path, "statement.", 10) == 0)
			free(p->files[i].path);
		else
			p->files[kept++] = p->files[i];
	}
	p->nfiles = kept;
	snprintf(shown, sizeof(shown), "statement.%s", path_suffix(path));
	package_show(pkg, shown, path);
}
