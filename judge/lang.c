/*
 * lang.c - reading, probing and choosing languages
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/io.h"
#include "base/units.h"
#include "judge/lang.h"

#define VERSION_MAX_US	(10 * INT64_C(1000000))

/* ------------------------------------------------------------------- reading */

static const char *const placeholders[] = { "{exe}", "{main}", "{class}", "{memory-mib}",
					    "{sources}" };

/* A command line whose {words} are all known. */
static int parse_command(const char *text, void *ret, const struct config_at *at,
			 struct diag *diag)
{
	for (const char *p = text; (p = strchr(p, '{')) != NULL; p++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(placeholders) &&
		       strncmp(p, placeholders[i], strlen(placeholders[i])) != 0)
			i++;
		if (i == ARRAY_SIZE(placeholders))
			return diag_fail(diag, -EINVAL, "%s: unknown placeholder in '%s'", at->key, p);
	}
	return config_words(text, ret, at, diag);
}

static int parse_env(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	struct strv *env = ret;
	int r = config_words(text, ret, at, diag);

	for (size_t i = 0; r == 0 && i < env->n; i++)
		if (!strchr(env->v[i], '=') || env->v[i][0] == '=')
			r = diag_fail(diag, -EINVAL, "env: '%s' is not NAME=VALUE", env->v[i]);
	return r;
}

static int parse_suffixes(const char *text, void *ret, const struct config_at *at,
			  struct diag *diag)
{
	struct strv *list = ret;
	int r = config_words(text, ret, at, diag);

	for (size_t i = 0; r == 0 && i < list->n; i++)
		if (list->v[i][0] == '\0' || strpbrk(list->v[i], "./"))
			r = diag_fail(diag, -EINVAL, "suffixes: '%s' has a dot or slash", list->v[i]);
	return r;
}

static int parse_source(const char *text, void *ret, const struct config_at *at,
			struct diag *diag)
{
	if (strchr(text, '/') || text[0] == '.' || text[0] == '-' ||
	    (strchr(text, '{') && strncmp(text, "{class}", 7) != 0))
		return diag_fail(diag, -EINVAL, "source: '%s' is not a file name", text);
	return config_text(text, ret, at, diag);
}

static int parse_positive(const char *text, void *ret, const struct config_at *at,
			  struct diag *diag)
{
	int r = config_count(text, ret, at, diag);

	if (r == 0 && *(int64_t *)ret < 1)
		r = diag_fail(diag, -EINVAL, "%s: must be at least 1", at->key);
	return r;
}

static int parse_factor(const char *text, void *ret, const struct config_at *at,
			struct diag *diag)
{
	int r = config_real(text, ret, at, diag);

	if (r == 0 && (*(double *)ret < 0.01 || *(double *)ret > 1000))
		r = diag_fail(diag, -EINVAL, "%s: must be from 0.01 to 1000", at->key);
	return r;
}

#define KEY(section, key, parse, field) { section, key, parse, offsetof(struct lang, field) }
static const struct config_key keys[] = {
	KEY("language", "name", config_text, name),
	KEY("language", "suffixes", parse_suffixes, suffixes),
	KEY("language", "priority", config_count, priority),
	KEY("language", "aliases", config_words, aliases),
	KEY("language", "source", parse_source, source),
	KEY("language", "compile", parse_command, compile),
	KEY("language", "exe", config_text, exe),
	KEY("language", "run", parse_command, run),
	KEY("language", "env", parse_env, env),
	KEY("language", "tools", config_words, tools),
	KEY("language", "package", config_text, package),
	KEY("language", "version", config_words, version_cmd),
	KEY("limits", "time-factor", parse_factor, time_factor),
	KEY("limits", "time-extra", config_duration, time_extra_us),
	KEY("limits", "memory-extra", config_size, memory_extra_bytes),
	KEY("limits", "processes", parse_positive, processes),
	KEY("limits", "compile-time", config_duration, compile_time_us),
	KEY("limits", "compile-memory", config_size, compile_memory_bytes),
};
#undef KEY

