/*
 * submission.h - the states of a submission, as a table of state x event
 *
 *	          lease             outcome
 *	 QUEUED --------> RUNNING ----------> DONE
 *	    ^   <--------    |                 |
 *	    |    lost lease  | replaced        | rejudge
 *	    +----------------|-----------------+
 *	                     v
 *	                   (gone: a younger content took its place)
 *
 * Pure: no SQL, no clock. store/submission.c asks it before every change.
 */
#ifndef JUDGE_SUBMISSION_H
#define JUDGE_SUBMISSION_H

#include "base/base.h"

enum submission_state { SUBMISSION_QUEUED, SUBMISSION_RUNNING, SUBMISSION_DONE,
			SUBMISSION_STATES };
enum submission_event { EVENT_LEASE, EVENT_LOST, EVENT_OUTCOME, EVENT_REJUDGE,
			SUBMISSION_EVENTS };

/** submission_next() - Return: the new state, or -ESTALE when the event can not happen then */
int submission_next(enum submission_state state, enum submission_event event);
const char *submission_state_name(enum submission_state state);

#endif
