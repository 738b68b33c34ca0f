/*
 * submissions.c - the reference submissions of a package and what each must get
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge/package/package.h"

#define V(code)		(1u << VERDICT_ ## code)
#define WRONG		(V(WA) | V(PE) | V(PC))
#define SLOW		(V(TLE) | V(ILE))
#define CRASHED		(V(RE) | V(MLE) | V(OLE) | V(SV))
#define REJECTED	(WRONG | SLOW | CRASHED)

struct promise {
	const char *name;
	unsigned allowed, also;
	bool defines_time;
};

/* Folders of submissions/. */
static const struct promise folders[] = {
	{ "accepted",			V(AC),		0, true },
	{ "slow_accepted",		V(AC) | SLOW,	0, false },
	{ "partially_accepted",		V(PC),		0, false },
	{ "wrong_answer",		V(WA) | V(PE),	0, false },
	{ "presentation_error",		V(PE) | V(WA),	0, false },
	{ "no_output",			V(WA) | V(PE),	0, false },
	{ "time_limit_exceeded",	SLOW,		V(WA) | V(PE), false },
	{ "run_time_error",		CRASHED,	V(WA) | V(PE) | SLOW, false },
	{ "memory_limit_exceeded",	V(MLE) | V(RE),	V(WA) | V(PE) | SLOW, false },
	{ "output_limit_exceeded",	V(OLE),		V(WA) | V(PE) | SLOW, false },
	{ "output_limit",		V(OLE),		V(WA) | V(PE) | SLOW, false },
	{ "compile_error",		V(CE),		0, false },
	{ "compiler_error",		V(CE),		0, false },
	{ "brute_force",		SLOW | CRASHED,	0, false },
	{ "rejected",			REJECTED,	0, false },
};

/* Words of DOMjudge's @EXPECTED_RESULTS@, with _ for - and blanks. */
static const struct promise tags[] = {
	{ "CORRECT",			V(AC), 0, true },
	{ "ACCEPTED",			V(AC), 0, true },
	{ "WRONG_ANSWER",		V(WA) | V(PE), 0, false },
	{ "PRESENTATION_ERROR",		V(PE) | V(WA), 0, false },
	{ "NO_OUTPUT",			V(WA) | V(PE), 0, false },
	{ "TIMELIMIT",			SLOW, 0, false },
	{ "TIME_LIMIT_EXCEEDED",	SLOW, 0, false },
	{ "RUN_ERROR",			V(RE) | V(MLE) | V(SV), 0, false },
	{ "RUN_TIME_ERROR",		V(RE) | V(MLE) | V(SV), 0, false },
	{ "RUNTIME_ERROR",		V(RE) | V(MLE) | V(SV), 0, false },
	{ "MEMORY_LIMIT",		V(MLE) | V(RE), 0, false },
	{ "MEMORY_LIMIT_EXCEEDED",	V(MLE) | V(RE), 0, false },
	{ "OUTPUT_LIMIT",		V(OLE), 0, false },
	{ "OUTPUT_LIMIT_EXCEEDED",	V(OLE), 0, false },
	{ "COMPILER_ERROR",		V(CE), 0, false },
	{ "COMPILE_ERROR",		V(CE), 0, false },
	{ "CHECK_MANUALLY",		V(AC) | REJECTED | V(CE), 0, false },
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
 * Return: whether there is one; *ret is filled then.
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
	sum.defines_time = sum.allowed == V(AC);
	found = sum.allowed != 0;
	if (found)
		*ret = sum;
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

static void add(struct package *pkg, const char *path, const struct promise *by_folder)
{
	enum package_kind kind = package_kind(pkg, path);
	struct promise promise;
	struct reference *ref;
	struct program prog = { 0 };
	char *why = NULL;

	if (!tag_find(pkg, path, kind, &promise)) {
		if (!by_folder) {
			package_note(pkg, path, 0, "left out: nothing says what it must get");
			return;
		}
		promise = *by_folder;
	}
	if (!package_program(pkg, path, NULL, &prog, &why))
		return;
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
	if (!why && !lang_allowed(&pkg->p->languages, prog.lang))
		why = strdup("its language is not one of the problem's");
	ref->skip = why;
}

/* Files that stand beside programs and are none. */
static bool is_debris(const char *name)
{
	static const char *const known[] = { "README", "README.md", "README.txt",
					     "submissions.yaml", "__pycache__" };
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcasecmp(name, known[i]) == 0)
			return true;
	return name[n - 1] == '~';
}

static void read_folder(struct package *pkg, const char *folder, const struct promise *promise)
{
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX];

	package_list(pkg, folder, &names);
	for (size_t i = 0; i < names.n && !pkg->full; i++)
		if (!is_debris(names.v[i]) && package_path(pkg, folder, names.v[i], path))
			add(pkg, path, promise);
	strv_release(&names);
}

void package_submissions(struct package *pkg)
{
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX];

	package_list(pkg, "submissions", &names);
	for (size_t i = 0; i < names.n && !pkg->full; i++) {
		if (is_debris(names.v[i]) ||
		    !package_path(pkg, "submissions", names.v[i], path))
			continue;
		if (package_kind(pkg, path) == PACKAGE_FOLDER)
			read_folder(pkg, path, promise_find(folders, ARRAY_SIZE(folders), names.v[i]));
		else
			add(pkg, path, NULL);
	}
	strv_release(&names);
}
