#include "base/clock.h"

#include <stdio.h>

int64_t clock_us(struct timespec t)
{
	int64_t us;

	if (__builtin_mul_overflow((int64_t)t.tv_sec, INT64_C(1000000), &us) ||
	    __builtin_add_overflow(us, (int64_t)t.tv_nsec / 1000, &us))
		return t.tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return us;
}

static int64_t now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return clock_us(t);
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
	int64_t s = us / 1000000, part = us % 1000000;

	if (part < 0)
		return (struct timespec){ .tv_sec = s - 1, .tv_nsec = (part + 1000000) * 1000 };
	return (struct timespec){ .tv_sec = s, .tv_nsec = part * 1000 };
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
