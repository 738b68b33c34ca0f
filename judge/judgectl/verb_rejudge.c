/*
 * judgectl rejudge - submissions, or all of a problem, once more
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/io.h"
#include "base/units.h"
#include "judge/judgectl/judgectl.h"
#include "judge/judgectl/remote.h"

static int rejudge(int statefd, const char *what, struct diag *diag)
{
	struct buf question = { 0 };
	json_t *answer = NULL;
	const char *error;
	int64_t id;
	int r;

	/* A number is a submission's; anything else a problem's name. */
	buf_puts(&question, "{\"op\":\"rejudge\",");
	if (parse_count(what, &id) == 0) {
		buf_printf(&question, "\"id\":%" PRId64 "}", id);
	} else {
		buf_puts(&question, "\"problem\":");
		buf_json(&question, what);
		buf_puts(&question, "}");
	}
	r = ctl_ask(statefd, buf_text(&question), &answer, diag);
	buf_release(&question);
	if (r < 0)
		return r;
	error = json_string_value(json_object_get(answer, "error"));
	if (error != NULL)
		r = diag_fail(diag, -EINVAL, "%s: %s", what, error);
	else
		printf("%s: %" PRId64 " to be judged again\n", what,
		       (int64_t)json_integer_value(json_object_get(answer, "count")));
	json_decref(answer);
	return r;
}

int verb_rejudge(int argc, char **argv)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ 0 },
	};
	const char *state = NULL;
	int status = CTL_YES, fd;
	struct diag diag = { "" };

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
		if (c != 's')
			return ctl_bad_option(argv, c);
		state = optarg;
	}
	if (optind == argc)
		return ctl_usage(argv[0], "it needs a submission's number or a problem");
	fd = ctl_state_open(state, &diag);
	for (int i = optind; fd >= 0 && i < argc; i++) {
		if (rejudge(fd, argv[i], &diag) == 0)
			continue;
		fprintf(stderr, "judgectl rejudge: %s\n", diag.text);
		status = CTL_FAILED;
	}
	if (fd < 0) {
		fprintf(stderr, "judgectl rejudge: %s\n", diag.text);
		status = CTL_FAILED;
	}
	io_close(fd);
	return status;
}
