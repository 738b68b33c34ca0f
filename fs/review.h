/*
 * review.h - `judgefs --check`: is all that an operator writes in order?
 */
#ifndef FS_REVIEW_H
#define FS_REVIEW_H

#include "base/base.h"

/**
 * review_state() - read judge.ini, languages.d and problems of a STATE
 * Prints every fault with file and line; without one, all settings.
 * Return: an exit status, 0 when there is no fault.
 */
int review_state(const char *path);

#endif
