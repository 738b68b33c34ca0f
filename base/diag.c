#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
