/*
 * compile_layout.c - how a program's files lie in the box, and the commands over them
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "judge/compile_layout.h"

#define MIB		(INT64_C(1) << 20)
#define MAIN_MAX	(1 << 20)	/* read of the main source to find its class */

/* ------------------------------------------------------------- files */

void files_release(struct box_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(files[i].name);
		io_close(files[i].fd);
	}
	free(files);
}

void layout_release(struct layout *l)
{
	files_release(l->files, l->nfiles);
	strv_release(&l->sources);
	free(l->class);
	*l = (struct layout){ 0 };
}

/* A later file of the same name replaces the earlier one. Takes @fd over. */
static int layout_add(struct layout *l, const char *name, int fd, int64_t size)
{
	struct box_file *f = NULL;

	for (size_t i = 0; i < l->nfiles && !f; i++)
		if (strcmp(l->files[i].name, name) == 0)
			f = &l->files[i];
	if (f) {
		io_close(f->fd);
	} else {
		f = reallocarray(l->files, l->nfiles + 1, sizeof(*f));
		if (!f) {
			io_close(fd);
			return -ENOMEM;
		}
		l->files = f;
		f += l->nfiles;
		*f = (struct box_file){ .fd = -1, .mode = 0444 };
		f->name = strdup(name);
		if (!f->name) {
			io_close(fd);
			return -ENOMEM;
		}
		l->nfiles++;
	}
	f->fd = fd;
	f->size = size;
	return 0;
}

static int layout_add_source(struct layout *l, struct blobs *blobs, const struct source *s,
			     const char *name, struct diag *diag)
{
	int fd = blobs_get(blobs, &s->blob.digest);

	if (fd < 0)
		return diag_fail(diag, fd, "read source '%s'", s->name);
	return layout_add(l, name, fd, s->blob.size);
}

/* include/LANG/x is for programs in LANG; include/default/x for those that have none. */
static bool include_for(const struct source *include, const struct lang *lang, bool by_default)
{
	char folder[64];
	size_t n = strcspn(include->name, "/");

	if (!include->name[n] || n >= sizeof(folder))
		return false;
	memcpy(folder, include->name, n);
	folder[n] = '\0';
	return by_default ? strcmp(folder, "default") == 0 : lang_named(lang, folder);
}

static int layout_add_includes(struct layout *l, const struct recipe *recipe,
			       struct blobs *blobs, struct diag *diag)
{
	const struct lang *lang = recipe->program->lang;
	bool any = false;

