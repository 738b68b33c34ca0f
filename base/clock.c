#include "base/clock.h"

#include <stdio.h>

static int64_t now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
	return now_us(CLOCK_REALTIME);
}

struct timespec clock_timespec(int64_t us)
{
	return (struct timespec){ .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
}

void clock_format(int64_t wall_us, char ret[32])
{
	time_t t = wall_us / 1000000;
	struct tm tm;
	size_t len;

	gmtime_r(&t, &tm);
	len = strftime(ret, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret + len, 32 - len, ".%03dZ", (int)(wall_us / 1000 % 1000));
}
