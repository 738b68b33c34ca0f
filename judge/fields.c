/*
 * fields.c - structs as JSON and back
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/fields.h"
#include "judge/job.h"

static void put_words(struct buf *b, const struct strv *words)
{
	buf_puts(b, "[");
	for (size_t i = 0; i < words->n; i++) {
		buf_key(b, NULL);
		buf_json(b, words->v[i]);
	}
	buf_puts(b, "]");
}

static void put_field(struct buf *b, const struct field *f, const void *at)
{
	buf_key(b, f->key);
	switch (f->kind) {
	case INT64:
		buf_printf(b, "%lld", (long long)*(const int64_t *)at);
		break;
	case INT:
		buf_printf(b, "%d", *(const int *)at);
		break;
	case BOOL:
		buf_puts(b, *(const bool *)at ? "true" : "false");
		break;
	case REAL:
		buf_printf(b, "%.17g", *(const double *)at);
		break;
	case TEXT:
	case SHOWN:
		buf_json(b, *(char *const *)at);
		break;
	case WORDS:
		put_words(b, at);
		break;
	case VERDICT:
		buf_json(b, verdict_words(*(const enum verdict *)at)->code);
		break;
	}
}

void fields_put(struct buf *b, const struct field *fields, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++)
		put_field(b, &fields[i], (const char *)from + fields[i].offset);
}

static int out_of_range(const struct field *f, struct diag *diag)
{
	return diag_fail(diag, -EINVAL, "\"%s\" is out of range", f->key);
}

static int get_int(const json_t *o, const struct field *f, int64_t *ret, struct diag *diag)
{
	int64_t v = *ret;
	int r = json_get_int(o, f->key, &v, diag);

	if (r == 0 && (v < f->min || v > f->max))
		r = out_of_range(f, diag);
	if (r == 0)
		*ret = v;
	return r;
}

int field_text(const json_t *o, const char *key, size_t max, char **ret, struct diag *diag)
{
	char *text = NULL;
	int r = json_get_text(o, key, &text, diag);

	if (r == 0 && text && strlen(text) > max) {
		free(text);
		return diag_fail(diag, -EINVAL, "\"%s\" is too long", key);
	}
	if (r == 0)
		*ret = text;
	return r;
}

/* Who wrote it may not have cleaned it. */
static int get_shown(const json_t *o, const char *key, char **ret, struct diag *diag)
{
	struct buf clean = { 0 };
	char *text = NULL;
	int r = field_text(o, key, MAX_TEXT, &text, diag);

	if (r == 0 && text) {
		buf_clean(&clean, text, strlen(text));
		*ret = buf_steal(&clean);
		r = *ret ? 0 : -ENOMEM;
	}
	free(text);
	return r;
}

static int get_verdict(const json_t *o, const char *key, enum verdict *ret, struct diag *diag)
{
	const char *code = json_string_value(json_object_get(o, key));

	if (!code || verdict_from_code(code, ret) < 0)
		return diag_fail(diag, -EINVAL, "\"%s\" is no verdict", key);
	return 0;
}

static int get_field(const json_t *o, const struct field *f, void *at, struct diag *diag)
{
	int64_t n;
	int r;

	switch (f->kind) {
	case INT64:
		return get_int(o, f, at, diag);
	case INT:
		n = *(int *)at;
		r = get_int(o, f, &n, diag);
		*(int *)at = n;
		return r;
	case BOOL:
		return json_get_bool(o, f->key, at, diag);
	case REAL:
		r = json_get_real(o, f->key, at, diag);
		if (r == 0 && !(*(double *)at >= f->min && *(double *)at <= f->max))
			r = out_of_range(f, diag);
		return r;
	case TEXT:
		return field_text(o, f->key, MAX_TEXT, at, diag);
	case SHOWN:
		return get_shown(o, f->key, at, diag);
	case WORDS:
		r = json_get_words(o, f->key, at, diag);
		if (r == 0 && ((struct strv *)at)->n > MAX_WORDS)
			r = diag_fail(diag, -EINVAL, "\"%s\" has too many words", f->key);
		return r;
	case VERDICT:
		return get_verdict(o, f->key, at, diag);
	}
	return -EINVAL;
}

int fields_get(const json_t *o, const struct field *fields, size_t n, void *ret,
		      struct diag *diag)
{
	for (size_t i = 0; i < n; i++) {
		int r = get_field(o, &fields[i], (char *)ret + fields[i].offset, diag);

		if (r < 0)
			return r;
	}
	return 0;
}

int fields_list(const json_t *o, const char *key, size_t max, size_t size, fill_fn *fill,
		    void *ret, size_t *ret_n, struct diag *diag)
{
	const json_t *list = json_object_get(o, key), *item;
	char *array = NULL;
	size_t i;

	if (!json_is_array(list))
		return diag_fail(diag, -EINVAL, "\"%s\" is not a list", key);
	if (json_array_size(list) > max)
		return diag_fail(diag, -EINVAL, "\"%s\" has more than %zu entries", key, max);
	if (json_array_size(list) == 0)
		return 0;
	array = calloc(json_array_size(list), size);
	if (!array)
		return -ENOMEM;
	*(char **)ret = array;
	*ret_n = json_array_size(list);
	json_array_foreach(list, i, item) {
		int r = json_is_object(item) ? fill(item, array + i * size, diag) :
			diag_fail(diag, -EINVAL, "an entry of it is not an object");

		if (r < 0) {
			diag_prefix(diag, "%s %zu", key, i);
			return r;
		}
	}
	return 0;
}

int frame_read(const char *text, size_t len, json_t **ret, struct diag *diag)
{
	int64_t version = 0;
	json_t *o = NULL;
	int r = json_parse(text, len, &o, diag);

	if (r == 0 && !json_is_object(o))
		r = diag_fail(diag, -EINVAL, "not an object");
	if (r == 0)
		r = json_get_int(o, "version", &version, diag);
	if (r == 0 && version != JOB_VERSION)
		r = diag_fail(diag, -EINVAL, "version %lld, not %d", (long long)version,
			      JOB_VERSION);
	if (r < 0) {
		json_decref(o);
		return r;
	}
	*ret = o;
	return 0;
}