static int text_default(char **field, const char *text)
{
	if (!*field)
		*field = strdup(text);
	return *field ? 0 : -ENOMEM;
}

static bool id_valid(const char *id)
{
	return id[0] != '\0' && strlen(id) < 64 &&
	       id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_+-")] == '\0';
}

static int lang_check(const struct lang *l, const char *file, struct diag *diag)
{
	if (l->run.n == 0)
		return diag_fail(diag, -EINVAL, "%s: [language] needs run", file);
	if (l->suffixes.n == 0)
		return diag_fail(diag, -EINVAL, "%s: [language] needs suffixes", file);
	if (l->tools.n == 0)
		return diag_fail(diag, -EINVAL, "%s: [language] needs tools", file);
	if (l->compile.n == 0 && l->exe[0] != '\0')
		return diag_fail(diag, -EINVAL, "%s: exe needs compile", file);
	return 0;
}

static int lang_read(int dirfd, const char *file, struct lang **ret, struct diag *diag)
{
	struct lang *l = calloc(1, sizeof(*l));
	const char *base = strrchr(file, '/');
	int r;

	if (!l)
		return -ENOMEM;
	l->time_factor = 1;
	l->processes = 1;
	base = base ? base + 1 : file;
	l->id = strndup(base, strlen(base) - strlen(".ini"));
	if (!l->id) {
		r = -ENOMEM;
		goto out;
	}
	if (!id_valid(l->id)) {
		r = diag_fail(diag, -EINVAL, "%s: name a language with a-z 0-9 _ + -", file);
		goto out;
	}
	r = config_read_at(dirfd, file, keys, ARRAY_SIZE(keys), l, diag);
	if (r < 0)
		goto out;
	if (text_default(&l->name, l->id) < 0 || text_default(&l->exe, "") < 0 ||
	    text_default(&l->source, "") < 0 || text_default(&l->package, "") < 0) {
		r = -ENOMEM;
		goto out;
	}
	r = lang_check(l, file, diag);
	if (r < 0)
		goto out;
	*ret = l;
	l = NULL;
out:
	lang_free(l);
	return r;
}

static int langs_add(struct langs *ls, struct lang *l)
{
	struct lang **v = realloc(ls->v, (ls->n + 1) * sizeof(struct lang *));

	if (!v)
		return -ENOMEM;
	ls->v = v;
	v[ls->n++] = l;
	return 0;
}

static bool has_ending(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcmp(name + n - m, ending) == 0;
}

int langs_load(int dirfd, const char *path, struct langs **ret, struct diag *diag)
{
	struct langs *ls = calloc(1, sizeof(*ls));
	struct strv names = { 0 };
	char file[PATH_MAX];
	int r, fault = 0;

	if (!ls)
		return -ENOMEM;
	r = io_list(dirfd, path, &names);
	if (r < 0) {
		r = diag_fail(diag, r, "list '%s'", path);
		goto out;
	}
	for (size_t i = 0; i < names.n; i++) {
		struct lang *l = NULL;

		if (names.v[i][0] == '.' || !has_ending(names.v[i], ".ini"))
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, names.v[i]);
		r = lang_read(dirfd, file, &l, diag);
		if (r == 0)
			r = langs_add(ls, l);
		if (r < 0) {
			lang_free(l);
			if (!diag_collected(diag))
				goto out;
			fault = r;
		}
	}
	r = fault;
	if (r < 0)
		goto out;
	if (ls->n == 0) {
		r = diag_fail(diag, -EINVAL, "%s: no language: it needs files like cpp17.ini", path);
		goto out;
	}
	*ret = ls;
	ls = NULL;
out:
	strv_release(&names);
	langs_free(ls);
	return r;
}

void lang_free(struct lang *l)
{
	if (!l)
		return;
	free(l->id);
	free(l->name);
	strv_release(&l->suffixes);
	strv_release(&l->aliases);
	free(l->source);
	strv_release(&l->compile);
	free(l->exe);
	strv_release(&l->run);
	strv_release(&l->env);
	strv_release(&l->tools);
	free(l->package);
	strv_release(&l->version_cmd);
	free(l->version);
	free(l->missing);
	free(l);
}

