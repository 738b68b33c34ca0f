#include "base/config.h"

#include <errno.h>
#include <fnmatch.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/strv.h"
#include "base/units.h"

#define CONFIG_MAX_BYTES	(1u << 20)

/*
 * inih calls the handler once for each line, reads on after an error, and
 * cuts what is longer than its buffer. So lines are fed to it one by one and
 * counted here; a value and its indented continuation lines are put together
 * before they are parsed; the first fault is kept and the rest passed over.
 */
struct reading {
	const char *file, *text;		/* text: what is not read yet */
	int line;
	bool indented;				/* the line just read goes on with the value above */
	const struct config_key *keys;
	size_t n;
	void *ret;
	struct diag *diag;
	int r;					/* of a fault */
	bool ended;				/* by one */
	struct strv seen;			/* "section\nkey" */
	char *section, *key;			/* of the pending value, or NULL */
	struct buf value;
	int value_line;
};

/* The first fault ends the reading, unless all of them are collected. */
static int reading_fault(struct reading *in, int line, int r, const char *why)
{
	if (in->ended)
		return in->r;
	in->r = diag_fail(in->diag, -EINVAL, "%s:%d: %s", in->file, line, why);
	if (r == -ENOMEM)
		in->r = r;
	in->ended = !diag_collected(in->diag) || r == -ENOMEM;
	return in->r;
}

static const struct config_key *reading_key(const struct reading *in, bool *ret_section)
{
	*ret_section = false;
	for (size_t i = 0; i < in->n; i++) {
		if (fnmatch(in->keys[i].section, in->section, 0) != 0)
			continue;
		*ret_section = true;
		if (fnmatch(in->keys[i].key, in->key, 0) == 0)
			return &in->keys[i];
	}
	return NULL;
}

static int reading_apply(struct reading *in)
{
	struct config_at at = { in->file, in->value_line, in->section, in->key };
	struct diag why = { "" };
	struct buf text = { 0 };
	const struct config_key *k;
	bool section;
	int r;

	buf_printf(&text, "%s\n%s", in->section, in->key);
	if (strv_has(&in->seen, buf_text(&text))) {
		r = diag_fail(&why, -EINVAL, "key '%s' is given twice", in->key);
		goto out;
	}
	r = strv_add(&in->seen, buf_text(&text));
	k = reading_key(in, &section);
	if (!k && r == 0) {
		r = section ? diag_fail(&why, -EINVAL, "unknown key '%s' in [%s]", in->key,
					in->section) :
		    !in->section[0] ? diag_fail(&why, -EINVAL, "'%s' stands below no [section]",
						in->key) :
			      diag_fail(&why, -EINVAL, "unknown section [%s]", in->section);
	} else if (r == 0) {
		r = k->parse(buf_text(&in->value), (char *)in->ret + k->offset, &at, &why);
		if (r < 0 && !why.text[0])
			diag_fail(&why, -EINVAL, "'%s' is no good value for %s",
				  buf_text(&in->value), in->key);
	}
out:
	buf_release(&text);
	return r < 0 ? reading_fault(in, in->value_line, r, why.text) : 0;
}

/* Parse the pending value, if there is one. */
static int reading_flush(struct reading *in)
{
	int r = 0;

	if (in->key && !in->ended)
		r = reading_apply(in);
	free(in->section);
	free(in->key);
	in->section = in->key = NULL;
	buf_release(&in->value);
	return r;
}

static char *reading_line(char *ret, int size, void *ctx)
{
	struct reading *in = ctx;
	size_t len = strcspn(in->text, "\n");
	bool last = in->text[len] == '\0';

	if (in->ended || *in->text == '\0')
		return NULL;
	in->line++;
	in->indented = *in->text == ' ' || *in->text == '\t';
	if (len + 2 > (size_t)size) {
		reading_fault(in, in->line, -EINVAL,
			      "line too long; go on in the next one, indented");
		return NULL;
	}
	if (*in->text == '[' && !memchr(in->text, ']', len)) {
		/* inih would go on with the section above. */
		reading_fault(in, in->line, -EINVAL, "a [section] without its ']'");
		return NULL;
	}
	if (*in->text == '[')
		reading_flush(in);	/* an indented key below is no more of the value above */
	memcpy(ret, in->text, len);
	memcpy(ret + len, "\n", 2);
	in->text += len + !last;
	return ret;
}

static int reading_value(void *ctx, const char *section, const char *key, const char *value)
{
	struct reading *in = ctx;

	if (in->indented && in->key) {
		buf_printf(&in->value, "\n%s", value);
		return 1;
	}
	reading_flush(in);
	in->section = strdup(section);
	in->key = strdup(key);
	in->value_line = in->line;
	buf_puts(&in->value, value ? value : "");
	if (!in->section || !in->key || in->value.failed)
		reading_fault(in, in->line, -ENOMEM, "out of memory");
	return !in->ended;
}

int config_read_text(const char *text, const char *file, const struct config_key *keys,
		     size_t n, void *ret, struct diag *diag)
{
	struct reading in = {
		.file = file, .text = text, .keys = keys, .n = n, .ret = ret, .diag = diag,
	};
	int line = ini_parse_stream(reading_line, &in, reading_value, &in);

	reading_flush(&in);
	if (line == -2)
		reading_fault(&in, 0, -ENOMEM, "out of memory");
	else if (line > 0 && !in.ended)
		reading_fault(&in, line, -EINVAL, "neither [section] nor key = value");
	strv_release(&in.seen);
	return in.r;
}

int config_read_at(int dirfd, const char *path, const struct config_key *keys, size_t n,
		   void *ret, struct diag *diag)
{
	struct buf text = { 0 };
	int r = io_read_at(dirfd, path, CONFIG_MAX_BYTES, &text);

	if (r < 0)
		r = diag_fail(diag, r, "%s", path);
	else if (strlen(buf_text(&text)) != text.len)
		r = diag_fail(diag, -EINVAL, "%s: holds NUL bytes: no text", path);
	else
		r = config_read_text(buf_text(&text), path, keys, n, ret, diag);
	buf_release(&text);
	return r;
}

int config_text(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	char **field = ret, *copy = strdup(text);

	(void)at, (void)diag;
	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int config_words(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	struct strv words = { 0 };
	int r = strv_split(&words, text);

	(void)at;
	if (r < 0) {
		strv_release(&words);
		return r == -EINVAL ? diag_fail(diag, r, "a quote is left open") : r;
	}
	strv_release(ret);
	*(struct strv *)ret = words;
	return 0;
}

int config_size(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	int r = parse_size(text, ret);

	return r < 0 ? diag_fail(diag, -EINVAL, "%s: '%s' is no size such as 64MiB", at->key,
				 text) : 0;
}

int config_duration(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	int r = parse_duration_us(text, ret);

	return r < 0 ? diag_fail(diag, -EINVAL, "%s: '%s' is no time such as 2s or 500ms",
				 at->key, text) : 0;
}

int config_count(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	int r = parse_count(text, ret);

	return r < 0 ? diag_fail(diag, -EINVAL, "%s: '%s' is no whole number", at->key, text) : 0;
}

int config_bool(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	int r = parse_bool(text, ret);

	return r < 0 ? diag_fail(diag, -EINVAL, "%s: '%s' is neither yes nor no", at->key,
				 text) : 0;
}

int config_real(const char *text, void *ret, const struct config_at *at, struct diag *diag)
{
	int r = parse_real(text, ret);

	return r < 0 ? diag_fail(diag, -EINVAL, "%s: '%s' is no number", at->key, text) : 0;
}
