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

#include "base/io.h"
#include "base/units.h"
#include "judge/compile_layout.h"
#include "judge/job.h"
#include "judge/objects.h"
#include "judge/prepare.h"
#include "judge/run.h"

#define MIB		(INT64_C(1) << 20)
#define SECOND		INT64_C(1000000)
#define TEXT_MAX	(64 << 10)	/* kept of what the compiler said */
#define SOURCES_MAX	(64 << 20)

/* A compiler's own needs; what it may take of time and memory is the problem's to say. */
static const struct box_limits compiler_limits = {
	.output_bytes = 128 * MIB,	/* of one artefact: a huge static array ends here */
	.processes = 256,
	.files = 8192,
	.disk_bytes = 1024 * MIB,
};

/* ------------------------------------------------------------- the result */

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
	c->bytes += b.len;
	c->text = buf_steal(&b);
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
	case BOX_LINGERED:
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

/* One call of a compiler. */
struct attempt {
	const char *prepared;		/* the folder in the box, or "" */
	struct strv unless;		/* what in it these sources are not fit for */
	enum box_end end;		/* how it ended; BOX_EXITED when there was nothing to run */
};

static int compile_spec(struct box_spec *spec, const struct layout *l, const struct recipe *recipe,
			const struct attempt *attempt)
{
	const struct lang *lang = recipe->program->lang;
	struct compile_words words = layout_words(l, lang);
	char mib[24];

	words.prepared = attempt->prepared;
	words.unless = &attempt->unless;
	spec->limits = compiler_limits;
	spec->limits.cpu_us = recipe->limits->compile_time_us;
	spec->limits.wall_us = 2 * spec->limits.cpu_us + 10 * SECOND;
	spec->limits.memory_bytes = recipe->limits->compile_memory_bytes;
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

/* Fills in how it went. */
static int compile_run(struct compiled *c, struct layout *l, const struct recipe *recipe,
		       const struct judge_env *env, struct attempt *attempt, struct diag *diag)
{
	const struct lang *lang = recipe->program->lang;
	struct box_spec spec = { .cancel_fd = env->cancel_fd };
	struct box_report report = { 0 };
	int fd = -1, r;

	fd = io_memfd("compiler", "", 0);
	r = fd < 0 ? fd : fcntl(fd, F_SETFL, O_APPEND) < 0 ? -errno : 0;
	if (r == 0)
		r = compile_spec(&spec, l, recipe, attempt);
	if (r < 0)
		goto out;
	spec.stdout_fd = spec.stderr_fd = fd;
	r = box_run(env->box, &spec, &report, diag);
	if (r < 0)
		goto out;
	c->cpu_us = report.cpu_us;
	attempt->end = report.end;
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

static int compile_attempt(const struct recipe *recipe, const struct judge_env *env,
			   struct attempt *attempt, struct compiled **ret, struct diag *diag)
{
	const struct lang *lang = recipe->program->lang;
	struct compiled *c = NULL;
	struct layout l = { 0 };
	struct compile_words words;
	int r = compiled_new(lang, &c);

	if (r < 0)
		return r;
	attempt->end = BOX_EXITED;
	r = layout_make(&l, recipe, env->blobs, diag);
	if (r == -EINVAL) {
		attempt->end = BOX_NOT_STARTED;
		r = set_why(c, "the file's name can not be given to a compiler");
		goto done;
	}
	if (r == 0) {
		words = layout_words(&l, lang);
		r = compile_argv(&lang->run, &words, &c->argv);
	}
	if (r == 0)
		r = lang->compile.n > 0 ? compile_run(c, &l, recipe, env, attempt, diag) :
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

/* ------------------------------------------------------------- what is prepared */

static int read_sources(const struct source *s, size_t n, struct blobs *blobs, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		int fd = blobs_get(blobs, &s[i].blob.digest);

		r = fd < 0 ? fd : io_read_fd(fd, SOURCES_MAX, ret);
		io_close(fd);
		buf_puts(ret, "\n");
	}
	return ret->failed ? -ENOMEM : r;
}

static int find_unless(const struct recipe *recipe, const struct judge_env *env, struct strv *ret)
{
	const struct program *program = recipe->program;
	struct buf text = { 0 };
	int r = read_sources(program->sources, program->nsources, env->blobs, &text);

	if (r == 0)
		r = read_sources(recipe->includes, recipe->nincludes, env->blobs, &text);
	if (r == 0)
		r = prepared_unless(env->prepared, program->lang, buf_text(&text), text.len, ret);
	buf_release(&text);
	return r;
}

/* More time it does not need without; and whatever a student reads comes from a plain compiler. */
static bool counts(const struct compiled *c, const struct attempt *attempt)
{
	return (c->ok && !c->text) || attempt->end == BOX_CPU_LIMIT || attempt->end == BOX_WALL_LIMIT;
}

static int compile_fresh(const struct recipe *recipe, const struct judge_env *env,
			 struct compiled **ret, bool *ret_again, struct diag *diag)
{
	const struct lang *lang = recipe->program->lang;
	struct attempt attempt = { .prepared = "" };
	struct compiled *c = NULL;
	char folder[96];
	int r;

	if (strv_mentions(&lang->compile, PREPARED_WORD) && prepared_there(env->prepared, lang)) {
		snprintf(folder, sizeof(folder), PREPARED_AT "/%s", lang->prepared);
		attempt.prepared = folder;
		r = find_unless(recipe, env, &attempt.unless);
		if (r == 0)
			r = compile_attempt(recipe, env, &attempt, &c, diag);
		if (r == -EPIPE || r == -ECANCELED || r == -ENOMEM || (r == 0 && counts(c, &attempt)))
			goto out;
		compiled_put(c);
		c = NULL;
		strv_release(&attempt.unless);
		attempt = (struct attempt){ .prepared = "" };
		diag->text[0] = '\0';
	}
	r = compile_attempt(recipe, env, &attempt, &c, diag);
out:
	strv_release(&attempt.unless);
	if (!c)
		return r;
	*ret = c;
	/* A failure may be the host's: it had no room for one more process, say. */
	*ret_again = c->ok && lang->compile.n > 0;
	return 0;
}

/* A run, also of what was compiled long ago, gets what is prepared by now. */
static int run_prepared(struct compiled *c, const struct lang *lang, const struct judge_env *env)
{
	free(c->prepared);
	c->prepared = NULL;
	if (!strv_mentions(&lang->run, PREPARED_WORD) || !prepared_there(env->prepared, lang))
		return 0;
	return asprintf(&c->prepared, PREPARED_AT "/%s", lang->prepared) < 0 ? -ENOMEM : 0;
}

/* ------------------------------------------------------------- the front */

int compile_program(const struct program *program, const struct source *includes,
		    size_t nincludes, const struct limits *limits, const struct judge_env *env,
		    struct compiled **ret, struct diag *diag)
{
	struct limits own = *limits;
	const struct recipe recipe = { program, includes, nincludes, &own };
	struct compiled *c = NULL;
	struct digest key;
	bool again = false, stored = false;	/* worth keeping; kept in a file */
	int r;

	if (!program->lang || program->nsources == 0)
		return diag_fail(diag, -EINVAL, "there is no program to compile");
	if (program->lang->missing)
		return diag_fail(diag, -ENOPKG, "%s: %s", program->lang->name,
				 program->lang->missing);
	limits_compile(&own, program->lang);
	r = compile_key(&recipe, &key);
	if (r < 0)
		return r;
	if (env->cache)
		c = compile_cache_find(env->cache, &key);
	if (!c && program->lang->compile.n > 0) {
		c = objects_find(env->objects, &key, program->lang);
		again = stored = c;
	}
	if (!c)
		r = compile_fresh(&recipe, env, &c, &again, diag);
	if (!c)
		return r;
	r = run_prepared(c, program->lang, env);
	if (r < 0) {
		compiled_put(c);
		return r;
	}
	/* No place in the cache is no reason not to judge. */
	if (env->cache && again)
		compile_cache_add(env->cache, &key, c);
	if (again && !stored)
		objects_add(env->objects, &key, c);
	*ret = c;
	return 0;
}