void langs_free(struct langs *ls)
{
	if (!ls)
		return;
	for (size_t i = 0; i < ls->n; i++)
		lang_free(ls->v[i]);
	free(ls->v);
	free(ls);
}

static int text_copy(char **ret, const char *from)
{
	if (!from)
		return 0;
	*ret = strdup(from);
	return *ret ? 0 : -ENOMEM;
}

int lang_copy(const struct lang *from, struct lang **ret)
{
	struct lang *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->priority = from->priority;
	l->time_factor = from->time_factor;
	l->time_extra_us = from->time_extra_us;
	l->memory_extra_bytes = from->memory_extra_bytes;
	l->processes = from->processes;
	l->compile_time_us = from->compile_time_us;
	l->compile_memory_bytes = from->compile_memory_bytes;
	if (text_copy(&l->id, from->id) < 0 || text_copy(&l->name, from->name) < 0 ||
	    text_copy(&l->source, from->source) < 0 || text_copy(&l->exe, from->exe) < 0 ||
	    text_copy(&l->package, from->package) < 0 ||
	    text_copy(&l->version, from->version) < 0 ||
	    text_copy(&l->missing, from->missing) < 0 ||
	    strv_copy(&l->suffixes, &from->suffixes) < 0 ||
	    strv_copy(&l->aliases, &from->aliases) < 0 ||
	    strv_copy(&l->compile, &from->compile) < 0 || strv_copy(&l->run, &from->run) < 0 ||
	    strv_copy(&l->env, &from->env) < 0 || strv_copy(&l->tools, &from->tools) < 0 ||
	    strv_copy(&l->version_cmd, &from->version_cmd) < 0) {
		lang_free(l);
		return -ENOMEM;
	}
	*ret = l;
	return 0;
}

/* ------------------------------------------------------------------- probing */

/* The box's PATH, which is not ours: what root has in its home is not in a box. */
static const char *const path_dirs[] = { "/usr/local/bin", "/usr/bin", "/bin" };

/* A program of the system: below /usr whatever links lead there, nobody else's to change. */
static bool tool_find(const char *tool, char ret[PATH_MAX])
{
	char real[PATH_MAX];
	struct stat st;

	if (tool[0] == '\0' || strchr(tool, '/'))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(path_dirs); i++) {
		if (snprintf(ret, PATH_MAX, "%s/%s", path_dirs[i], tool) >= PATH_MAX)
			return false;
		if (realpath(ret, real) && strncmp(real, "/usr/", 5) == 0 &&
		    stat(real, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
		    (st.st_mode & S_IWOTH) == 0 && (st.st_mode & S_IXOTH) != 0)
			return true;
	}
	return false;
}

static void version_child(const char *path, char **argv, int out)
{
	static char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent",
				     "LC_ALL=C", NULL };
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || chdir("/") < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(127);
	close_range(3, ~0U, 0);
	execve(path, argv, env);
	_exit(127);
}

/* What it says within the time, at most @size - 1 bytes. */
static void version_read(int fd, char *ret, size_t size)
{
	int64_t end = clock_mono_us() + VERSION_MAX_US, left;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t n = 0;
	ssize_t got;

	while (n < size - 1 && (left = end - clock_mono_us()) > 0) {
		if (poll(&p, 1, (int)(left / 1000) + 1) < 0 && errno != EINTR)
			break;
		if (p.revents == 0)
			continue;
		got = read(fd, ret + n, size - 1 - n);
		if (got <= 0)
			break;
		n += got;
	}
	ret[n] = '\0';
}

