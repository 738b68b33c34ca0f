/*
 * limits.h - what a shell, a service manager or a container holds this process down to
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include "base/base.h"

/** limits_lift() - take as much of everything as we may; children inherit it */
void limits_lift(void);

struct limit {
	const char *what;		/* "open files" */
	const char *shell, *manager;	/* who sets it: "ulimit -Hn", "LimitNOFILE" */
	int64_t enough;			/* for a judge; INT64_MAX: it must not be limited */
	int64_t have;			/* INT64_MAX: it is not */
};

/** limits_low() - the @i-th limit below what is enough; Return: false when there is none */
bool limits_low(size_t i, struct limit *ret);

#endif
