/*
 * lang_source.c - the names that a source gets in the box; Java wants its class's
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/lang.h"

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
