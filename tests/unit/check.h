/*
 * check.h - cmocka for tables: the macros of our unit tests
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHECK(cond)		assert_true(cond)
#define CHECK_INT(a, b)		assert_int_equal((long long)(a), (long long)(b))
#define CHECK_TEXT(a, b)	assert_string_equal(a, b)

/** CHECK_HAS() - @part is somewhere in @text */
#define CHECK_HAS(text, part) do { \
	if (!strstr(text, part)) \
		fail_msg("'%s' is not in '%s'", part, text); \
} while (0)

/** check_slow() - SLOW of the environment: how many times slower this (emulated) machine is */
static inline int check_slow(void)
{
	const char *slow = getenv("SLOW");
	int n = slow ? atoi(slow) : 1;

	return n > 1 ? n : 1;
}

#endif
