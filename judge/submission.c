#include <errno.h>

#include "judge/submission.h"

/* The state after an event, plus one; 0: the event can not happen then. */
#define TO(state)	((state) + 1)

static const unsigned char next_state[SUBMISSION_STATES][SUBMISSION_EVENTS] = {
	[SUBMISSION_QUEUED][EVENT_LEASE]	= TO(SUBMISSION_RUNNING),
	[SUBMISSION_RUNNING][EVENT_LOST]	= TO(SUBMISSION_QUEUED),
	[SUBMISSION_RUNNING][EVENT_OUTCOME]	= TO(SUBMISSION_DONE),
	[SUBMISSION_DONE][EVENT_REJUDGE]	= TO(SUBMISSION_QUEUED),
};

static const char *const names[SUBMISSION_STATES] = {
	[SUBMISSION_QUEUED] = "queued",
	[SUBMISSION_RUNNING] = "running",
	[SUBMISSION_DONE] = "done",
};

int submission_next(enum submission_state state, enum submission_event event)
{
	if ((unsigned)state >= SUBMISSION_STATES || (unsigned)event >= SUBMISSION_EVENTS)
		return -ESTALE;
	return next_state[state][event] == 0 ? -ESTALE : next_state[state][event] - 1;
}

const char *submission_state_name(enum submission_state state)
{
	return (unsigned)state < SUBMISSION_STATES ? names[state] : "unknown";
}
