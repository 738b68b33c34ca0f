/*
 * expect.c - submissions/submissions.yaml of 2025-09, as far as it speaks of whole submissions
 *
 * `permitted` bounds the verdict of every test, `required` is what at least one must get. Of
 * that only the final verdict is kept: the required ones, and the other permitted
 * ones when some test gets a required one.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "judge/package/kattis.h"

#define FILE_NAME	"submissions/submissions.yaml"
#define V(code)		(1u << VERDICT_ ## code)

static const struct {
	const char *code;
	unsigned verdicts;
} codes[] = {
	{ "AC", V(AC) },
	{ "WA", V(WA) | V(PE) | V(PC) },
	{ "TLE", V(TLE) | V(ILE) },
	{ "RTE", V(RE) | V(MLE) | V(OLE) | V(SV) },
};

struct ynode *expect_read(struct package *pkg)
{
	return kattis_yaml(pkg, FILE_NAME);
}

/* Only * and {a,b} are special in the format; fnmatch() knows the second as @(a|b). */
static bool glob_translate(const char *glob, char ret[PACKAGE_PATH_MAX])
{
	size_t n = 0;
	int depth = 0;

	for (; *glob && n < PACKAGE_PATH_MAX - 3; glob++) {
		if (*glob == '{') {
			ret[n++] = '@';
			ret[n++] = '(';
			depth++;
		} else if (*glob == '}' && depth > 0) {
			ret[n++] = ')';
			depth--;
		} else if (*glob == ',' && depth > 0) {
			ret[n++] = '|';
		} else {
			if (strchr("?[]()|\\", *glob))
				ret[n++] = '\\';
			ret[n++] = *glob;
		}
	}
	ret[n] = '\0';
	return *glob == '\0' && depth == 0;
}

/* Itself or a folder that it is in. */
static bool matches(const char *glob, const char *path)
{
	char pattern[PACKAGE_PATH_MAX], part[PACKAGE_PATH_MAX];

	if (!glob_translate(glob, pattern))
		return false;
	for (const char *end = path; end; ) {
		end = strchr(end, '/');
		memcpy(part, path, end ? (size_t)(end - path) : strlen(path) + 1);
		if (end)
			part[end++ - path] = '\0';
		if (fnmatch(pattern, part, FNM_PATHNAME | FNM_EXTMATCH) == 0)
			return true;
	}
	return false;
}

static unsigned read_verdicts(struct package *pkg, const struct ynode *n)
{
	struct strv words = { 0 };
	unsigned sum = 0;

	if (!ynode_words(n, &words))
		package_fault(pkg, FILE_NAME, n->line, "%s: a list of verdicts is expected", n->key);
	for (size_t i = 0; i < words.n; i++) {
		size_t j = 0;

		while (j < ARRAY_SIZE(codes) && strcmp(codes[j].code, words.v[i]) != 0)
			j++;
		if (j < ARRAY_SIZE(codes))
			sum |= codes[j].verdicts;
		else
			package_fault(pkg, FILE_NAME, n->line, "%s: '%s' is none of AC, WA, TLE, RTE",
				      n->key, words.v[i]);
	}
	strv_release(&words);
	return sum;
}

static void read_text(struct package *pkg, const struct ynode *n, const char **ret)
{
	if (n->kind == YNODE_TEXT)
		*ret = n->text;
	else
		package_fault(pkg, FILE_NAME, n->line, "%s: a text is expected, not %s", n->key,
			      ynode_kind_name(n->kind));
}

/* What one pattern's map says, on top of what is known. */
struct wish {
	unsigned permitted, required;	/* 0: not said */
	const char *for_time;
};

static void read_wish(struct package *pkg, const struct ynode *map, struct wish *w,
		      struct promise *promise)
{
	static const char *const told[] = { "authors", "model_solution", "message", "score" };

	for (size_t i = 0; i < map->n; i++) {
		const struct ynode *n = &map->v[i];
		bool known = false;

		for (size_t j = 0; j < ARRAY_SIZE(told); j++)
			known = known || strcmp(told[j], n->key) == 0;
		if (n->kind == YNODE_NULL || known)
			continue;
		if (strcmp(n->key, "permitted") == 0)
			w->permitted = read_verdicts(pkg, n);
		else if (strcmp(n->key, "required") == 0)
			w->required = read_verdicts(pkg, n);
		else if (strcmp(n->key, "language") == 0)
			read_text(pkg, n, &promise->language);
		else if (strcmp(n->key, "entrypoint") == 0)
			read_text(pkg, n, &promise->entry);
		else if (strcmp(n->key, "use_for_time_limit") == 0)
			read_text(pkg, n, &w->for_time);
		else
			package_note(pkg, FILE_NAME, n->line, "not looked at: %s", n->key);
	}
}

static bool is_folder_of(const char *key, const char *path)
{
	size_t n = strlen(key);

	return strncmp(key, path, n) == 0 && path[n] == '/';
}

static void narrow(struct promise *p, unsigned permitted, unsigned required)
{
	unsigned all = p->allowed | p->also;

	p->allowed &= permitted & required;
	p->also = all & permitted & ~p->allowed & ~V(AC);
}

static void apply(struct promise *p, const struct wish *w, bool replaces)
{
	const unsigned everything = ~0u;

	if (replaces && (w->permitted || w->required)) {
		unsigned permitted = w->permitted ? w->permitted : p->allowed | p->also | V(AC);
		unsigned required = w->required ? w->required : p->allowed;

		p->allowed = permitted & required;
		p->also = permitted & ~p->allowed & ~V(AC);
	} else {
		narrow(p, w->permitted ? w->permitted : everything,
		       w->required ? w->required : everything);
	}
	p->defines_time = p->allowed == V(AC) && p->also == 0;
	if (w->for_time && strcmp(w->for_time, "lower") != 0 && strcmp(w->for_time, "true") != 0)
		p->defines_time = false;
}

bool expect_apply(struct package *pkg, const struct ynode *root, const char *path,
		  struct promise *promise)
{
	bool found = false;

	for (int replaces = 1; replaces >= 0; replaces--) {
		for (size_t i = 0; i < root->n; i++) {
			const struct ynode *n = &root->v[i];
			struct wish w = { 0 };

			if (is_folder_of(n->key, path) != replaces || !matches(n->key, path))
				continue;
			if (n->kind != YNODE_MAP) {
				package_fault(pkg, FILE_NAME, n->line, "%s: keys are expected, not %s",
					      n->key, ynode_kind_name(n->kind));
				continue;
			}
			read_wish(pkg, n, &w, promise);
			apply(promise, &w, replaces);
			found = true;
			if (promise->allowed == 0)
				package_fault(pkg, FILE_NAME, n->line, "no verdict is right for %s",
					      path);
		}
	}
	return found;
}
