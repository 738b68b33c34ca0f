/*
 * bounds.c - the limits that make sense: what is beyond them is a slip of the unit
 */
#include <string.h>

#include "judge/package/package.h"

#define SECOND	1e6
#define HOUR	(3600 * SECOND)
#define MIB	(1024. * 1024)
#define GIB	(1024 * MIB)

/* The upper ones are those of [sandbox] in judge.ini as it comes. */
static const struct {
	const char *key;
	double min, max;
	const char *words;
} bounds[] = {
	{ "time",		SECOND / 1000,	HOUR,		"1ms to 1h" },
	{ "wall",		SECOND / 1000,	4 * HOUR,	"1ms to 4h" },
	{ "memory",		4 * MIB,	64 * GIB,	"4MiB to 64GiB" },
	{ "output",		1,		4 * GIB,	"1 to 4GiB" },
	{ "processes",		1,		4096,		"1 to 4096" },
	{ "files",		1,		1e6,		"1 to 1000000" },
	{ "source",		1,		GIB,		"1 to 1GiB" },
	{ "compile-time",	SECOND / 1000,	HOUR,		"1ms to 1h" },
	{ "compile-memory",	4 * MIB,	64 * GIB,	"4MiB to 64GiB" },
	{ "check-time",		SECOND / 1000,	HOUR,		"1ms to 1h" },
	{ "check-memory",	4 * MIB,	64 * GIB,	"4MiB to 64GiB" },
	{ "check-output",	1,		4 * GIB,	"1 to 4GiB" },
	{ "confirm",		0,		LIMITS_MAX_CONFIRM, "0 to 9" },
	{ "confirm-percent",	1,		100,		"1 to 100" },
};

const char *limit_bounds(const char *key, double value)
{
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++)
		if (strcmp(bounds[i].key, key) == 0)
			return value >= bounds[i].min && value <= bounds[i].max ?
			       NULL : bounds[i].words;
	return NULL;
}
