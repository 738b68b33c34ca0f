#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

int diag_fail(struct diag *diag, int r, const char *fmt, ...)
{
	va_list args;
	size_t len;

	if (!diag)
		return r;
	va_start(args, fmt);
	vsnprintf(diag->text, sizeof(diag->text), fmt, args);
	va_end(args);
	len = strlen(diag->text);
	if (r != -EINVAL && r != -EBADMSG)
		snprintf(diag->text + len, sizeof(diag->text) - len, ": %s", strerror(-r));
	return r;
}

static _Thread_local struct buf *collection;

struct buf *diag_collect(struct buf *faults)
{
	struct buf *before = collection;

	collection = faults;
	return before;
}

bool diag_collected(const struct diag *diag)
{
	size_t len;

	if (!collection || !diag)
		return false;
	/* Readers call readers: each line once. */
	len = strlen(diag->text) + 1;
	if (collection->len < len ||
	    strncmp(collection->data + collection->len - len, diag->text, len - 1) != 0)
		buf_printf(collection, "%s\n", diag->text);
	return true;
}

void diag_prefix(struct diag *diag, const char *fmt, ...)
{
	char old[sizeof(diag->text)];
	va_list args;
	size_t len;

	if (!diag)
		return;
	memcpy(old, diag->text, sizeof(old));
	va_start(args, fmt);
	vsnprintf(diag->text, sizeof(diag->text), fmt, args);
	va_end(args);
	len = strlen(diag->text);
	snprintf(diag->text + len, sizeof(diag->text) - len, ": %s", old);
}
