/*
 * relay.h - carry what two programs say to each other
 *
 *	r = relay_start(&limits, &relay, &ends, &diag);
 *	...						run both with the streams of ends
 *	relay_stop(relay, &heard);
 *
 * Pipes from one to the other would carry the words too, but they would not tell who ended
 * first: the end of one breaks the other's pipe, and often ends it within the microseconds
 * that it takes to notice either. Here the second learns of it from the relay, which has seen
 * it by then. Nor can a program make its interactor swallow more than the output limit, and
 * who says something to one that has just left is not killed for it.
 */
#ifndef JUDGE_RELAY_H
#define JUDGE_RELAY_H

#include "base/base.h"

enum { RELAY_INTERACTOR, RELAY_PROGRAM, RELAY_SIDES };

struct relay_ends {			/* streams for the two, blocking and close-on-exec */
	int in[RELAY_SIDES], out[RELAY_SIDES];
};

struct relay_limits {			/* of what each side says; beyond, its pipe breaks */
	int64_t said[RELAY_SIDES];
	int64_t unheard[RELAY_SIDES];	/* of that, after the other has stopped listening */
};

struct relay_heard {
	int64_t bytes[RELAY_SIDES];	/* said by each */
	bool first[RELAY_SIDES];	/* fell silent for good without knowing that the other had:
					   both, when neither could know */
	bool cut[RELAY_SIDES];		/* its pipe was broken by a limit */
};

struct relay;

/**
 * relay_start() - make the pipes, and a thread that serves them
 * @ret_ends:	the caller's to close, at once when the two have them: else nobody ever sees an end
 */
int relay_start(const struct relay_limits *limits, struct relay **ret, struct relay_ends *ret_ends,
		struct diag *diag);

/** relay_stop() - after the end of both; what they left in the pipes still counts */
void relay_stop(struct relay *r, struct relay_heard *ret);
void relay_ends_close(struct relay_ends *ends);		/* those that are not -1 */

#endif
