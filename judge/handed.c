#include "judge/handed.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>

#include "base/units.h"

int handed_read(int argc, char **argv, const char *program, struct handed *ret)
{
	static const struct option longs[] = {
		{ "state", required_argument, NULL, 's' },
		{ "box", required_argument, NULL, 'b' },
		{ "slot", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	int64_t state = -1, box = -1, slot = -1;
	int c, r = 0;

	while (r == 0 && (c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		r = c == 's' ? parse_count(optarg, &state) : c == 'b' ? parse_count(optarg, &box) :
		    c == 'n' ? parse_count(optarg, &slot) : -1;
	if (r < 0 || state < 0 || box < 0 || slot < 0 || optind != argc) {
		fprintf(stderr, "usage: %s --state FD --box FD --slot N (judgefs starts it)\n",
			program);
		return -EINVAL;
	}
	fcntl(state, F_SETFD, FD_CLOEXEC);
	fcntl(box, F_SETFD, FD_CLOEXEC);
	*ret = (struct handed){ .statefd = state, .boxfd = box, .slot = slot };
	return 0;
}
