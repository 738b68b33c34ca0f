/*
 * compile.c - sources in, sealed artefacts out
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/units.h"
#include "judge/compile.h"
#include "judge/job.h"
#include "judge/run.h"

#define MIB		(INT64_C(1) << 20)
#define SECOND		INT64_C(1000000)
#define TEXT_MAX	(64 << 10)	/* kept of what the compiler said */
#define MAIN_MAX	(1 << 20)	/* read of the main source to find its class */

/* A compiler's own needs; what it may take of time and memory is the problem's to say. */
static const struct box_limits compiler_limits = {
	.output_bytes = 128 * MIB,	/* of one artefact: a huge static array ends here */
	.processes = 256,
	.files = 8192,
	.disk_bytes = 1024 * MIB,
};

/* ------------------------------------------------------------- what is compiled */

struct recipe {
	const struct program *program;
	const struct source *includes;
	size_t nincludes;
	const struct limits *limits;
};

/* The files of a program as they lie in the box, the main one first. */
struct layout {
	struct box_file *files;
	size_t nfiles;
	size_t main;
	struct strv sources;		/* names with a suffix of the language, the main one first */
	char *class;			/* NULL: the language asks for none */
};

static void files_release(struct box_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(files[i].name);
		io_close(files[i].fd);
	}
	free(files);
}

static void layout_release(struct layout *l)
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

static bool uses(const struct strv *command, const char *word)
{
	for (size_t i = 0; i < command->n; i++)
		if (strstr(command->v[i], word))
			return true;
	return false;
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

	if (!uses(&lang->compile, "{class}") && !uses(&lang->run, "{class}"))
		return 0;
	r = read_head(l->files[l->main].fd, &text);
	if (r == 0)
		r = lang_main_class(buf_text(&text), text.len, &l->class);
	if (r == -ENOENT)
		r = (l->class = strdup("Main")) ? 0 : -ENOMEM;
	buf_release(&text);
	return r;
}

/* -EINVAL: the program's one file has a name that no compiler can be given. */
static int layout_make(struct layout *l, const struct recipe *recipe, struct blobs *blobs,
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
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < command->n; i++) {
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
	return compile_argv(&c->argv, &words, ret);
}

static struct compile_words layout_words(const struct layout *l, const struct lang *lang)
{
	return (struct compile_words){
		.exe = lang->exe, .main = l->files[l->main].name, .class = l->class,
		.sources = &l->sources,
	};
}

/* ------------------------------------------------------------- the result */

struct compiled *compiled_get(struct compiled *c)
{
	c->refs++;
	return c;
}

void compiled_put(struct compiled *c)
{
	if (!c || --c->refs > 0)
		return;
	files_release(c->files, c->nfiles);
	io_close(c->exe_fd);
	strv_release(&c->argv);
	strv_release(&c->env);
	free(c->why);
	free(c->text);
	free(c);
}

static int compiled_new(const struct lang *lang, struct compiled **ret)
{
	struct compiled *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->refs = 1;
	c->exe_fd = -1;
	c->memory_extra_bytes = lang->memory_extra_bytes;
	if (strv_copy(&c->env, &lang->env) < 0) {
		compiled_put(c);
		return -ENOMEM;
	}
	*ret = c;
	return 0;
}

static int set_why(struct compiled *c, const char *fmt, ...) PRINTF(2, 3);
static int set_why(struct compiled *c, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&c->why, fmt, args);
	va_end(args);
	if (n < 0)
		c->why = NULL;
	return c->why ? 0 : -ENOMEM;
}

/* A file that nobody can change any more: the memfd that came back, or a copy of it. */
static int seal(int fd)
{
	int copy, r;

	if (io_memfd_seal(fd) == 0) {
		copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		return copy < 0 ? -errno : copy;
	}
	copy = io_memfd("artefact", "", 0);
	if (copy < 0)
		return copy;
	r = fchmod(copy, 0555) < 0 ? -errno : 0;
	if (r == 0 && (r = io_copy(copy, fd)) >= 0)
		r = io_memfd_seal(copy);
	if (r < 0) {
		io_close(copy);
		return r;
	}
	return copy;
}

