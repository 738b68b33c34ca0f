/*
 * program.c - source files of a package as programs
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge/package/package.h"

/* A program that is being put together. */
struct building {
	const char *path;		/* of the file or folder */
	const char *named;		/* language that must be taken, or NULL */
	struct program *prog;
	const struct lang *lang;
	bool script;			/* a "build" or "run" of its own */
	char *python2;			/* file that says so of itself */
	struct diag unknown;		/* the last file in no language */
	struct buf faults;		/* the first */
};

/* A print statement: `print x`, which Python 3 can not read. */
static bool has_print_statement(const char *text)
{
	static const char word[] = "print ";

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n \t");
		if (strncmp(line, word, strlen(word)) == 0 &&
		    !strchr(" (=,.", line[strlen(word)]))
			return true;
	}
	return false;
}

/* Old Python has the suffix of the new one. */
static bool is_python2(const char *path, const struct buf *head)
{
	const char *text = buf_text(head);

	if (strcmp(path_suffix(path), "py") != 0)
		return false;
	if (strncmp(text, "#!", 2) == 0 && memmem(text, strcspn(text, "\n"), "python2", 7))
		return true;
	return has_print_statement(text);
}

static void look_at(struct package *pkg, struct building *b, const char *path)
{
	const struct lang *l = NULL;
	struct buf head = { 0 };

	package_head(pkg, path, &head);
	if (b->named)
		l = langs_by_id(pkg->langs, b->named);
	else
		langs_for_file(pkg->langs, path_base(path), buf_text(&head), head.len,
			       &pkg->p->languages, &l, &b->unknown);
	if (is_python2(path, &head))
		b->python2 = b->python2 ? b->python2 : strdup(path);
	/* In a folder of several, C++ compiles the C beside it, and so on down. */
	if (l && (!b->lang || l->priority > b->lang->priority))
		b->lang = l;
	buf_release(&head);
}

static void add_source(struct package *pkg, const char *path, void *ctx)
{
	struct building *b = ctx;
	const char *name = strcmp(path, b->path) == 0 ? path_base(path) :
			   path + strlen(b->path) + 1;
	struct blob_ref ref;
	struct source *s;

	if (!source_path_good(name)) {
		package_fault(pkg, path, 0, "a source's name has only letters, digits, _ - + and .");
		return;
	}
	if (strcmp(name, "build") == 0 || strcmp(name, "run") == 0)
		b->script = true;
	look_at(pkg, b, path);
	if (!package_filled_blob(pkg, path, &ref))
		return;
	s = package_grow(pkg, &b->prog->sources, &b->prog->nsources, sizeof(*s));
	if (!s)
		return;
	s->blob = ref;
	package_set(pkg, &s->name, name);
}

static bool is_source(const struct lang *l, const char *name)
{
	return strv_has(&l->suffixes, path_suffix(name));
}

/* What a file has that is started, in languages where it matters. */
static bool has_main(const char *text)
{
	static const char *const marks[] = { "void main", "__main__", "fn main(" };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (strstr(text, marks[i]))
			return true;
	return false;
}

/* How likely this file is the one to start: by its name, by a main() in it. */
static int main_rank(struct package *pkg, const struct building *b, const struct source *s)
{
	const char *base = path_base(s->name), *folder = path_base(b->path);
	size_t stem = strcspn(base, ".");
	struct buf head = { 0 };
	char path[PACKAGE_PATH_MAX];
	int rank = 1;

	if (!is_source(b->lang, s->name))
		return -1;
	if (package_path(pkg, b->path, s->name, path))
		package_head(pkg, path, &head);
	if ((stem == 4 && strncasecmp(base, "main", 4) == 0) || strncmp(base, "__main__.", 9) == 0)
		rank = 4;
	else if (has_main(buf_text(&head)))
		rank = 3;
	else if (strlen(folder) == stem && strncasecmp(base, folder, stem) == 0)
		rank = 2;
	else if (strcasestr(buf_text(&head), "\ninterface"))
		rank = 0;	/* a unit of Pascal */
	buf_release(&head);
	return rank;
}

static void put_first(struct program *prog, size_t at)
{
	struct source best = prog->sources[at];

	memmove(prog->sources + 1, prog->sources, at * sizeof(best));
	prog->sources[0] = best;
}

static void order_sources(struct package *pkg, struct building *b)
{
	int best_rank = -2, rank;
	size_t best = 0;

	for (size_t i = 0; i < b->prog->nsources; i++) {
		rank = main_rank(pkg, b, &b->prog->sources[i]);
		if (rank > best_rank) {
			best_rank = rank;
			best = i;
		}
	}
	put_first(b->prog, best);
}

bool program_start(struct program *prog, const char *entry)
{
	char stem[PACKAGE_PATH_MAX];

	for (size_t i = 0; i < prog->nsources; i++) {
		const char *name = prog->sources[i].name;

		if (strcmp(name, entry) == 0 ||
		    (path_stem(name, ".java", stem) && strcmp(stem, entry) == 0)) {
			put_first(prog, i);
			return true;
		}
	}
	return false;
}

static char *why_not(const struct building *b)
{
	struct buf why = { 0 };

	if (b->faults.len > 0)
		buf_puts(&why, buf_text(&b->faults));
	else if (b->script)
		buf_puts(&why, "has a build or run script of its own");
	else if (b->python2)
		buf_puts(&why, "needs python2");
	else if (!b->lang && b->named)
		buf_printf(&why, "unknown language: '%s'", b->named);
	else if (!b->lang)
		buf_puts(&why, b->unknown.text[0] ? b->unknown.text : "holds no source");
	else if (b->lang->missing)
		buf_puts(&why, b->lang->missing);
	else
		return NULL;
	return buf_steal(&why);
}

bool package_program(struct package *pkg, const char *path, const char *lang,
		     struct program *ret, char **ret_why)
{
	struct program prog = { 0 };
	struct building b = { .path = path, .named = lang, .prog = &prog };
	unsigned before = pkg->faults;
	char *why;

	pkg->soft = &b.faults;		/* cppcheck-suppress autoVariables ; until it is NULL again */
	switch (package_kind(pkg, path)) {
	case PACKAGE_FILE:
		add_source(pkg, path, &b);
		break;
	case PACKAGE_FOLDER:
		package_walk(pkg, path, add_source, &b);
		break;
	default:
		package_fault(pkg, path, 0, "no such file or folder");
		break;
	}
	why = why_not(&b);
	if (!why && prog.nsources > 1)
		order_sources(pkg, &b);
	pkg->soft = NULL;
	free(b.python2);
	buf_release(&b.faults);
	if (pkg->faults != before) {
		free(why);
		program_release(&prog);
		return false;
	}
	prog.lang = why ? NULL : b.lang;
	*ret = prog;
	*ret_why = why;
	return true;
}

bool package_checker(struct package *pkg, const char *path, struct program *ret)
{
	struct program prog = { 0 };
	char *why = NULL;

	if (!package_program(pkg, path, NULL, &prog, &why))
		return false;
	if (why) {
		/* A fault with a file says where it is itself. */
		if (strncmp(why, path, strlen(path)) == 0)
			package_told(pkg, -EINVAL, why);
		else
			package_fault(pkg, path, 0, "output validator: %s", why);
		free(why);
		program_release(&prog);
		return false;
	}
	*ret = prog;
	return true;
}
