/*
 * json.h - reading JSON with jansson, with words for what is missing
 *
 * Writing JSON is buf_printf() and buf_json().
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/base.h"
#include "base/strv.h"

int json_parse(const char *text, size_t len, json_t **ret, struct diag *diag);

/* A missing key or null gives the default; a wrong type is -EINVAL with its name. */
int json_get_text(const json_t *o, const char *key, char **ret, struct diag *diag); /* NULL; free() */
int json_get_int(const json_t *o, const char *key, int64_t *ret, struct diag *diag); /* untouched */
int json_get_real(const json_t *o, const char *key, double *ret, struct diag *diag);
int json_get_bool(const json_t *o, const char *key, bool *ret, struct diag *diag);
int json_get_words(const json_t *o, const char *key, struct strv *ret, struct diag *diag);

#endif