/* Its first line that says something, NULL when it fails. */
static char *version_ask(const struct strv *cmd)
{
	char path[PATH_MAX], text[4096], *save = NULL, *line;
	int fds[2], status = -1;
	struct buf clean = { 0 };
	pid_t pid;

	if (!tool_find(cmd->v[0], path) || pipe2(fds, O_CLOEXEC) < 0)
		return NULL;
	pid = fork();
	if (pid == 0)
		version_child(path, cmd->v, fds[1]);
	io_close(fds[1]);
	if (pid < 0) {
		io_close(fds[0]);
		return NULL;
	}
	version_read(fds[0], text, sizeof(text));
	io_close(fds[0]);
	/* Who closed his output early has a moment to end by himself; the others are ended. */
	for (int i = 0; i < 200 && waitpid(pid, &status, WNOHANG) == 0; i++)
		poll(NULL, 0, 5);
	if (status == -1) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	line = strtok_r(text, "\r\n", &save);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !line)
		return NULL;
	buf_clean(&clean, line, strlen(line));
	return buf_steal(&clean);
}

static bool strv_same(const struct strv *a, const struct strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static void note_missing(struct lang *l, const char *tool)
{
	struct buf b = { 0 };

	buf_printf(&b, "needs %s", tool);
	if (l->package[0] != '\0')
		buf_printf(&b, ": apt install %s", l->package);
	l->missing = buf_steal(&b);
}

static void version_probe(struct langs *ls, size_t i)
{
	struct lang *l = ls->v[i];
	struct buf b = { 0 };

	if (l->version_cmd.n == 0)
		return;
	for (size_t j = 0; j < i && !l->version; j++)
		if (ls->v[j]->version && strv_same(&l->version_cmd, &ls->v[j]->version_cmd))
			l->version = strdup(ls->v[j]->version);
	if (!l->version)
		l->version = version_ask(&l->version_cmd);
	if (l->version)
		return;
	buf_puts(&b, "broken: fails on");
	for (size_t j = 0; j < l->version_cmd.n; j++)
		buf_printf(&b, " %s", l->version_cmd.v[j]);
	l->missing = buf_steal(&b);
}

void langs_probe(struct langs *ls)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < ls->n; i++) {
		struct lang *l = ls->v[i];

		free(l->missing);
		free(l->version);
		l->missing = l->version = NULL;
		for (size_t j = 0; j < l->tools.n && !l->missing; j++)
			if (!tool_find(l->tools.v[j], path))
				note_missing(l, l->tools.v[j]);
		if (!l->missing)
			version_probe(ls, i);
	}
}

/* ------------------------------------------------------------------ choosing */

bool lang_named(const struct lang *l, const char *name)
{
	return strcmp(l->id, name) == 0 || strv_has(&l->aliases, name);
}

bool lang_allowed(const struct strv *allowed, const struct lang *l)
{
	if (!allowed || allowed->n == 0)
		return true;
	for (size_t i = 0; i < allowed->n; i++)
		if (lang_named(l, allowed->v[i]))
			return true;
	return false;
}

const struct lang *langs_by_id(const struct langs *ls, const char *name)
{
	const struct lang *best = NULL;

	for (size_t i = 0; i < ls->n; i++) {
		const struct lang *l = ls->v[i];

		if (strcmp(l->id, name) == 0)
			return l;
		if (strv_has(&l->aliases, name) && (!best || l->priority > best->priority))
			best = l;
	}
	return best;
}

static const char *suffix_of(const char *name)
{
	const char *base = strrchr(name, '/'), *dot;

	base = base ? base + 1 : name;
	dot = strrchr(base, '.');
	return dot && dot != base && dot[1] != '\0' ? dot + 1 : NULL;
}

static bool has_suffix(const struct lang *l, const char *suffix, bool any_case)
{
	for (size_t i = 0; i < l->suffixes.n; i++)
		if (any_case ? strcasecmp(l->suffixes.v[i], suffix) == 0
			     : strcmp(l->suffixes.v[i], suffix) == 0)
			return true;
	return false;
}

/* Allowed ones first, then those that are there, then by priority. */
static bool better(const struct lang *a, const struct lang *b, const struct strv *allowed)
{
	int by_allowed = lang_allowed(allowed, a) - lang_allowed(allowed, b);
	int by_tools = !a->missing - !b->missing;

	if (by_allowed != 0)
		return by_allowed > 0;
	if (by_tools != 0)
		return by_tools > 0;
	return a->priority > b->priority;
}

