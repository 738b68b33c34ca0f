/*
 * strv.h - a list of strings, NULL terminated once it holds any; and one string
 */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include "base/base.h"

struct strv {
	char **v;		/* NULL while empty; v[n] is NULL */
	size_t n;
};

int strv_add(struct strv *s, const char *text);		/* copies; 0 or -ENOMEM */
int strv_copy(struct strv *ret, const struct strv *from);
bool strv_has(const struct strv *s, const char *text);
bool strv_mentions(const struct strv *s, const char *part);	/* in one of them */
void strv_release(struct strv *s);

/**
 * strv_split() - words of a command line, appended to @ret
 * Words are divided by blanks; '...' and "..." group, \ escapes outside of
 * '...'. Nothing is expanded: no shell is near.
 * Return: 0; -EINVAL for a quote left open; -ENOMEM.
 */
int strv_split(struct strv *ret, const char *text);

/** text_copy() - strdup(), and NULL for NULL; 0 or -ENOMEM */
int text_copy(char **ret, const char *text);

#endif
