/*
 * report.h - what may be seen of an outcome; for report.c and report_json.c
 *
 * Both show as much as the problem's feedback allows, and never what is for staff.
 */
#ifndef JUDGE_REPORT_H
#define JUDGE_REPORT_H

#include "judge/job.h"

/* Of one test. */
enum view { VIEW_NOTHING, VIEW_VERDICT, VIEW_ALL };
enum view report_view(const struct test_result *t, enum feedback feedback);
bool report_shows_tests(const struct report_about *a);

/* The slowest and the greatest of what may be seen, and the sum of the times. */
struct report_usage {
	bool any;
	int64_t cpu_us, wall_us, memory_bytes, total_us;
};
struct report_usage report_usage(const struct outcome *o, const struct report_about *a);

#endif
