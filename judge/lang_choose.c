/*
 * lang_choose.c - which language a file is in, and whether that is allowed
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "judge/lang.h"

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
