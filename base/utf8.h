/*
 * utf8.h - characters of text that anybody wrote
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/base.h"

/**
 * utf8_char() - the character at the beginning of @text
 * @left:	bytes there are, at least 1
 * @ret:	the code point; may be NULL
 * Return: its length; 0 when it is none (RFC 3629): cut off, overlong, a surrogate, beyond
 * U+10FFFF.
 */
size_t utf8_char(const char *text, size_t left, uint32_t *ret);

#endif
