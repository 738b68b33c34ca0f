/*
 * clock.h - microseconds
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

int64_t clock_mono_us(void);	/* CLOCK_MONOTONIC: for waiting */
int64_t clock_wall_us(void);	/* CLOCK_REALTIME: for people and the store */
struct timespec clock_timespec(int64_t us);

/** clock_us() - anybody's time, a file's: what does not fit is the first or the last that does */
int64_t clock_us(struct timespec t);

/** clock_format() - "2026-11-24T06:33:36.123Z" from clock_wall_us() */
void clock_format(int64_t wall_us, char ret[32]);

#endif
