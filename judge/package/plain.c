/*
 * plain.c - the plain form: a folder with 1.in and 1.ans (or 1.out)
 *
 * The tests lie at the top, else in data/ or tests/, with folders in it or not. Those in
 * a folder sample, or whose name begins with "sample", are samples unless problem.ini says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge/package/package.h"

static const char *const answers[] = { ".ans", ".out" };

static bool is_sample(const char *name)
{
	return strncasecmp(name, "sample", 6) == 0 || strstr(name, "/sample");
}

/* The one of X.ans and X.out that is there. */
static bool find_answer(struct package *pkg, const char *in, const char *stem,
			char ret[PACKAGE_PATH_MAX])
{
	char path[PACKAGE_PATH_MAX];
	int found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		if (snprintf(path, sizeof(path), "%s%s", stem, answers[i]) < PACKAGE_PATH_MAX &&
		    package_kind(pkg, path) == PACKAGE_FILE) {
			memcpy(ret, path, sizeof(path));
			found++;
		}
	}
	if (found == 0)
		package_fault(pkg, in, 0, "no answer: %s.ans or .out is missing", path_base(stem));
	else if (found > 1)
		package_fault(pkg, in, 0, "two answers: both %s.ans and .out", path_base(stem));
	return found == 1;
}

/* @ctx: the folder of the tests */
static void add_test(struct package *pkg, const char *path, void *ctx)
{
	const char *folder = ctx, *name, *slash;
	char stem[PACKAGE_PATH_MAX], ans[PACKAGE_PATH_MAX], group[PACKAGE_PATH_MAX] = "";
	char in[PACKAGE_PATH_MAX + 4];

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		if (!path_stem(path, answers[i], stem))
			continue;
		snprintf(in, sizeof(in), "%s.in", stem);
		if (package_kind(pkg, in) != PACKAGE_FILE)
			package_fault(pkg, path, 0, "no input: %s.in is missing", path_base(stem));
	}
	if (!path_stem(path, ".in", stem) || !find_answer(pkg, path, stem, ans))
		return;
	name = stem + (folder[0] ? strlen(folder) + 1 : 0);
	slash = strrchr(name, '/');
	if (slash)
		snprintf(group, sizeof(group), "%.*s", (int)(slash - name), name);
	package_test(pkg, name, group, is_sample(name), path, ans);
}

static bool has_tests(const struct strv *names)
{
	char stem[PACKAGE_PATH_MAX];

	for (size_t i = 0; i < names->n; i++)
		if (path_stem(names->v[i], ".in", stem))
			return true;
	return false;
}

static void read_tests(struct package *pkg)
{
	static const char *const folders[] = { "data", "tests" };
	struct strv names = { 0 };

	package_list(pkg, ".", &names);
	if (has_tests(&names)) {
		for (size_t i = 0; i < names.n; i++)
			if (package_kind(pkg, names.v[i]) == PACKAGE_FILE)
				add_test(pkg, names.v[i], "");
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(folders) && pkg->p->ntests == 0; i++)
			package_walk(pkg, folders[i], add_test, (void *)folders[i]);
	}
	strv_release(&names);
}

void plain_read(struct package *pkg)
{
	struct problem *p = pkg->p;

	package_set(pkg, &p->format, "plain");
	p->check.type = CHECK_TOKENS;
	p->check.case_sensitive = true;
	p->time_multiplier = 5;
	p->time_resolution_us = 1000000;
	read_tests(pkg);
	package_statements(pkg, ".", "statement");
	package_statements(pkg, ".", "problem");
	package_attachments(pkg);
	package_includes(pkg);
	package_submissions(pkg);
}
