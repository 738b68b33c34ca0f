/*
 * buf.h - text that grows
 *
 *	struct buf b = { 0 };
 *	buf_printf(&b, "%d tests\n", n);
 *	if (b.failed) ...		once, at the end: -ENOMEM
 *	use(b.data, b.len);		data is NUL terminated, "" when empty
 *	buf_release(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/base.h"

struct buf {
	char *data;		/* NULL only before the first byte: see buf_text() */
	size_t len, size;
	bool failed;		/* out of memory: every later call does nothing */
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_release(struct buf *b);

/** buf_text() - the text, "" when empty; belongs to @b */
const char *buf_text(const struct buf *b);

/** buf_steal() - hand the text over (free() it), NULL when out of memory */
char *buf_steal(struct buf *b);

/**
 * buf_json() - add text as a JSON string with its quotes
 * Invalid UTF-8 becomes U+FFFD; NULL becomes null.
 */
void buf_json(struct buf *b, const char *text);

/**
 * buf_key() - "KEY": of the next member of the JSON object or list at the end of @b
 * With the comma before it unless it is the first; NULL for an element of a list.
 */
void buf_key(struct buf *b, const char *key);

/**
 * buf_clean() - add text that a student wrote, safe for a terminal
 * Valid UTF-8, tab and newline stay; other control characters become \xNN;
 * invalid bytes become U+FFFD.
 */
void buf_clean(struct buf *b, const char *text, size_t len);

#endif
