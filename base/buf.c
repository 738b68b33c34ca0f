#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for @more bytes and the NUL. */
static bool buf_reserve(struct buf *b, size_t more)
{
	size_t size = b->size ? b->size : 128;
	char *data;

	if (b->failed)
		return false;
	if (more >= SIZE_MAX / 4 || b->len >= SIZE_MAX / 4) {
		b->failed = true;
		return false;
	}
	while (size <= b->len + more)
		size *= 2;
	if (size == b->size)
		return true;
	data = realloc(b->data, size);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->size = size;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (!buf_reserve(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	if (len < 0)
		b->failed = true;
	else if (buf_reserve(b, len)) {
		vsnprintf(b->data + b->len, len + 1, fmt, again);
		b->len += len;
	}
	va_end(again);
	va_end(args);
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_steal(struct buf *b)
{
	char *data;

	if (!b->data)
		buf_add(b, "", 0);
	data = b->failed ? NULL : b->data;
	if (!data)
		free(b->data);
	*b = (struct buf){ 0 };
	return data;
}

/*
 * Length of the UTF-8 sequence at @p: 0 when it is none. Overlong forms,
 * surrogates and what lies beyond U+10FFFF are none (RFC 3629).
 */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	static const struct { unsigned char first, last, low, high; size_t len; } rows[] = {
		{ 0x00, 0x7f, 0x80, 0xbf, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (p[0] < rows[i].first || p[0] > rows[i].last)
			continue;
		if (rows[i].len > left)
			return 0;
		if (rows[i].len > 1 && (p[1] < rows[i].low || p[1] > rows[i].high))
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return rows[i].len;
	}
	return 0;
}

static const char replacement[] = "\xef\xbf\xbd";

/* C1 controls (U+0080 to U+009F) move cursors on some terminals. */
static bool is_c1(const unsigned char *p, size_t len)
{
	return len == 2 && p[0] == 0xc2 && p[1] < 0xa0;
}

void buf_json(struct buf *b, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (!text) {
		buf_puts(b, "null");
		return;
	}
	buf_puts(b, "\"");
	while (*p) {
		size_t len = utf8_length(p, strnlen((const char *)p, 4));

		if (len == 0) {
			buf_puts(b, replacement);
			p++;
			continue;
		}
		if (*p == '"' || *p == '\\')
			buf_printf(b, "\\%c", *p);
		else if (*p == '\n')
			buf_puts(b, "\\n");
		else if (*p < 0x20 || *p == 0x7f)
			buf_printf(b, "\\u%04x", *p);
		else
			buf_add(b, p, len);
		p += len;
	}
	buf_puts(b, "\"");
}

void buf_clean(struct buf *b, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		size_t n = utf8_length(p, end - p);

		if (n == 0) {
			buf_puts(b, replacement);
			p++;
			continue;
		}
		if ((*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f)
			buf_printf(b, "\\x%02x", *p);
		else if (is_c1(p, n))
			buf_printf(b, "\\x%02x", p[1]);
		else
			buf_add(b, p, n);
		p += n;
	}
}
