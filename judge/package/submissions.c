/*
 * submissions.c - the reference submissions of a package and what each must get
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge/package/package.h"
#include "judge/package/yaml.h"

#define V(code)		(1u << VERDICT_ ## code)
#define WRONG		(V(WA) | V(PE) | V(PC))
#define SLOW		(V(TLE) | V(ILE))
#define CRASHED		(V(RE) | V(MLE) | V(OLE) | V(SV))
#define REJECTED	(WRONG | SLOW | CRASHED)

/* Folders of submissions/. */
static const struct promise folders[] = {
	{ .name = "accepted", .allowed = V(AC), .defines_time = true },
	{ .name = "slow_accepted", .allowed = V(AC) | SLOW },
	{ .name = "partially_accepted", .allowed = V(PC) },
	{ .name = "wrong_answer", .allowed = V(WA) | V(PE) },
	{ .name = "presentation_error", .allowed = V(PE) | V(WA) },
	{ .name = "no_output", .allowed = V(WA) | V(PE) },
	{ .name = "time_limit_exceeded", .allowed = SLOW, .also = V(WA) | V(PE) },
	{ .name = "run_time_error", .allowed = CRASHED, .also = V(WA) | V(PE) | SLOW },
	{ .name = "memory_limit_exceeded", .allowed = V(MLE) | V(RE), .also = V(WA) | V(PE) | SLOW },
	{ .name = "output_limit_exceeded", .allowed = V(OLE), .also = V(WA) | V(PE) | SLOW },
	{ .name = "output_limit", .allowed = V(OLE), .also = V(WA) | V(PE) | SLOW },
	{ .name = "compile_error", .allowed = V(CE) },
	{ .name = "compiler_error", .allowed = V(CE) },
	{ .name = "brute_force", .allowed = SLOW | CRASHED },
	{ .name = "rejected", .allowed = REJECTED },
};

/* Words of DOMjudge's @EXPECTED_RESULTS@, with _ for - and blanks. */
static const struct promise tags[] = {
	{ .name = "CORRECT", .allowed = V(AC), .defines_time = true },
	{ .name = "ACCEPTED", .allowed = V(AC), .defines_time = true },
	{ .name = "WRONG_ANSWER", .allowed = V(WA) | V(PE) },
	{ .name = "PRESENTATION_ERROR", .allowed = V(PE) | V(WA) },
	{ .name = "NO_OUTPUT", .allowed = V(WA) | V(PE) },
	{ .name = "TIMELIMIT", .allowed = SLOW },
	{ .name = "TIME_LIMIT_EXCEEDED", .allowed = SLOW },
	{ .name = "RUN_ERROR", .allowed = V(RE) | V(MLE) | V(SV) },
	{ .name = "RUN_TIME_ERROR", .allowed = V(RE) | V(MLE) | V(SV) },
	{ .name = "RUNTIME_ERROR", .allowed = V(RE) | V(MLE) | V(SV) },
	{ .name = "MEMORY_LIMIT", .allowed = V(MLE) | V(RE) },
	{ .name = "MEMORY_LIMIT_EXCEEDED", .allowed = V(MLE) | V(RE) },
	{ .name = "OUTPUT_LIMIT", .allowed = V(OLE) },
	{ .name = "OUTPUT_LIMIT_EXCEEDED", .allowed = V(OLE) },
	{ .name = "COMPILER_ERROR", .allowed = V(CE) },
	{ .name = "COMPILE_ERROR", .allowed = V(CE) },
	{ .name = "CHECK_MANUALLY", .allowed = V(AC) | REJECTED | V(CE) },
};

