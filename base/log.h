/*
 * log.h - one line on stderr, for the operator
 *
 * `judgefs-sched: problem 'hello': data: no test cases`. With JUDGEFS_DEBUG=1
 * in the environment log_debug() speaks too. Control characters of the
 * message are escaped: a student's text can not forge a line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

/* In the environment: a line begins with the time. For a file; a service manager adds its own. */
#define LOG_STAMPS	"JUDGEFS_LOG_STAMPS"

void log_init(const char *program);	/* borrowed; static text */
void log_error(const char *fmt, ...) PRINTF(1, 2);
void log_warn(const char *fmt, ...) PRINTF(1, 2);
void log_info(const char *fmt, ...) PRINTF(1, 2);
void log_debug(const char *fmt, ...) PRINTF(1, 2);

#endif
