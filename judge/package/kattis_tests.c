/*
 * kattis_tests.c - data/sample and data/secret with their groups
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/check.h"
#include "judge/package/kattis.h"

/* What a folder hands down to what is in it. */
struct group {
	struct strv args, in_args;	/* of the output and the input validators */
	bool go_on;			/* on_reject: continue */
};

static bool group_inherit(struct kattis *k, const struct group *from, struct group *ret)
{
	*ret = (struct group){ .go_on = from->go_on };
	if (strv_copy(&ret->args, &from->args) == 0 &&
	    strv_copy(&ret->in_args, &from->in_args) == 0)
		return true;
	strv_release(&ret->args);
	package_error(k->pkg, -ENOMEM, "data", "read");
	return false;
}

static void group_release(struct group *g)
{
	strv_release(&g->args);
	strv_release(&g->in_args);
}

/* ------------------------------------------------------- YAML files of data/ */

/* @ctx: struct group */
static void read_args(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	struct group *g = ctx;
	struct strv words = { 0 };
	struct check c = k->pkg->p->check;
	struct diag diag = { "" };

	if (!ynode_words(n, &words))
		package_fault(k->pkg, file, n->line, "%s: a text or a list of texts is expected",
			      n->key);
	else if (c.type == CHECK_TOKENS && check_flags(&c, &words, &diag) < 0)
		package_fault(k->pkg, file, n->line, "%s: %s", n->key, diag.text);
	strv_release(&g->args);
	g->args = words;
}

static void read_in_args(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	struct group *g = ctx;
	struct strv words = { 0 };

	if (n->kind == YNODE_MAP)
		package_note(k->pkg, file, n->line, "%s: not looked at for single validators", n->key);
	else if (!ynode_words(n, &words))
		package_fault(k->pkg, file, n->line, "%s: a text or a list of texts is expected",
			      n->key);
	strv_release(&g->in_args);
	g->in_args = words;
}

static void read_on_reject(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	struct group *g = ctx;

	if (n->kind == YNODE_TEXT && strcmp(n->text, "continue") == 0)
		g->go_on = true;
	else if (n->kind == YNODE_TEXT && strcmp(n->text, "break") == 0)
		g->go_on = false;
	else
		package_fault(k->pkg, file, n->line, "on_reject: break or continue is expected");
}

static void read_program_args(struct kattis *k, const char *file, const struct ynode *n, void *ctx)
{
	(void)ctx;
	if (n->kind != YNODE_LIST || n->n > 0)
		package_unsupported(k->pkg, file, n->line,
				    "args: programs are not given command line arguments yet");
}

static const struct kattis_key group_keys[] = {
	{ "output_validator_flags", KATTIS_ANY, read_args },
	{ "output_validator_args", KATTIS_ANY, read_args },
	{ "on_reject", KATTIS_ANY, read_on_reject },
	{ "input_validator_flags", KATTIS_ANY, read_in_args },
	{ "input_validator_args", KATTIS_ANY, read_in_args },
	{ "input_visualizer_args", KATTIS_ANY, NULL },
	{ "output_visualizer_args", KATTIS_ANY, NULL },
	{ "static_validator_args", KATTIS_2025, NULL },
	{ "args", KATTIS_2025, read_program_args },
	{ "full_feedback", KATTIS_2025, NULL },
	/* Of scoring problems; here they change nothing. */
	{ "grading", KATTIS_ANY, NULL },
	{ "grader_flags", KATTIS_ANY, NULL },
	{ "accept_score", KATTIS_ANY, NULL },
	{ "reject_score", KATTIS_ANY, NULL },
	{ "range", KATTIS_ANY, NULL },
	{ "scoring", KATTIS_ANY, NULL },
	{ "max_score", KATTIS_2025, NULL },
	{ "score_aggregation", KATTIS_2025, NULL },
	{ "require_pass", KATTIS_2025, NULL },
	{ "static_validation_score", KATTIS_2025, NULL },
};