static int keep_file(struct compiled *c, const struct box_file *from, mode_t mode)
{
	struct box_file *f = reallocarray(c->files, c->nfiles + 1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	c->files = f;
	f += c->nfiles;
	*f = (struct box_file){ .mode = mode, .size = from->size, .fd = seal(from->fd) };
	if (f->fd < 0)
		return f->fd;
	f->name = strdup(from->name);
	if (!f->name) {
		io_close(f->fd);
		return -ENOMEM;
	}
	c->nfiles++;
	c->bytes += from->size;
	return 0;
}

/* A run of the one file that was made is started by its descriptor. */
static bool runs_exe(const struct lang *lang)
{
	return lang->exe[0] && !strpbrk(lang->exe, "*?[") && lang->run.n > 0 &&
	       strcmp(lang->run.v[0], "{exe}") == 0;
}

/* A library, which some compilers leave in its place, has the name but can not be run. */
static bool is_program(int fd)
{
	char magic[4];

	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       memcmp(magic, "\177ELF", sizeof(magic)) == 0;
}

static int keep_artefacts(struct compiled *c, const struct lang *lang,
			  const struct box_report *report)
{
	bool found = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < report->nfiles; i++) {
		const struct box_file *f = &report->files[i];

		if (fnmatch(lang->exe, f->name, 0) != 0)
			continue;
		found = true;
		if (!runs_exe(lang)) {
			r = keep_file(c, f, 0555);
			continue;
		}
		if (!is_program(f->fd))
			return set_why(c, "the compiler left a '%s' that is not a program",
				       lang->exe);
		c->exe_fd = seal(f->fd);
		c->bytes += f->size;
		r = c->exe_fd < 0 ? c->exe_fd : 0;
	}
	if (r < 0)
		return r;
	c->ok = found;
	return found ? 0 : set_why(c, "the compiler succeeded but left no '%s'", lang->exe);
}

/* Interpreted, or only checked: the sources themselves are run. */
static int keep_sources(struct compiled *c, struct layout *l)
{
	c->files = l->files;
	c->nfiles = l->nfiles;
	l->files = NULL;
	l->nfiles = 0;
	for (size_t i = 0; i < c->nfiles; i++)
		c->bytes += c->files[i].size;
	c->ok = true;
	return 0;
}

/*
 * At most @max bytes up to the end of a line, or of a character. Cleaning makes text longer, so
 * that this is done behind it: the other side of a link takes no endless text.
 */
