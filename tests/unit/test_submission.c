/* judge/submission.c: the table of states */
#include "tests/unit/check.h"

#include <errno.h>

#include "judge/submission.h"

static const struct {
	enum submission_state from;
	enum submission_event event;
	int to;
} rows[] = {
	{ SUBMISSION_QUEUED,	EVENT_LEASE,	SUBMISSION_RUNNING },
	{ SUBMISSION_QUEUED,	EVENT_LOST,	-ESTALE },
	{ SUBMISSION_QUEUED,	EVENT_OUTCOME,	-ESTALE },
	{ SUBMISSION_QUEUED,	EVENT_REJUDGE,	-ESTALE },
	{ SUBMISSION_RUNNING,	EVENT_LEASE,	-ESTALE },
	{ SUBMISSION_RUNNING,	EVENT_LOST,	SUBMISSION_QUEUED },
	{ SUBMISSION_RUNNING,	EVENT_OUTCOME,	SUBMISSION_DONE },
	{ SUBMISSION_RUNNING,	EVENT_REJUDGE,	-ESTALE },
	{ SUBMISSION_DONE,	EVENT_LEASE,	-ESTALE },
	{ SUBMISSION_DONE,	EVENT_LOST,	-ESTALE },
	{ SUBMISSION_DONE,	EVENT_OUTCOME,	-ESTALE },
	{ SUBMISSION_DONE,	EVENT_REJUDGE,	SUBMISSION_QUEUED },
	{ SUBMISSION_STATES,	EVENT_LEASE,	-ESTALE },
	{ SUBMISSION_QUEUED,	SUBMISSION_EVENTS, -ESTALE },
};

static void test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(submission_next(rows[i].from, rows[i].event), rows[i].to);
}

static void test_names(void **state)
{
	(void)state;
	CHECK_TEXT(submission_state_name(SUBMISSION_RUNNING), "running");
	CHECK_TEXT(submission_state_name(SUBMISSION_STATES), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
