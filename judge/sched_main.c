/*
 * judgefs-sched - whose turn it is, and what became of it
 *
 *	judgefs-sched --state FD --listen FD
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/units.h"
#include "judge/sched/sched.h"

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "state", required_argument, NULL, 's' },
		{ "listen", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int64_t state = -1, listener = -1;
	struct diag diag = { "" };
	int c, r = 0;

	log_init("judgefs-sched");
	while (r == 0 && (c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		r = c == 's' ? parse_count(optarg, &state) :
		    c == 'l' ? parse_count(optarg, &listener) : -1;
	if (r < 0 || state < 0 || listener < 0 || optind != argc) {
		fputs("usage: judgefs-sched --state FD --listen FD (judgefs starts it)\n", stderr);
		return 2;
	}
	fcntl(state, F_SETFD, FD_CLOEXEC);
	fcntl(listener, F_SETFD, FD_CLOEXEC);
	r = sched_run(state, listener, &diag);
	if (r < 0)
		log_error("%s", diag.text);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