static const struct lang *by_suffix(const struct langs *ls, const char *suffix,
				    const struct strv *allowed, bool any_case)
{
	const struct lang *best = NULL;

	for (size_t i = 0; i < ls->n; i++)
		if (has_suffix(ls->v[i], suffix, any_case) &&
		    (!best || better(ls->v[i], best, allowed)))
			best = ls->v[i];
	return best;
}

/*
 * The word after `judgefs: language=` in a comment on the first line (the second, after #!).
 * A comment here is a line on which only signs that open one come before.
 */
static bool directive(const char *head, size_t len, char ret[64])
{
	static const char mark[] = "judgefs:", key[] = "language=";
	const char *p = head, *end = head + len, *nl = memchr(head, '\n', len), *at;
	size_t n = 0;

	if (len > 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	if (end - p > 2 && p[0] == '#' && p[1] == '!' && nl) {
		p = nl + 1;
		nl = memchr(p, '\n', end - p);
	}
	end = nl ? nl : end;
	at = memmem(p, end - p, mark, strlen(mark));
	if (!at || at == p)
		return false;
	for (; p < at; p++)
		if (!strchr(" \t/*#-;%({<!", *p) || *p == '\0')
			return false;
	p = at + strlen(mark);
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (memmem(p, end - p, key, strlen(key)) != p)
		return false;
	p += strlen(key);
	while (p + n < end && n < 63 && p[n] != '\0' &&
	       (isalnum((unsigned char)p[n]) || strchr("_+-.#", p[n])))
		n++;
	memcpy(ret, p, n);
	ret[n] = '\0';
	return n > 0;
}

int langs_for_file(const struct langs *ls, const char *name, const char *head, size_t len,
		   const struct strv *allowed, const struct lang **ret, struct diag *diag)
{
	const struct lang *l = NULL;
	const char *suffix = suffix_of(name);
	struct buf shown = { 0 };
	char word[64];

	if (head && len > 0 && directive(head, len, word)) {
		l = langs_by_id(ls, word);
		if (!l)
			diag_fail(diag, -EINVAL, "unknown language: '%s' on the first line", word);
	} else if (suffix) {
		l = by_suffix(ls, suffix, allowed, false);
		if (!l)
			l = by_suffix(ls, suffix, allowed, true);
		buf_clean(&shown, suffix, strlen(suffix));
		if (!l)
			diag_fail(diag, -EINVAL, "unknown language: '.%s' is no suffix of one",
				  buf_text(&shown));
		buf_release(&shown);
	} else {
		diag_fail(diag, -EINVAL, "unknown language: the file's name has no suffix");
	}
	if (!l)
		return -ENOENT;
	*ret = l;
	return 0;
}

/* ---------------------------------------------------------- names in the box */

/* What a compiler can not take for an option or a path. */
static bool name_safe(const char *name)
{
	if (name[0] == '\0' || name[0] == '-' || name[0] == '.' || name[0] == '@' ||
	    strlen(name) > 255)
		return false;
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		if (*p < 0x20 || *p == 0x7f || *p == '/')
			return false;
	return true;
}

int lang_source_name(const struct lang *l, const char *name, const char *text, size_t len,
		     char **ret)
{
	static const char class[] = "{class}";
	char *found = NULL, *whole = NULL;
	const char *stem;
	int r = 0;

	if (strncmp(l->source, class, strlen(class)) != 0) {
		whole = strdup(l->source[0] ? l->source : name);
	} else {
		if (lang_main_class(text, len, &found) == 0) {
			stem = strrchr(found, '.');
			stem = stem ? stem + 1 : found;
		} else {
			stem = "Main";
		}
		if (asprintf(&whole, "%s%s", stem, l->source + strlen(class)) < 0)
			whole = NULL;
		free(found);
	}
	if (!whole)
		return -ENOMEM;
	if (!name_safe(whole))
		r = -EINVAL;
	else
		*ret = whole;
	if (r < 0)
		free(whole);
	return r;
}

/* Just as much of Java as tells comments, strings, words and brackets apart. */
struct java {
	const char *p, *end;
	int braces, parens;
};

enum java_token { JAVA_END, JAVA_WORD, JAVA_SIGN };

static bool java_letter(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

static bool java_at(const struct java *j, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(j->end - j->p) >= n && memcmp(j->p, text, n) == 0;
}

static void java_skip_to(struct java *j, const char *text)
{
	const char *at = memmem(j->p, j->end - j->p, text, strlen(text));

	j->p = at ? at + strlen(text) : j->end;
}

/* To behind the closing quote; a string without one ends with its line. */
static void java_skip_quoted(struct java *j)
{
	bool block = java_at(j, "\"\"\"");
	char quote = *j->p;

	j->p += block ? 3 : 1;
	for (; j->p < j->end; j->p++) {
		if (*j->p == '\\' && j->end - j->p > 1) {
			j->p++;
		} else if (block ? java_at(j, "\"\"\"") : *j->p == quote || *j->p == '\n') {
			j->p += block ? 3 : 1;
			return;
		}
	}
}

static enum java_token java_next(struct java *j, const char **ret, size_t *ret_len)
{
	while (j->p < j->end) {
		unsigned char c = *j->p;

		if (java_at(j, "//")) {
			java_skip_to(j, "\n");
		} else if (java_at(j, "/*")) {
			j->p += 2;
			java_skip_to(j, "*/");
		} else if (c == '"' || c == '\'') {
			java_skip_quoted(j);
		} else if (java_letter(c)) {
			*ret = j->p;
			while (j->p < j->end && java_letter(*j->p))
				j->p++;
			*ret_len = j->p - *ret;
			return JAVA_WORD;
		} else {
			*ret = j->p++;
			*ret_len = 1;
			if (isspace(c))
				continue;
			j->braces += (c == '{') - (c == '}');
			j->parens += (c == '(') - (c == ')');
			return JAVA_SIGN;
		}
	}
	return JAVA_END;
}

static bool word_is(const char *word, size_t len, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == len && memcmp(*list, word, len) == 0)
			return true;
	return false;
}

#define WORD_IS(word, len, ...) word_is(word, len, (const char *const []){ __VA_ARGS__, NULL })

/* `package a . b ;` without its blanks */
static void java_package(struct java *j, struct buf *ret)
{
	const char *word;
	enum java_token t;
	size_t len;

	while ((t = java_next(j, &word, &len)) != JAVA_END && (t == JAVA_WORD || *word == '.'))
		buf_add(ret, word, len);
}

struct java_type {
	const char *name;
	size_t len;
	int rank;			/* 1 first, 2 has main(), 3 public */
};

static void java_scan(struct java *j, struct java_type *best, struct buf *package)
{
	struct java_type now = { 0 };
	const char *word, *before = "";
	size_t len, before_len = 0;
	bool public = false, wanted = false;
	enum java_token t;

	while ((t = java_next(j, &word, &len)) != JAVA_END) {
		bool top = j->braces == 0 && j->parens == 0;

		if (t == JAVA_WORD && top && wanted) {
			now = (struct java_type){ word, len, public ? 3 : 1 };
			if (now.rank > best->rank)
				*best = now;
			wanted = public = false;
		} else if (t == JAVA_WORD && top) {
			if (WORD_IS(word, len, "package"))
				java_package(j, package);
			else if (WORD_IS(word, len, "public"))
				public = true;
			else if (WORD_IS(word, len, "class", "interface", "enum", "record"))
				wanted = true;
		} else if (t == JAVA_WORD && j->braces == 1 && WORD_IS(word, len, "main") &&
			   WORD_IS(before, before_len, "void") && now.name && best->rank < 2) {
			*best = now;
			best->rank = 2;
		} else if (t == JAVA_SIGN && j->braces == 0 && (*word == ';' || *word == '}')) {
			public = wanted = false;
		}
		before = word;
		before_len = len;
	}
}

int lang_main_class(const char *text, size_t len, char **ret)
{
	struct java j = { .p = text, .end = text + len };
	struct java_type best = { 0 };
	struct buf name = { 0 };

	if (len > 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		j.p += 3;
	java_scan(&j, &best, &name);
	if (!best.name) {
		buf_release(&name);
		return -ENOENT;
	}
	if (name.len > 0)
		buf_puts(&name, ".");
	buf_add(&name, best.name, best.len);
	*ret = buf_steal(&name);
	return *ret ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------- languages.txt */

enum { COLUMNS = 5 };

static void join(const struct strv *s, struct buf *ret)
{
	for (size_t i = 0; i < s->n; i++)
		buf_printf(ret, "%s%s", i ? " " : "", s->v[i]);
}

static void limits_text(const struct lang *l, struct buf *ret)
{
	char text[32];

	buf_printf(ret, "x%g", l->time_factor);
	if (l->time_extra_us > 0) {
		format_duration(l->time_extra_us, text);
		buf_printf(ret, " + %s", text);
	}
}

static void memory_text(const struct lang *l, struct buf *ret)
{
	char text[32];

	format_size(l->memory_extra_bytes, text);
	buf_printf(ret, l->memory_extra_bytes > 0 ? "+ %s" : "-", text);
}

static void cells_fill(const struct lang *l, struct buf cells[COLUMNS])
{
	buf_puts(&cells[0], l->id);
	buf_puts(&cells[1], l->name);
	for (size_t i = 0; i < l->suffixes.n; i++)
		buf_printf(&cells[2], "%s.%s", i ? " " : "", l->suffixes.v[i]);
	limits_text(l, &cells[3]);
	memory_text(l, &cells[4]);
}

static void row_add(const struct buf cells[COLUMNS], const size_t width[COLUMNS],
		    const char *last, struct buf *ret)
{
	for (int c = 0; c < COLUMNS; c++)
		buf_printf(ret, "%-*s  ", (int)width[c], buf_text(&cells[c]));
	buf_printf(ret, "%s\n", last);
}

void langs_table(const struct langs *ls, struct buf *ret)
{
	static const char *const heads[COLUMNS] = { "LANGUAGE", "NAME", "SUFFIXES", "TIME",
						    "MEMORY" };
	struct buf (*rows)[COLUMNS] = calloc(ls->n + 1, sizeof(*rows));
	size_t width[COLUMNS] = { 0 };

	if (!rows) {
		ret->failed = true;
		return;
	}
	for (int c = 0; c < COLUMNS; c++)
		buf_puts(&rows[0][c], heads[c]);
	for (size_t i = 0; i < ls->n; i++)
		cells_fill(ls->v[i], rows[i + 1]);
	for (size_t i = 0; i <= ls->n; i++)
		for (int c = 0; c < COLUMNS; c++)
			width[c] = rows[i][c].len > width[c] ? rows[i][c].len : width[c];

	row_add(rows[0], width, "VERSION", ret);
	for (size_t i = 0; i < ls->n; i++) {
		const struct lang *l = ls->v[i];

		if (l->missing) {
			struct buf why = { 0 };

			buf_printf(&why, "not available: %s", l->missing);
			row_add(rows[i + 1], width, buf_text(&why), ret);
			buf_release(&why);
		} else {
			row_add(rows[i + 1], width, l->version ? l->version : "?", ret);
		}
	}
	buf_puts(ret, "\nThe suffix names the language; where several share one, the first line of the\n"
		      "source may choose, in a comment: judgefs: language=NAME\n\n");
	for (size_t i = 0; i < ls->n; i++) {
		const struct lang *l = ls->v[i];

		buf_printf(ret, "%-*s  compile  ", (int)width[0], l->id);
		if (l->compile.n > 0)
			join(&l->compile, ret);
		else
			buf_puts(ret, "-");
		buf_printf(ret, "\n%-*s  run      ", (int)width[0], "");
		join(&l->run, ret);
		buf_puts(ret, "\n");
	}
	for (size_t i = 0; i <= ls->n; i++)
		for (int c = 0; c < COLUMNS; c++)
			buf_release(&rows[i][c]);
	free(rows);
}