	for (int by_default = 0; by_default <= (any ? 0 : 1); by_default++) {
		for (size_t i = 0; i < recipe->nincludes; i++) {
			const struct source *s = &recipe->includes[i];
			int r;

			if (!include_for(s, lang, by_default))
				continue;
			any = true;
			r = layout_add_source(l, blobs, s, strchr(s->name, '/') + 1, diag);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* An include with the language's own main name is a driver: it is the main file then. */
static size_t layout_driver(const struct layout *l, const struct lang *lang, size_t from)
{
	const char *name = lang->source;
	char java[64];

	if (strncmp(name, "{class}", strlen("{class}")) == 0) {
		snprintf(java, sizeof(java), "Main%s", name + strlen("{class}"));
		name = java;
	}
	for (size_t i = from; *name && i < l->nfiles; i++)
		if (strcmp(l->files[i].name, name) == 0)
			return i;
	return 0;
}

static bool has_suffix(const struct lang *lang, const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strv_has(&lang->suffixes, dot + 1);
}

static int layout_list_sources(struct layout *l, const struct lang *lang)
{
	int r = strv_add(&l->sources, l->files[l->main].name);

	for (size_t i = 0; r == 0 && i < l->nfiles; i++)
		if (i != l->main && has_suffix(lang, l->files[i].name))
			r = strv_add(&l->sources, l->files[i].name);
	return r;
}

/* The beginning of a file, for those who look for a class in it. */
static int read_head(int fd, struct buf *ret)
{
	char *text = malloc(MAIN_MAX);
	ssize_t n = text ? pread(fd, text, MAIN_MAX, 0) : 0;
	int r = !text ? -ENOMEM : n < 0 ? -errno : 0;

	if (r == 0)
		buf_add(ret, text, n);
	free(text);
	return ret->failed ? -ENOMEM : r;
}

/* A submission of one file gets the language's name for it. */
static int layout_rename_main(struct layout *l, const struct lang *lang)
{
	struct buf text = { 0 };
	char *name = NULL;
	int r = read_head(l->files[0].fd, &text);

	if (r == 0)
		r = lang_source_name(lang, l->files[0].name, buf_text(&text), text.len, &name);
	if (r == 0) {
		free(l->files[0].name);
		l->files[0].name = name;
	}
	buf_release(&text);
	return r;
}

static int layout_find_class(struct layout *l, const struct lang *lang)
{
	struct buf text = { 0 };
	int r;

	if (!strv_mentions(&lang->compile, "{class}") && !strv_mentions(&lang->run, "{class}"))
		return 0;
	r = read_head(l->files[l->main].fd, &text);
	if (r == 0)
		r = lang_main_class(buf_text(&text), text.len, &l->class);
	if (r == -ENOENT)
		r = (l->class = strdup("Main")) ? 0 : -ENOMEM;
	buf_release(&text);
	return r;
}

int layout_make(struct layout *l, const struct recipe *recipe, struct blobs *blobs,
		struct diag *diag)
{
	const struct program *program = recipe->program;
	const struct lang *lang = program->lang;
	int r = 0;

	for (size_t i = 0; r == 0 && i < program->nsources; i++)
		r = layout_add_source(l, blobs, &program->sources[i], program->sources[i].name,
				      diag);
	if (r == 0)
		r = layout_add_includes(l, recipe, blobs, diag);
	if (r < 0)
		return r;
	l->main = layout_driver(l, lang, program->nsources);
	if (program->nsources == 1 && l->main == 0)
		r = layout_rename_main(l, lang);
	if (r == 0)
		r = layout_find_class(l, lang);
	return r == 0 ? layout_list_sources(l, lang) : r;
}

/* ------------------------------------------------------------- commands */

struct placeholder {
	const char *text;
	const char *value;
	bool file;			/* a file's name: must not look like an option */
};

static void add_file_name(struct buf *b, const char *name)
{
	if (b->len == 0 && (name[0] == '-' || name[0] == '@'))
		buf_puts(b, "./");
	buf_puts(b, name);
}

static int argv_add(struct strv *ret, const char *word, const struct placeholder *p, size_t n)
{
	struct buf b = { 0 };
	int r;

	while (*word) {
		const struct placeholder *hit = NULL;

		for (size_t i = 0; i < n && !hit; i++)
			if (p[i].value && strncmp(word, p[i].text, strlen(p[i].text)) == 0)
				hit = &p[i];
		if (!hit) {
			buf_add(&b, word++, 1);
			continue;
		}
		if (hit->file)
			add_file_name(&b, hit->value);
		else
			buf_puts(&b, hit->value);
		word += strlen(hit->text);
	}
	r = b.failed ? -ENOMEM : strv_add(ret, buf_text(&b));
	buf_release(&b);
	return r;
}

/* A word about something that is not there. */
static bool left_out(const char *word, const struct compile_words *words)
{
	const char *at = words->prepared ? strstr(word, PREPARED_WORD) : NULL;
	char *name;
	bool unfit;

	if (!at || words->prepared[0] == '\0')
		return at;
	at += strlen(PREPARED_WORD);
	if (*at != '/' || !words->unless)
		return false;
	name = strndup(at + 1, strcspn(at + 1, "/"));
	unfit = !name || strv_has(words->unless, name);
	free(name);
	return unfit;
}

static int argv_add_files(struct strv *ret, const struct strv *names)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->n; i++) {
		struct buf b = { 0 };

		add_file_name(&b, names->v[i]);
		r = b.failed ? -ENOMEM : strv_add(ret, buf_text(&b));
		buf_release(&b);
	}
	return r;
}

int compile_argv(const struct strv *command, const struct compile_words *words,
		 struct strv *ret)
{
	const struct placeholder p[] = {
		{ "{exe}", words->exe, true },
		{ "{main}", words->main, true },
		{ "{class}", words->class, false },
		{ "{memory-mib}", words->memory_mib, false },
		{ PREPARED_WORD, words->prepared, false },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < command->n; i++) {
		if (left_out(command->v[i], words))
			continue;
		if (words->sources && strcmp(command->v[i], "{sources}") == 0)
			r = argv_add_files(ret, words->sources);
		else
			r = argv_add(ret, command->v[i], p, ARRAY_SIZE(p));
	}
	return r;
}

int compiled_argv(const struct compiled *c, int64_t memory_bytes, struct strv *ret)
{
	struct compile_words words = { 0 };
	char mib[24];

	memory_bytes -= c->memory_extra_bytes;
	snprintf(mib, sizeof(mib), "%lld",
		 (long long)(memory_bytes > MIB ? memory_bytes / MIB : 1));
	words.memory_mib = mib;
	words.prepared = c->prepared ? c->prepared : "";
	return compile_argv(&c->argv, &words, ret);
}

struct compile_words layout_words(const struct layout *l, const struct lang *lang)
{
	return (struct compile_words){
		.exe = lang->exe, .main = l->files[l->main].name, .class = l->class,
		.sources = &l->sources,
	};
}
