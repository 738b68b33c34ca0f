/*
 * judgectl status - what waits and runs, workers, problems, languages
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "judge/judgectl/judgectl.h"
#include "judge/judgectl/remote.h"

/* Things that have a name, and perhaps a reason why they are not to be had. */
static void print_list(const json_t *list, const char *title, const char *why, const char *more)
{
	const json_t *o;
	size_t i;

	printf("\n%s:\n", title);
	json_array_foreach(list, i, o) {
		const char *reason = json_string_value(json_object_get(o, why));
		const char *state = json_string_value(json_object_get(o, more));

		printf("  %-*s%s%s%s\n", reason || state ? 25 : 0,
		       json_string_value(json_object_get(o, "name")), reason ? reason : "",
		       state ? "prepared: " : "", state ? state : "");
	}
}

int verb_status(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "state", required_argument, NULL, 's' },
		{ 0 },
	};
	const char *state = NULL, *text;
	struct diag diag = { "" };
	json_t *answer = NULL;
	bool json = false;
	int fd, r;

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
		if (c == 'j')
			json = true;
		else if (c == 's')
			state = optarg;
		else
			return ctl_bad_option(argv, c);
	}
	if (optind != argc)
		return ctl_usage(argv[0], "it takes no argument");
	r = fd = ctl_state_open(state, &diag);
	if (r >= 0)
		r = ctl_ask(fd, "{\"op\":\"status\"}", &answer, &diag);
	io_close(fd);
	if (r < 0) {
		fprintf(stderr, "judgectl status: %s\n", diag.text);
		return CTL_FAILED;
	}
	if (json) {
		json_dumpf(answer, stdout, JSON_INDENT(1));
		putchar('\n');
	} else {
		text = json_string_value(json_object_get(answer, "text"));
		fputs(text != NULL ? text : "", stdout);
		print_list(json_object_get(answer, "problems"), "Problems", "broken", "");
		print_list(json_object_get(answer, "languages"), "Languages", "missing", "prepared");
	}
	json_decref(answer);
	return CTL_YES;
}