static const struct promise *promise_find(const struct promise *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* One word of a tag as it stands in the tables: without what is around it, _ for what divides. */
static void tag_word(const char *from, size_t len, char ret[64])
{
	size_t n = 0;

	while (len > 0 && isspace((unsigned char)*from)) {
		from++;
		len--;
	}
	while (n < len && n < 63 && (isalnum((unsigned char)from[n]) || strchr("_- ", from[n]))) {
		ret[n] = from[n] == '-' || from[n] == ' ' ? '_' : from[n];
		n++;
	}
	while (n > 0 && ret[n - 1] == '_')
		n--;
	ret[n] = '\0';
}

/*
 * `@EXPECTED_RESULTS@: TIMELIMIT, CORRECT` somewhere near the top of a source.
 * Return: whether there is one; *ret is changed then.
 */
static bool tag_read(struct package *pkg, const char *path, struct promise *ret)
{
	static const char mark[] = "@EXPECTED_RESULTS@:";
	struct promise sum = { .name = mark };
	struct buf head = { 0 };
	const char *p, *end;
	bool found = false;

	package_head(pkg, path, &head);
	p = head.len > 0 ? memmem(head.data, head.len, mark, strlen(mark)) : NULL;
	if (!p)
		goto out;
	p += strlen(mark);
	end = p + strcspn(p, "\r\n");
	while (p < end) {
		const struct promise *one;
		size_t n = strcspn(p, ",\r\n");
		char word[64];

		tag_word(p, n, word);
		one = promise_find(tags, ARRAY_SIZE(tags), word);
		if (one)
			sum.allowed |= one->allowed;
		else if (word[0])
			package_note(pkg, path, 0, "unknown word '%s' after @EXPECTED_RESULTS@", word);
		p += n + 1;
	}
	found = sum.allowed != 0;
	if (found) {
		ret->allowed = sum.allowed;
		ret->also = 0;
		ret->defines_time = sum.allowed == V(AC);
	}
out:
	buf_release(&head);
	return found;
}

struct tag_search {
	struct promise *promise;
	bool found;
};

static void search_tag(struct package *pkg, const char *path, void *ctx)
{
	struct tag_search *s = ctx;

	if (!s->found)
		s->found = tag_read(pkg, path, s->promise);
}

static bool tag_find(struct package *pkg, const char *path, enum package_kind kind,
		     struct promise *ret)
{
	struct tag_search s = { .promise = ret };

	if (kind == PACKAGE_FOLDER)
		package_walk(pkg, path, search_tag, &s);
	else
		search_tag(pkg, path, &s);
	return s.found;
}

/* Of the folder, else of submissions.yaml, else of the tag in the source, which knows best. */
static bool promise_of(struct package *pkg, const struct ynode *expect, const char *path,
		       const struct promise *by_folder, struct promise *ret)
{
	static const struct promise anything = { .name = "", .allowed = V(AC) | REJECTED };
	bool found = by_folder != NULL;

	*ret = by_folder ? *by_folder : anything;
	if (expect && expect_apply(pkg, expect, path + strlen("submissions/"), ret))
		found = true;
	if (tag_find(pkg, path, package_kind(pkg, path), ret))
		found = true;
	if (!found)
		package_note(pkg, path, 0, "left out: nothing says what it must get");
	return found;
}

static void add(struct package *pkg, const struct ynode *expect, const char *path,
		const struct promise *by_folder)
{
	struct promise promise;
	struct program prog = { 0 };
	struct reference *ref;
	char *why = NULL;

	if (!promise_of(pkg, expect, path, by_folder, &promise) ||
	    !package_program(pkg, path, promise.language, &prog, &why))
		return;
	if (!why && promise.entry && !program_start(&prog, promise.entry))
		package_fault(pkg, path, 0, "no source for the entry point '%s'", promise.entry);
	if (!why && !lang_allowed(&pkg->p->languages, prog.lang))
		why = strdup("its language is not one of the problem's");
	ref = package_grow(pkg, &pkg->p->references, &pkg->p->nreferences, sizeof(*ref));
	if (!ref) {
		free(why);
		program_release(&prog);
		return;
	}
	package_set(pkg, &ref->path, path);
	ref->program = prog;
	ref->allowed = promise.allowed;
	ref->also = promise.also;
	ref->defines_time = promise.defines_time && !why;
	ref->skip = why;
}

/* Files that stand beside programs and are none. */
static bool is_debris(const char *name)
{
	static const char *const known[] = { "README", "README.md", "README.txt",
					     "submissions.yaml", "__pycache__" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcasecmp(name, known[i]) == 0)
			return true;
	return name[strlen(name) - 1] == '~';
}

static void read_folder(struct package *pkg, const struct ynode *expect, const char *folder)
{
	const struct promise *promise = promise_find(folders, ARRAY_SIZE(folders),
						     path_base(folder));
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX];

	package_list(pkg, folder, &names);
	for (size_t i = 0; i < names.n && !pkg->full; i++)
		if (!is_debris(names.v[i]) && package_path(pkg, folder, names.v[i], path))
			add(pkg, expect, path, promise);
	strv_release(&names);
}

void package_submissions(struct package *pkg)
{
	struct ynode *expect = expect_read(pkg);
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX];

	package_list(pkg, "submissions", &names);
	for (size_t i = 0; i < names.n && !pkg->full; i++) {
		if (is_debris(names.v[i]) ||
		    !package_path(pkg, "submissions", names.v[i], path))
			continue;
		if (package_kind(pkg, path) == PACKAGE_FOLDER)
			read_folder(pkg, expect, path);
		else
			add(pkg, expect, path, NULL);
	}
	strv_release(&names);
	ynode_free(expect);
}