static const struct kattis_key case_keys[] = {
	{ "output_validator_args", KATTIS_2025, read_args },
	{ "output_validator_flags", KATTIS_2025, read_args },
	{ "args", KATTIS_2025, read_program_args },
	{ "input_validator_args", KATTIS_2025, read_in_args },
	{ "input_visualizer_args", KATTIS_2025, NULL },
	{ "output_visualizer_args", KATTIS_2025, NULL },
	{ "full_feedback", KATTIS_2025, NULL },
	{ "description", KATTIS_2025, NULL },
	{ "hint", KATTIS_2025, NULL },
};

static void read_yaml(struct kattis *k, const char *file, const struct kattis_key *keys, size_t n,
		      struct group *g)
{
	struct ynode *root = kattis_yaml(k->pkg, file);

	if (root)
		kattis_map(k, file, root, keys, n, g);
	ynode_free(root);
}

static void read_group_file(struct kattis *k, const char *folder, struct group *g)
{
	static const char *const names[] = { "testdata.yaml", "test_group.yaml" };
	char path[PACKAGE_PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (package_path(k->pkg, folder, names[i], path))
			read_yaml(k, path, group_keys, ARRAY_SIZE(group_keys), g);
}

/* ------------------------------------------------------------------ one test */

/* Parts of a case beside .in and .ans. */
static const char *const parts[] = {
	".in.download", ".ans.download", ".in.statement", ".ans.statement", ".interaction",
	".out", ".hint", ".desc", ".png", ".jpg", ".jpeg", ".svg", ".md",
};

/* Parts that change what a test is. */
static const char *const later[] = { ".files", ".args" };

static bool there(struct package *pkg, const char *stem, const char *ending,
		  char ret[PACKAGE_PATH_MAX])
{
	return snprintf(ret, PACKAGE_PATH_MAX, "%s%s", stem, ending) < PACKAGE_PATH_MAX &&
	       package_kind(pkg, ret) != PACKAGE_NONE;
}

static void add_args(struct kattis *k, struct strv *ret, const struct strv *args)
{
	for (size_t i = 0; i < args->n; i++)
		if (strv_add(ret, args->v[i]) < 0)
			package_error(k->pkg, -ENOMEM, "data", "read");
}

/* What students get to see of a sample, where that is another file. */
static void show_instead(struct kattis *k, const char *stem)
{
	static const struct { const char *ending, *shown; unsigned versions; } rows[] = {
		{ ".in.download", "in", KATTIS_ANY },
		{ ".ans.download", "ans", KATTIS_ANY },
		{ ".out", "ans", KATTIS_2025 },
	};
	char path[PACKAGE_PATH_MAX], shown[PACKAGE_PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((rows[i].versions & k->version) && there(k->pkg, stem, rows[i].ending, path) &&
		    snprintf(shown, sizeof(shown), "samples/%s.%s", stem + strlen("data/sample/"),
			     rows[i].shown) < (int)sizeof(shown))
			package_show(k->pkg, shown, path);
}

/* @stem: "data/secret/group1/01" */
static void add_case(struct kattis *k, const char *stem, const struct group *g)
{
	const char *name = stem + strlen("data/"), *slash = strrchr(name, '/');
	char in[PACKAGE_PATH_MAX], ans[PACKAGE_PATH_MAX], path[PACKAGE_PATH_MAX];
	char group[PACKAGE_PATH_MAX];
	struct package *pkg = k->pkg;
	struct group own;
	struct test *t;

	if (!there(pkg, stem, ".in", in) || !group_inherit(k, g, &own))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(later); i++)
		if (there(pkg, stem, later[i], path))
			package_unsupported(pkg, path, 0, "cases with %s are not judged yet", later[i]);
	if (k->version == KATTIS_2025 && there(pkg, stem, ".yaml", path))
		read_yaml(k, path, case_keys, ARRAY_SIZE(case_keys), &own);
	snprintf(group, sizeof(group), "%.*s", (int)(slash - name), name);
	if (!there(pkg, stem, ".ans", ans)) {
		package_fault(pkg, in, 0, "no answer: %s.ans is missing", path_base(stem));
	} else {
		t = package_test(pkg, name, group, strncmp(name, "sample/", 7) == 0, in, ans);
		if (t) {
			add_args(k, &t->args, &k->flags);
			add_args(k, &t->args, &own.args);
			add_args(k, &t->in_args, &own.in_args);
			if (t->sample)
				show_instead(k, stem);
		}
	}
	group_release(&own);
}

/* --------------------------------------------------------------------- groups */

static bool is_part(struct kattis *k, const char *path)
{
	char stem[PACKAGE_PATH_MAX], other[PACKAGE_PATH_MAX];

	if (strcmp(path_base(path), "testdata.yaml") == 0 ||
	    strcmp(path_base(path), "test_group.yaml") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (path_stem(path, parts[i], stem))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(later); i++)
		if (path_stem(path, later[i], stem))
			return true;
	if (path_stem(path, ".yaml", stem))
		return k->version == KATTIS_2025 && there(k->pkg, stem, ".in", other);
	return false;
}

/* A conversation as an example: shown, not run. */
static void show_interaction(struct kattis *k, const char *path)
{
	static const char sample[] = "data/sample/";
	char shown[PACKAGE_PATH_MAX];

	if (strncmp(path, sample, strlen(sample)) == 0 &&
	    snprintf(shown, sizeof(shown), "samples/%s", path + strlen(sample)) < (int)sizeof(shown))
		package_show(k->pkg, shown, path);
}

static void look_at(struct kattis *k, const char *path, const struct group *g)
{
	char stem[PACKAGE_PATH_MAX], other[PACKAGE_PATH_MAX];

	if (path_stem(path, ".in", stem)) {
		add_case(k, stem, g);
	} else if (path_stem(path, ".interaction", stem)) {
		show_interaction(k, path);
	} else if (path_stem(path, ".ans", stem)) {
		if (!there(k->pkg, stem, ".in", other) && !there(k->pkg, stem, ".interaction", other))
			package_fault(k->pkg, path, 0, "no input: %s.in is missing", path_base(stem));
	} else if (!is_part(k, path)) {
		package_note(k->pkg, path, 0, "left out: no part of a test case");
	}
}

static void read_group(struct kattis *k, const char *folder, int depth, const struct group *above)
{
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX], stem[PACKAGE_PATH_MAX];
	struct group g;

	if (depth > 16) {
		package_fault(k->pkg, folder, 0, "too many folders in each other");
		return;
	}
	if (!group_inherit(k, above, &g))
		return;
	read_group_file(k, folder, &g);
	k->pkg->p->run_all = k->pkg->p->run_all || g.go_on;
	package_list(k->pkg, folder, &names);
	for (size_t i = 0; i < names.n && !k->pkg->full; i++) {
		if (!package_path(k->pkg, folder, names.v[i], path))
			break;
		switch (package_kind(k->pkg, path)) {
		case PACKAGE_FOLDER:
			if (!path_stem(path, ".files", stem))
				read_group(k, path, depth + 1, &g);
			break;
		case PACKAGE_FILE:
			look_at(k, path, &g);
			break;
		case PACKAGE_NONE:
			package_fault(k->pkg, path, 0, "a link that leads nowhere");
			break;
		case PACKAGE_OTHER:
			package_fault(k->pkg, path, 0, "neither a file nor a folder");
			break;
		}
	}
	strv_release(&names);
	group_release(&g);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct test *)a)->name, ((const struct test *)b)->name);
}

void kattis_tests(struct kattis *k)
{
	static const char *const folders[] = { "data/sample", "data/secret" };
	struct problem *p = k->pkg->p;
	struct group top = { 0 };

	read_group_file(k, "data", &top);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		read_group(k, folders[i], 0, &top);
	if (p->ntests > 0)
		qsort(p->tests, p->ntests, sizeof(*p->tests), by_name);
	group_release(&top);
}
