/*
 * names.h - which names may be in sub/, and which of them are judged
 *
 * Pure. The tables in names.c are the answer to "why was my file not judged?".
 */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include "base/base.h"
#include "judge/store.h"

/**
 * names_check() - may a student make a file of this name?
 * @ret_judged:	false for debris of an editor or a desktop: it is kept for its program's sake
 * Return: 0; -EINVAL for a name that can not be (control characters, no UTF-8, ours);
 * -ENAMETOOLONG when the names of its results would not fit.
 */
int names_check(const char *name, bool *ret_judged);

/** names_suffix() - ".verdict" */
const char *names_suffix(enum result_kind kind);

/**
 * names_result() - is it the name of a result, and of what?
 * @source:	the name without the suffix, of at least 256 bytes
 */
bool names_result(const char *name, enum result_kind *ret, char *source);

#endif
