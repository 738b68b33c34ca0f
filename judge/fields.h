/*
 * fields.h - structs as JSON and back, by a table of fields that serves both ways
 *
 *	static const struct field thing_fields[] = { F(thing, INT64, size_bytes, ANY), ... };
 *
 *	fields_put(&buf, FIELDS(thing), &thing);
 *	r = fields_get(object, FIELDS(thing), &thing, &diag);
 *
 * For job_code.c and outcome_code.c. What is read may come from a worker that was taken over, or
 * from another machine: counts, ranges, lengths and codes are all checked.
 */
#ifndef JUDGE_FIELDS_H
#define JUDGE_FIELDS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/json.h"

#define MAX_TESTS	20000
#define MAX_WORDS	4096
#define MAX_TEXT	(256 << 10)

enum kind { INT64, INT, BOOL, REAL, TEXT, SHOWN, WORDS, VERDICT };	/* SHOWN: cleaned when read */

struct field {
	const char *key;
	enum kind kind;
	size_t offset;
	int64_t min, max;		/* of numbers */
};

#define ANY	0, INT64_MAX
#define TIME	0, INT64_C(1000000) * 86400 * 366	/* of MAX_TESTS together: no overflow */
#define BYTES	0, INT64_C(1) << 60

#define F(type, kind, name, ...)	{ #name, kind, offsetof(struct type, name), __VA_ARGS__ }
#define FIELDS(name)	name##_fields, ARRAY_SIZE(name##_fields)

/** fields_put() - members of an object that is open in @b */
void fields_put(struct buf *b, const struct field *fields, size_t n, const void *from);

/** fields_get() - 0; -EINVAL with the key; also on failure what was read belongs to @ret */
int fields_get(const json_t *o, const struct field *fields, size_t n, void *ret,
	       struct diag *diag);

/** field_text() - a text of at most @max bytes; NULL when it is missing */
int field_text(const json_t *o, const char *key, size_t max, char **ret, struct diag *diag);

typedef int fill_fn(const json_t *o, void *ret, struct diag *diag);

/**
 * fields_list() - a list of objects becomes an array of structs, each filled by @fill
 * @max:	entries; @size: of one struct
 * Also on failure the array belongs to *ret and *ret_n, so that the owner's release function
 * finds it. Return: 0; -EINVAL with the key and the entry; -ENOMEM.
 */
int fields_list(const json_t *o, const char *key, size_t max, size_t size, fill_fn *fill,
		void *ret, size_t *ret_n, struct diag *diag);

/** frame_read() - an object of our version; json_decref() it */
int frame_read(const char *text, size_t len, json_t **ret, struct diag *diag);

#endif
