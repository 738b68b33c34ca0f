/*
 * judgectl wait - until verdicts are final
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "base/units.h"
#include "judge/judgectl/judgectl.h"
#include "judge/judgectl/remote.h"

int verb_wait(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ 0 },
	};
	int64_t timeout_us = 0;
	int worst = CTL_YES;

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
		if (c != 't')
			return ctl_bad_option(argv, c);
		if (parse_duration_us(optarg, &timeout_us) < 0)
			return ctl_usage(argv[0], CTL_NO_TIME, "timeout", optarg);
	}
	if (optind == argc)
		return ctl_usage(argv[0], "it needs a file");
	for (int i = optind; i < argc; i++) {
		int status = ctl_wait(argv[0], argv[i], timeout_us, argc - optind > 1);

		if (status > worst)
			worst = status;
	}
	return worst;
}
