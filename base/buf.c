#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

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

static const char replacement[] = "\xef\xbf\xbd";

void buf_json(struct buf *b, const char *text)
{
	if (!text) {
		buf_puts(b, "null");
		return;
	}
	buf_puts(b, "\"");
	for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
		unsigned char c = *text;

		n = utf8_char(text, left, NULL);
		if (n == 0) {
			buf_puts(b, replacement);
			n = 1;
		} else if (c == '"' || c == '\\') {
			buf_printf(b, "\\%c", c);
		} else if (c == '\n') {
			buf_puts(b, "\\n");
		} else if (c < 0x20 || c == 0x7f) {
			buf_printf(b, "\\u%04x", c);
		} else {
			buf_add(b, text, n);
		}
	}
	buf_puts(b, "\"");
}

/* C1 controls (U+0080 to U+009F) move cursors on some terminals. */
static bool is_control(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
}

void buf_key(struct buf *b, const char *key)
{
	char last = b->len ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_puts(b, ",");
	if (key)
		buf_printf(b, "\"%s\":", key);
}

void buf_clean(struct buf *b, const char *text, size_t len)
{
	uint32_t c = 0;

	for (size_t n; len > 0; text += n, len -= n) {
		n = utf8_char(text, len, &c);
		if (n == 0) {
			buf_puts(b, replacement);
			n = 1;
		} else if (is_control(c)) {
			buf_printf(b, "\\x%02x", c);
		} else {
			buf_add(b, text, n);
		}
	}
}
