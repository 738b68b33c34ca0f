/*
 * units.h - numbers as people write them
 *
 * All parsers take the whole text, refuse signs, and leave @ret untouched on
 * failure: -EINVAL for what is no such number, -ERANGE for what does not fit.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/base.h"

int parse_count(const char *text, int64_t *ret);	/* 0, 17 */

/** parse_size() - bytes: "65536", "64K", "64KiB", "64kB" (all 1024), M, G, T; "1.5G" */
int parse_size(const char *text, int64_t *ret);

/** parse_duration_us() - "2" and "2s" are seconds; ms, us, min, h; "1.5s" */
int parse_duration_us(const char *text, int64_t *ret);

int parse_bool(const char *text, bool *ret);		/* yes no true false on off 1 0 */
int parse_real(const char *text, double *ret);		/* finite, not negative */

void format_size(int64_t bytes, char ret[32]);		/* "1.5 MiB" */
void format_duration(int64_t us, char ret[32]);		/* "0.012 s" */

#endif
