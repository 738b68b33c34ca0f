#include "base/strv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Takes @text over. */
static int strv_take(struct strv *s, char *text)
{
	char **v;

	if (!text)
		return -ENOMEM;
	v = reallocarray(s->v, s->n + 2, sizeof(*v));
	if (!v) {
		free(text);
		return -ENOMEM;
	}
	s->v = v;
	s->v[s->n++] = text;
	s->v[s->n] = NULL;
	return 0;
}

int strv_add(struct strv *s, const char *text)
{
	return strv_take(s, strdup(text));
}

int strv_copy(struct strv *ret, const struct strv *from)
{
	struct strv copy = { 0 };

	for (size_t i = 0; i < from->n; i++) {
		int r = strv_add(&copy, from->v[i]);

		if (r < 0) {
			strv_release(&copy);
			return r;
		}
	}
	*ret = copy;
	return 0;
}

bool strv_has(const struct strv *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], text) == 0)
			return true;
	return false;
}

bool strv_mentions(const struct strv *s, const char *part)
{
	for (size_t i = 0; i < s->n; i++)
		if (strstr(s->v[i], part))
			return true;
	return false;
}

void strv_release(struct strv *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct strv){ 0 };
}

/* One word from *p on, which is no blank. */
static int split_word(const char **p, struct buf *word)
{
	char quote = '\0';

	for (; **p; (*p)++) {
		char c = **p;

		if (quote && c == quote)
			quote = '\0';
		else if (!quote && (c == '\'' || c == '"'))
			quote = c;
		else if (!quote && strchr(" \t\r\n", c))
			break;
		else if (c == '\\' && quote != '\'' && (*p)[1])
			buf_add(word, ++*p, 1);
		else
			buf_add(word, &c, 1);
	}
	return quote ? -EINVAL : 0;
}

int strv_split(struct strv *ret, const char *text)
{
	const char *p = text;
	int r = 0;

	while (r == 0) {
		struct buf word = { 0 };

		p += strspn(p, " \t\r\n");
		if (!*p)
			return 0;
		r = split_word(&p, &word);
		if (r == 0)
			r = strv_take(ret, buf_steal(&word));
		buf_release(&word);
	}
	return r;
}

int text_copy(char **ret, const char *text)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}