static size_t cut_at(const char *text, size_t len, size_t max)
{
	const char *nl;

	if (len <= max)
		return len;
	nl = memrchr(text, '\n', max);
	if (nl)
		return nl + 1 - text;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* The compiler's words, from its memfd: the beginning. */
static int take_text(struct compiled *c, int fd)
{
	struct buf clean = { 0 }, b = { 0 };
	size_t kept;
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		return 0;
	text = malloc(TEXT_MAX);
	if (!text)
		return -ENOMEM;
	n = pread(fd, text, TEXT_MAX, 0);
	if (n < 0) {
		free(text);
		return -errno;
	}
	buf_clean(&clean, text, n);
	free(text);
	kept = cut_at(buf_text(&clean), clean.len, n < st.st_size ? TEXT_MAX - 1 : TEXT_MAX);
	buf_add(&b, buf_text(&clean), kept);
	if (n < st.st_size || kept < clean.len)
		buf_printf(&b, "[cut: the compiler said %lld bytes]\n", (long long)st.st_size);
	buf_release(&clean);
	c->text = buf_steal(&b);
	c->bytes += b.len;
	return c->text ? 0 : -ENOMEM;
}

/* How the compiler ended, when not well: in words for the student. */
static int set_end(struct compiled *c, const struct box_report *report,
		   const struct box_limits *limits)
{
	char text[32];

	switch (report->end) {
	case BOX_EXITED:
		return set_why(c, "the compiler ended with status %d", report->code);
	case BOX_SIGNALED:
		return set_why(c, "the compiler was killed by signal %d (%s)", report->code,
			       signal_words(report->code));
	case BOX_CPU_LIMIT:
	case BOX_WALL_LIMIT:
		format_duration(limits->cpu_us, text);
		return set_why(c, "compiling took longer than %s", text);
	case BOX_MEMORY_LIMIT:
		format_size(limits->memory_bytes, text);
		return set_why(c, "compiling took more memory than %s", text);
	case BOX_OUTPUT_LIMIT:
		format_size(limits->output_bytes, text);
		return set_why(c, "compiling wrote a file of more than %s", text);
	case BOX_FORBIDDEN:
		return set_why(c, "the compiler called %s(), which is not allowed",
			       report->syscall);
	case BOX_CANCELLED:
	case BOX_NOT_STARTED:
		break;
	}
	return -EINVAL;
}

static int compile_spec(struct box_spec *spec, const struct layout *l, const struct lang *lang,
			const struct limits *limits)
{
	struct compile_words words = layout_words(l, lang);
	char mib[24];

	spec->limits = compiler_limits;
	spec->limits.cpu_us = lang->compile_time_us ? lang->compile_time_us :
						      limits->compile_time_us;
	spec->limits.wall_us = 2 * spec->limits.cpu_us + 10 * SECOND;
	spec->limits.memory_bytes = lang->compile_memory_bytes ? lang->compile_memory_bytes :
								 limits->compile_memory_bytes;
	snprintf(mib, sizeof(mib), "%lld", (long long)(spec->limits.memory_bytes / MIB));
	words.memory_mib = mib;
	spec->profile = "compile";
	spec->exe_fd = spec->stdin_fd = -1;
	spec->files = l->files;
	spec->nfiles = l->nfiles;
	spec->collect = lang->exe[0] != '\0';
	spec->env = lang->env;		/* borrowed */
	return compile_argv(&lang->compile, &words, &spec->argv);
}

/* Fills in how it went; *ret_again: whether it would go so once more. */
static int compile_run(struct compiled *c, struct layout *l, const struct recipe *recipe,
		       const struct judge_env *env, bool *ret_again, struct diag *diag)
{
	const struct lang *lang = recipe->program->lang;
	struct box_spec spec = { .cancel_fd = env->cancel_fd };
	struct box_report report = { 0 };
	int fd = -1, r;

	fd = io_memfd("compiler", "", 0);
	r = fd < 0 ? fd : fcntl(fd, F_SETFL, O_APPEND) < 0 ? -errno : 0;
	if (r == 0)
		r = compile_spec(&spec, l, lang, recipe->limits);
	if (r < 0)
		goto out;
	spec.stdout_fd = spec.stderr_fd = fd;
	r = box_run(env->box, &spec, &report, diag);
	if (r < 0)
		goto out;
	c->cpu_us = report.cpu_us;
	*ret_again = report.end == BOX_EXITED;
	r = take_text(c, fd);
	if (r < 0)
		goto out;
	if (report.end == BOX_CANCELLED)
		r = -ECANCELED;
	else if (report.end == BOX_NOT_STARTED)
		r = diag_fail(diag, report.code ? -report.code : -EIO,
			      "start the compiler of %s", lang->name);
	else if (report.end != BOX_EXITED || report.code != 0)
		r = set_end(c, &report, &spec.limits);
	else if (lang->exe[0])
		r = keep_artefacts(c, lang, &report);
	else
		r = keep_sources(c, l);
out:
	box_report_release(&report);
	strv_release(&spec.argv);
	io_close(fd);
	return r;
}

static int compile_fresh(const struct recipe *recipe, const struct judge_env *env,
			 struct compiled **ret, bool *ret_again, struct diag *diag)
{
	const struct lang *lang = recipe->program->lang;
	struct compiled *c = NULL;
	struct layout l = { 0 };
	struct compile_words words;
	int r = compiled_new(lang, &c);

	if (r < 0)
		return r;
	r = layout_make(&l, recipe, env->blobs, diag);
	if (r == -EINVAL) {
		/* Seen again it would be the same; but it is not worth a place in the cache. */
		r = set_why(c, "the file's name can not be given to a compiler");
		goto done;
	}
	if (r == 0) {
		words = layout_words(&l, lang);
		r = compile_argv(&lang->run, &words, &c->argv);
	}
	if (r == 0)
		r = lang->compile.n > 0 ? compile_run(c, &l, recipe, env, ret_again, diag) :
					  keep_sources(c, &l);
done:
	if (r == 0) {
		*ret = c;
		c = NULL;
	}
	layout_release(&l);
	compiled_put(c);
	return r;
}

/* ------------------------------------------------------------- the cache */

static void key_words(struct buf *b, const char *what, const struct strv *words)
{
	buf_printf(b, "%s %zu\n", what, words->n);
	for (size_t i = 0; i < words->n; i++)
		buf_printf(b, "%s\n", words->v[i]);
}

static void key_sources(struct buf *b, const char *what, const struct source *s, size_t n)
{
	buf_printf(b, "%s %zu\n", what, n);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s %s\n", s[i].blob.digest.hex, s[i].name);
}

/* Everything that decides what comes out of a compiler. */
static int compile_key(const struct recipe *recipe, struct digest *ret)
{
	const struct program *program = recipe->program;
	const struct lang *lang = program->lang;
	struct buf b = { 0 };
	int r;

	buf_printf(&b, "%s\n%s\n%s\n%s\n", lang->id, lang->version ? lang->version : "",
		   lang->source, lang->exe);
	key_words(&b, "suffixes", &lang->suffixes);
	key_words(&b, "aliases", &lang->aliases);
	key_words(&b, "compile", &lang->compile);
	key_words(&b, "run", &lang->run);
	key_words(&b, "env", &lang->env);
	key_sources(&b, "sources", program->sources, program->nsources);
	key_sources(&b, "includes", recipe->includes, recipe->nincludes);
	r = b.failed ? -ENOMEM : digest_data(b.data, b.len, ret);
	buf_release(&b);
	return r;
}

int compile_program(const struct program *program, const struct source *includes,
		    size_t nincludes, const struct limits *limits, const struct judge_env *env,
		    struct compiled **ret, struct diag *diag)
{
	const struct recipe recipe = { program, includes, nincludes, limits };
	struct compiled *c = NULL;
	struct digest key;
	bool again = false;
	int r;

	if (!program->lang || program->nsources == 0)
		return diag_fail(diag, -EINVAL, "there is no program to compile");
	if (program->lang->missing)
		return diag_fail(diag, -ENOPKG, "%s: %s", program->lang->name,
				 program->lang->missing);
	r = compile_key(&recipe, &key);
	if (r < 0)
		return r;
	if (env->cache)
		c = compile_cache_find(env->cache, &key);
	if (!c)
		r = compile_fresh(&recipe, env, &c, &again, diag);
	if (r < 0)
		return r;
	/* No place in the cache is no reason not to judge. */
	if (env->cache && again)
		compile_cache_add(env->cache, &key, c);
	*ret = c;
	return 0;
}

#define CACHE_ENTRIES	512
#define CACHE_FDS	512

struct entry {
	struct digest key;
	struct compiled *compiled;
	uint64_t used;			/* by the cache's own clock */
};

struct compile_cache {
	struct entry entries[CACHE_ENTRIES];
	size_t n, fds;
	int64_t bytes, max_bytes;
	uint64_t clock;
};

int compile_cache_new(int64_t max_bytes, struct compile_cache **ret)
{
	struct compile_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->max_bytes = max_bytes;
	*ret = cache;
	return 0;
}

static size_t compiled_fds(const struct compiled *c)
{
	return c->nfiles + (c->exe_fd >= 0);
}

static void cache_remove(struct compile_cache *cache, size_t i)
{
	struct compiled *c = cache->entries[i].compiled;

	cache->bytes -= c->bytes;
	cache->fds -= compiled_fds(c);
	compiled_put(c);
	cache->entries[i] = cache->entries[--cache->n];
}

static void cache_remove_oldest(struct compile_cache *cache)
{
	size_t oldest = 0;

	for (size_t i = 1; i < cache->n; i++)
		if (cache->entries[i].used < cache->entries[oldest].used)
			oldest = i;
	cache_remove(cache, oldest);
}

static struct entry *cache_entry(struct compile_cache *cache, const struct digest *key)
{
	for (size_t i = 0; i < cache->n; i++)
		if (strcmp(cache->entries[i].key.hex, key->hex) == 0)
			return &cache->entries[i];
	return NULL;
}

struct compiled *compile_cache_find(struct compile_cache *cache, const struct digest *key)
{
	struct entry *e = cache_entry(cache, key);

	if (!e)
		return NULL;
	e->used = ++cache->clock;
	return compiled_get(e->compiled);
}

int compile_cache_add(struct compile_cache *cache, const struct digest *key, struct compiled *c)
{
	size_t fds = compiled_fds(c);

	if (c->bytes > cache->max_bytes || fds > CACHE_FDS)
		return -EFBIG;
	if (cache_entry(cache, key))
		return -EEXIST;
	while (cache->n == CACHE_ENTRIES || cache->fds + fds > CACHE_FDS ||
	       cache->bytes + c->bytes > cache->max_bytes)
		cache_remove_oldest(cache);
	cache->entries[cache->n++] = (struct entry){ *key, compiled_get(c), ++cache->clock };
	cache->bytes += c->bytes;
	cache->fds += fds;
	return 0;
}

void compile_cache_free(struct compile_cache *cache)
{
	while (cache && cache->n > 0)
		cache_remove(cache, cache->n - 1);
	free(cache);
}
