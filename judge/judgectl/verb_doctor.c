/*
 * verb_doctor.c - what this host has or lacks
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge/judgectl/judgectl.h"
#include "sandbox/box.h"

#define MAX_FINDINGS	64

static const struct {
	const char *word, *color;
} levels[] = {
	[BOX_FINE]	= { "fine",	"\033[32m" },
	[BOX_COSTS]	= { "costs",	"\033[33m" },
	[BOX_MISSING]	= { "MISSING",	"\033[31m" },
};

/* Colours for a person's terminal only: https://no-color.org */
static bool colored(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(1) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

int verb_doctor(int argc, char **argv)
{
	struct box_finding f[MAX_FINDINGS];
	size_t n, missing = 0;
	bool color = colored();

	if (argc > 1)
		return ctl_usage(argv[0], "'%s': no arguments are taken", argv[1]);
	n = box_probe(f, ARRAY_SIZE(f));
	for (size_t i = 0; i < n; i++) {
		printf("%-26s %s%-8s%s %s\n", f[i].what, color ? levels[f[i].level].color : "",
		       levels[f[i].level].word, color ? "\033[0m" : "", f[i].found);
		if (*f[i].remedy)
			printf("%-26s %-8s -> %s\n", "", "", f[i].remedy);
		missing += f[i].level == BOX_MISSING;
	}
	if (missing)
		printf("\n%zu missing: programs can not be judged safely on this host\n", missing);
	return missing ? CTL_NO : CTL_YES;
}
