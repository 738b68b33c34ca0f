#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit size_units[] = {
	{ "", 1 },		{ "B", 1 },
	{ "k", INT64_C(1) << 10 },	{ "M", INT64_C(1) << 20 },
	{ "G", INT64_C(1) << 30 },	{ "T", INT64_C(1) << 40 },
	{ "kB", INT64_C(1) << 10 },	{ "MB", INT64_C(1) << 20 },
	{ "GB", INT64_C(1) << 30 },	{ "TB", INT64_C(1) << 40 },
	{ "KiB", INT64_C(1) << 10 },	{ "MiB", INT64_C(1) << 20 },
	{ "GiB", INT64_C(1) << 30 },	{ "TiB", INT64_C(1) << 40 },
};

static const struct unit duration_units[] = {
	{ "", 1000000 },	{ "s", 1000000 },	{ "sec", 1000000 },
	{ "ms", 1000 },		{ "us", 1 },		{ "min", 60000000 },
	{ "h", INT64_C(3600000000) },	{ "d", INT64_C(86400000000) },
};

/*
 * DIGITS[.DIGITS][blanks][UNIT], exactly: the whole part in integers, so that
 * 2^63-1 is read as such, and only the fraction in floating point.
 */
static int parse_with_unit(const char *text, const struct unit *units, size_t n, int64_t *ret)
{
	int64_t whole = 0, result;
	double fraction = 0, weight = 0.1;
	const char *p = text;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *p - '0', &whole))
			return -ERANGE;
	if (*p == '.') {
		if (!isdigit((unsigned char)*++p))
			return -EINVAL;
		for (; isdigit((unsigned char)*p); p++, weight /= 10)
			fraction += (*p - '0') * weight;
	}
	p += strspn(p, " \t");
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(p, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(whole, units[i].factor, &result) ||
		    __builtin_add_overflow(result, (int64_t)llround(fraction * units[i].factor),
					   &result))
			return -ERANGE;
		*ret = result;
		return 0;
	}
	return -EINVAL;
}

int parse_count(const char *text, int64_t *ret)
{
	static const struct unit none[] = { { "", 1 } };

	if (strspn(text, "0123456789") != strlen(text))
		return -EINVAL;
	return parse_with_unit(text, none, 1, ret);
}

int parse_size(const char *text, int64_t *ret)
{
	return parse_with_unit(text, size_units, ARRAY_SIZE(size_units), ret);
}

int parse_duration_us(const char *text, int64_t *ret)
{
	return parse_with_unit(text, duration_units, ARRAY_SIZE(duration_units), ret);
}

int parse_bool(const char *text, bool *ret)
{
	static const struct { const char *text; bool value; } words[] = {
		{ "yes", true }, { "true", true }, { "on", true }, { "1", true },
		{ "no", false }, { "false", false }, { "off", false }, { "0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(text, words[i].text) == 0) {
			*ret = words[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

int parse_real(const char *text, double *ret)
{
	char *end;
	double value;

	/* strtod would take blanks, "inf", "nan" and hexadecimal. */
	if (!isdigit((unsigned char)*text) && *text != '.')
		return -EINVAL;
	if (strspn(text, "0123456789.eE+-") != strlen(text))
		return -EINVAL;
	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end)
		return -EINVAL;
	if (!isfinite(value))
		return -ERANGE;
	*ret = value;
	return 0;
}

void format_size(int64_t bytes, char ret[32])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = bytes;
	size_t i = 0;

	if (bytes < 1024) {
		snprintf(ret, 32, "%d bytes", (int)bytes);
		return;
	}
	for (value /= 1024; value >= 1024 && i + 1 < ARRAY_SIZE(units); i++)
		value /= 1024;
	snprintf(ret, 32, value == floor(value) ? "%.0f %s" : "%.1f %s", value, units[i]);
}

void format_duration(int64_t us, char ret[32])
{
	if (us % 1000000 == 0)
		snprintf(ret, 32, "%lld s", (long long)(us / 1000000));
	else
		snprintf(ret, 32, "%.3f s", us / 1e6);
}
