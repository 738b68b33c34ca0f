/*
 * lang.c - reading languages
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/io.h"
#include "judge/lang.h"

/* ------------------------------------------------------------------- reading */

static const char *const placeholders[] = { "{exe}", "{main}", "{class}", "{memory-mib}",
					    "{sources}", PREPARED_WORD };

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

/* Below the folder in which something is prepared. */
static bool name_valid(const char *name)
{
	return name[0] != '\0' && name[0] != '/' && name[0] != '.' && !strstr(name, "/.") &&
	       strlen(name) < NAME_MAX;
}

static int parse_keep(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	struct strv *names = ret;
	int r = config_words(text, ret, at, diag);

	for (size_t i = 0; r == 0 && i < names->n; i++)
		if (!name_valid(names->v[i]))
			r = diag_fail(diag, -EINVAL, "keep: '%s' is no file name", names->v[i]);
	return r;
}

static int parse_files(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	struct strv *pairs = ret;
	int r = config_words(text, ret, at, diag);

	if (r == 0 && pairs->n % 2 != 0)
		r = diag_fail(diag, -EINVAL, "files: each name needs a text");
	for (size_t i = 0; r == 0 && i < pairs->n; i += 2)
		if (!name_valid(pairs->v[i]))
			r = diag_fail(diag, -EINVAL, "files: '%s' is no file name", pairs->v[i]);
	return r;
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
	KEY("language", "out-of-memory", config_words, out_of_memory),
	KEY("prepare", "files", parse_files, prepare_files),
	KEY("prepare", "commands", config_words, prepare),
	KEY("prepare", "keep", parse_keep, prepare_keep),
	KEY("prepare", "depends", config_words, prepare_depends),
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
	if ((l->prepare.n > 0) != (l->prepare_keep.n > 0))
		return diag_fail(diag, -EINVAL, "%s: [prepare] needs commands and keep", file);
	if (l->prepare.n == 0 && (strv_mentions(&l->compile, PREPARED_WORD) || strv_mentions(&l->run, PREPARED_WORD)))
		return diag_fail(diag, -EINVAL, "%s: {prepared} needs a [prepare]", file);
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

static const char *shared_suffix(const struct lang *a, const struct lang *b)
{
	for (size_t i = 0; i < a->suffixes.n; i++)
		if (strv_has(&b->suffixes, a->suffixes.v[i]))
			return a->suffixes.v[i];
	return NULL;
}

/* Which of two languages a suffix chooses must be said, not happen. */
static int langs_check(const struct langs *ls, const char *path, struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; i < ls->n; i++) {
		for (size_t j = i + 1; j < ls->n; j++) {
			const struct lang *a = ls->v[i], *b = ls->v[j];
			const char *suffix = shared_suffix(a, b);

			if (!suffix || a->priority != b->priority)
				continue;
			r = diag_fail(diag, -EINVAL, "%s/%s.ini and %s/%s.ini: suffix '%s' with the "
				      "same priority %lld: give one more", path, a->id, path, b->id,
				      suffix, (long long)a->priority);
			if (!diag_collected(diag))
				return r;
		}
	}
	return r;
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
	r = langs_check(ls, path, diag);
	if (r < 0)
		goto out;
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
	strv_release(&l->out_of_memory);
	strv_release(&l->prepare);
	strv_release(&l->prepare_files);
	strv_release(&l->prepare_keep);
	strv_release(&l->prepare_depends);
	free(l->version);
	free(l->identity);
	free(l->prepared);
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
	    text_copy(&l->identity, from->identity) < 0 ||
	    text_copy(&l->prepared, from->prepared) < 0 ||
	    text_copy(&l->missing, from->missing) < 0 ||
	    strv_copy(&l->suffixes, &from->suffixes) < 0 ||
	    strv_copy(&l->aliases, &from->aliases) < 0 ||
	    strv_copy(&l->compile, &from->compile) < 0 || strv_copy(&l->run, &from->run) < 0 ||
	    strv_copy(&l->env, &from->env) < 0 || strv_copy(&l->tools, &from->tools) < 0 ||
	    strv_copy(&l->version_cmd, &from->version_cmd) < 0 ||
	    strv_copy(&l->out_of_memory, &from->out_of_memory) < 0 ||
	    strv_copy(&l->prepare, &from->prepare) < 0 ||
	    strv_copy(&l->prepare_files, &from->prepare_files) < 0 ||
	    strv_copy(&l->prepare_keep, &from->prepare_keep) < 0 ||
	    strv_copy(&l->prepare_depends, &from->prepare_depends) < 0) {
		lang_free(l);
		return -ENOMEM;
	}
	*ret = l;
	return 0;
}
