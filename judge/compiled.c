/*
 * compiled.c - what came of compiling: shared in memory, and as bytes
 *
 * The bytes are records, "KEY LENGTH\n" and so many bytes and "\n", in the order of
 * compiled_encode(), of what did compile. What the language says is not in them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/units.h"
#include "judge/compile_layout.h"
#include "judge/objects.h"

#define FILES_MAX	65536
#define WORDS_MAX	4096

struct compiled *compiled_get(struct compiled *c)
{
	c->refs++;
	return c;
}

void compiled_put(struct compiled *c)
{
	if (!c || --c->refs > 0)
		return;
	files_release(c->files, c->nfiles);
	io_close(c->exe_fd);
	strv_release(&c->argv);
	strv_release(&c->env);
	strv_release(&c->out_of_memory);
	free(c->prepared);
	free(c->why);
	free(c->text);
	free(c);
}

int compiled_new(const struct lang *lang, struct compiled **ret)
{
	struct compiled *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->refs = 1;
	c->exe_fd = -1;
	c->memory_extra_bytes = lang->memory_extra_bytes;
	if (strv_copy(&c->env, &lang->env) < 0 ||
	    strv_copy(&c->out_of_memory, &lang->out_of_memory) < 0) {
		compiled_put(c);
		return -ENOMEM;
	}
	*ret = c;
	return 0;
}

/* ------------------------------------------------------------- to bytes */

static void put(struct buf *b, const char *key, const void *data, size_t len)
{
	buf_printf(b, "%s %zu\n", key, len);
	buf_add(b, data, len);
	buf_puts(b, "\n");
}

static void put_text(struct buf *b, const char *key, const char *text)
{
	put(b, key, text ? text : "", text ? strlen(text) : 0);
}

static void put_number(struct buf *b, const char *key, int64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	put_text(b, key, text);
}

static int put_fd(struct buf *b, const char *key, int fd)
{
	struct buf data = { 0 };
	int r = io_read_fd(fd, OBJECT_MAX, &data);

	if (r == 0)
		put(b, key, buf_text(&data), data.len);
	buf_release(&data);
	return r;
}

int compiled_encode(const struct compiled *c, struct buf *ret)
{
	int r = 0;

	put_text(ret, "text", c->text);
	put_number(ret, "cpu", c->cpu_us);
	put_number(ret, "words", (int64_t)c->argv.n);
	for (size_t i = 0; i < c->argv.n; i++)
		put_text(ret, "word", c->argv.v[i]);
	put_number(ret, "files", (int64_t)c->nfiles);
	for (size_t i = 0; i < c->nfiles && r == 0; i++) {
		put_text(ret, "name", c->files[i].name);
		put_number(ret, "mode", c->files[i].mode);
		r = put_fd(ret, "data", c->files[i].fd);
	}
	put_number(ret, "exe", c->exe_fd >= 0);
	if (r == 0 && c->exe_fd >= 0)
		r = put_fd(ret, "data", c->exe_fd);
	return r == 0 && ret->failed ? -ENOMEM : r;
}

/* ------------------------------------------------------------- from bytes */

struct reader {
	const char *at, *end;
	int r;				/* the first fault */
};

static const char *take(struct reader *in, const char *key, size_t *ret_len)
{
	size_t n = strlen(key), left = in->end - in->at;
	const char *nl = memchr(in->at, '\n', left), *data = NULL;
	char number[32] = "";
	int64_t len = -1;

	*ret_len = 0;
	if (in->r == 0 && nl && (size_t)(nl - in->at) > n && memcmp(in->at, key, n) == 0 &&
	    in->at[n] == ' ' && (size_t)(nl - in->at) - n < sizeof(number)) {
		memcpy(number, in->at + n + 1, nl - in->at - n - 1);
		if (parse_count(number, &len) == 0 && len < in->end - nl - 1 && nl[1 + len] == '\n')
			data = nl + 1;
	}
	if (!data) {
		in->r = in->r < 0 ? in->r : -EBADMSG;
		return "";
	}
	in->at = data + len + 1;
	*ret_len = len;
	return data;
}

/* NULL for an empty one. */
static char *take_text(struct reader *in, const char *key)
{
	size_t len;
	const char *data = take(in, key, &len);
	char *text = len > 0 ? strndup(data, len) : NULL;

	if (len > 0 && !text)
		in->r = -ENOMEM;
	return text;
}

static int64_t take_number(struct reader *in, const char *key, int64_t max)
{
	char *text = take_text(in, key);
	int64_t n = 0;

	if (in->r == 0 && (!text || parse_count(text, &n) < 0 || n > max))
		in->r = -EBADMSG;
	free(text);
	return in->r == 0 ? n : 0;
}

static int take_fd(struct reader *in, int64_t *ret_size)
{
	size_t len;
	const char *data = take(in, "data", &len);
	int fd = in->r < 0 ? in->r : io_memfd("artefact", data, len), r;

	if (fd < 0)
		return fd;
	r = fchmod(fd, 0555) < 0 ? -errno : io_memfd_seal(fd);
	if (r < 0) {
		io_close(fd);
		return r;
	}
	*ret_size = (int64_t)len;
	return fd;
}

static void take_words(struct reader *in, struct strv *ret)
{
	int64_t n = take_number(in, "words", WORDS_MAX);

	for (int64_t i = 0; i < n && in->r == 0; i++) {
		char *word = take_text(in, "word");

		if (in->r == 0)
			in->r = strv_add(ret, word ? word : "");
		free(word);
	}
}

static void take_files(struct reader *in, struct compiled *c)
{
	int64_t n = take_number(in, "files", FILES_MAX);

	c->files = n > 0 ? calloc(n, sizeof(*c->files)) : NULL;
	if (n > 0 && !c->files)
		in->r = -ENOMEM;
	for (int64_t i = 0; i < n && in->r == 0; i++) {
		struct box_file *f = &c->files[c->nfiles];

		f->fd = -1;
		c->nfiles++;
		f->name = take_text(in, "name");
		f->mode = take_number(in, "mode", 0777);
		f->fd = take_fd(in, &f->size);
		if (in->r == 0 && (f->fd < 0 || !f->name))
			in->r = f->fd < 0 ? f->fd : -EBADMSG;
		c->bytes += f->size;
	}
}

int compiled_decode(const char *data, size_t len, const struct lang *lang, struct compiled **ret)
{
	struct reader in = { data, data + len, 0 };
	struct compiled *c = NULL;
	int64_t size = 0;
	int r = compiled_new(lang, &c);

	if (r < 0)
		return r;
	c->ok = true;
	c->text = take_text(&in, "text");
	c->cpu_us = take_number(&in, "cpu", INT64_MAX);
	take_words(&in, &c->argv);
	take_files(&in, c);
	if (take_number(&in, "exe", 1) == 1) {
		c->exe_fd = take_fd(&in, &size);
		if (c->exe_fd < 0 && in.r == 0)
			in.r = c->exe_fd;
	}
	c->bytes += size + (c->text ? (int64_t)strlen(c->text) : 0);
	if (in.r == 0 && in.at != in.end)
		in.r = -EBADMSG;
	if (in.r < 0) {
		compiled_put(c);
		return in.r;
	}
	*ret = c;
	return 0;
}
