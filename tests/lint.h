/*
 * lint.h - included before every file that clang-tidy reads
 *
 * The analyzer takes `return -errno` for a possible success, since it can not
 * negate what it does not know, and diag_fail() as well, which it does not see.
 * So it is given numbers that it knows.
 */
#ifndef TESTS_LINT_H
#define TESTS_LINT_H

#include <errno.h>

#include "base/base.h"

extern int lint_any(void);

static inline int *lint_errno(void)
{
	static int e;

	switch (lint_any()) {
	case 0:
		e = EINTR;
		break;
	case 1:
		e = EEXIST;
		break;
	case 2:
		e = ENOENT;
		break;
	case 3:
		e = EAGAIN;
		break;
	default:
		e = EIO;
	}
	return &e;
}
#undef errno
#define errno (*lint_errno())

#define diag_fail(diag, r, ...) ((void)diag_fail(diag, r, __VA_ARGS__), r)

#endif
