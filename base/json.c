#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int json_parse(const char *text, size_t len, json_t **ret, struct diag *diag)
{
	json_error_t error;
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!o)
		return diag_fail(diag, -EINVAL, "line %d: %s", error.line, error.text);
	*ret = o;
	return 0;
}

/* NULL for a key that is missing or null. */
static const json_t *json_member(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return v && !json_is_null(v) ? v : NULL;
}

static int json_wrong(struct diag *diag, const char *key, const char *type)
{
	return diag_fail(diag, -EINVAL, "\"%s\" is not %s", key, type);
}

int json_get_text(const json_t *o, const char *key, char **ret, struct diag *diag)
{
	const json_t *v = json_member(o, key);
	char *text;

	if (!v) {
		*ret = NULL;
		return 0;
	}
	if (!json_is_string(v) || strlen(json_string_value(v)) != json_string_length(v))
		return json_wrong(diag, key, "a text");
	text = strdup(json_string_value(v));
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

int json_get_int(const json_t *o, const char *key, int64_t *ret, struct diag *diag)
{
	const json_t *v = json_member(o, key);

	if (v && !json_is_integer(v))
		return json_wrong(diag, key, "a whole number");
	if (v)
		*ret = json_integer_value(v);
	return 0;
}

int json_get_real(const json_t *o, const char *key, double *ret, struct diag *diag)
{
	const json_t *v = json_member(o, key);

	if (v && !json_is_number(v))
		return json_wrong(diag, key, "a number");
	if (v)
		*ret = json_number_value(v);
	return 0;
}

int json_get_bool(const json_t *o, const char *key, bool *ret, struct diag *diag)
{
	const json_t *v = json_member(o, key);

	if (v && !json_is_boolean(v))
		return json_wrong(diag, key, "true or false");
	if (v)
		*ret = json_is_true(v);
	return 0;
}

int json_get_words(const json_t *o, const char *key, struct strv *ret, struct diag *diag)
{
	const json_t *v = json_member(o, key), *word;
	struct strv words = { 0 };
	size_t i;

	if (v && !json_is_array(v))
		return json_wrong(diag, key, "a list of texts");
	json_array_foreach(v, i, word) {
		int r = json_is_string(word) ? strv_add(&words, json_string_value(word)) :
					       json_wrong(diag, key, "a list of texts");

		if (r < 0) {
			strv_release(&words);
			return r;
		}
	}
	*ret = words;
	return 0;
}
