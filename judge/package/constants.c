/*
 * constants.c - {{name}} of a 2025-09 package, filled in where the format says so
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge/package/package.h"

/* A letter or _, then also digits; with a variant behind a dot. */
static bool name_valid(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	size_t n = strspn(name, letters);

	if (n == 0 || !strchr(first, name[0]))
		return false;
	if (name[n] == '.')
		n += 1 + strspn(name + n + 1, letters);
	return name[n] == '\0';
}

bool package_constant(struct package *pkg, const char *name, const char *value)
{
	struct package_constant *c;

	if (!name_valid(name))
		return false;
	c = package_grow(pkg, &pkg->constants, &pkg->nconstants, sizeof(*c));
	if (!c)
		return true;
	package_set(pkg, &c->name, name);
	package_set(pkg, &c->value, value);
	if (!c->name || !c->value)
		pkg->nconstants--;
	return true;
}

void package_constants_release(struct package *pkg)
{
	for (size_t i = 0; i < pkg->nconstants; i++) {
		free(pkg->constants[i].name);
		free(pkg->constants[i].value);
	}
	free(pkg->constants);
	pkg->constants = NULL;
	pkg->nconstants = 0;
}

/* The constant whose {{name}} stands at @at, and how long that is. */
static const struct package_constant *constant_at(const struct package *pkg, const char *at,
						  const char *end, size_t *ret_len)
{
	for (size_t i = 0; i < pkg->nconstants; i++) {
		const struct package_constant *c = &pkg->constants[i];
		size_t n = strlen(c->name);

		if ((size_t)(end - at) >= n + 4 && memcmp(at, "{{", 2) == 0 &&
		    memcmp(at + 2, c->name, n) == 0 && memcmp(at + 2 + n, "}}", 2) == 0) {
			*ret_len = n + 4;
			return c;
		}
	}
	return NULL;
}

bool package_fill(const struct package *pkg, struct buf *text)
{
	const char *at = text->data, *end = at + text->len, *open;
	struct buf filled = { 0 };
	bool any = false;

	while (at < end && (open = memmem(at, end - at, "{{", 2))) {
		size_t len = 1;
		const struct package_constant *c = constant_at(pkg, open, end, &len);

		buf_add(&filled, at, open - at);
		buf_add(&filled, c ? c->value : open, c ? strlen(c->value) : 1);
		any = any || c;
		at = open + len;
	}
	if (!any) {
		buf_release(&filled);
		return false;
	}
	buf_add(&filled, at, end - at);
	buf_release(text);
	*text = filled;
	return true;
}

bool package_filled_blob(struct package *pkg, const char *path, struct blob_ref *ret)
{
	struct buf text = { 0 };
	bool filled;
	int r = 0;

	/* What is too large for a text is taken as it is: pictures, archives. */
	filled = pkg->nconstants > 0 && package_read(pkg, path, &text) == 0 &&
		 package_fill(pkg, &text);
	if (filled) {
		r = text.failed ? -ENOMEM : blobs_put_data(pkg->blobs, text.data, text.len, ret);
		if (r < 0)
			package_error(pkg, r, path, "fill in constants");
	}
	buf_release(&text);
	return filled ? r == 0 : package_blob(pkg, path, ret);
}
