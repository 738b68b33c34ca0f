/*
 * judgectl - everything that is not the mount
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "judge/judgectl/judgectl.h"

static const struct verb verbs[] = {
	{ "judge",	verb_judge,
	  "[-l LANG] [--json] [--languages DIR] PROBLEM SOURCE...",
	  "judge a source against a problem folder; exit 0: accepted, 1: not" },
	{ "verify",	verb_verify,
	  "[--json] [--languages DIR] PACKAGE...",
	  "judge a package's own submissions and compare with what they promise" },
	{ "run",	verb_run,
	  "[--cpu-time T] [--wall-time T] [--memory SIZE] [--processes N] [--output SIZE]\n"
	  "\t[--files N] [--disk SIZE] [--stdin FILE] [--stdout FILE] [--stderr FILE]\n"
	  "\t[--profile run|compile|step|checker|interactor|generator] [--meta FILE]\n"
	  "\t-- CMD [ARGUMENT...]",
	  "run a command in the bare sandbox" },
	{ "submit",	verb_submit,
	  "[--wait] [--timeout T] [--mount DIR] [--state DIR] PROBLEM FILE",
	  "hand a file in through the mount; --wait as `wait` does" },
	{ "wait",	verb_wait, "[--timeout T] FILE...",
	  "wait until verdicts are final and print them; exit 0: all accepted, 1: not" },
	{ "import",	verb_import, "[--name NAME] [--state DIR] PACKAGE...",
	  "check problem packages and install them" },
	{ "status",	verb_status, "[--json] [--state DIR]",
	  "what waits and runs, workers, problems, languages" },
	{ "rejudge",	verb_rejudge, "[--state DIR] ID|PROBLEM...",
	  "judge submissions, or all of a problem, once more" },
	{ "fsck",	verb_fsck, "[STATE]",
	  "check that all holds that must hold of a state; exit 1 on a breach" },
	{ "prepare",	verb_prepare, "[--languages DIR]",
	  "precompile headers and the like, so that compiling is fast; a judge does so by itself" },
	{ "doctor",	verb_doctor, "[--json]",
	  "what this host has or lacks, what a lack costs and how to mend it" },
};

int ctl_usage(const char *verb, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "judgectl %s: ", verb);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			fprintf(stderr, "usage: judgectl %s %s\n", verb, verbs[i].usage);
	return CTL_FAILED;
}

int ctl_bad_option(char **argv, int c)
{
	const char *word = argv[optind - 1];
	char letter[] = { '-', optopt, '\0' };

	/* Of letters written together the word may be still to come. */
	if (strncmp(word, "--", 2) != 0 && optopt)
		word = letter;
	return ctl_usage(argv[0], c == ':' ? "%s needs a value" : "unknown option '%s'", word);
}

static void help(FILE *to)
{
	fputs("usage: judgectl VERB [ARGUMENT...]\n\n", to);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].does);
	fputs("\n`judgectl VERB --help` tells more; so does judgectl(1).\n", to);
}

int main(int argc, char **argv)
{
	log_init("judgectl");
	if (argc < 2) {
		help(stderr);
		return CTL_FAILED;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help(stdout);
		return CTL_YES;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("judgectl " VERSION);
		return CTL_YES;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const struct verb *v = &verbs[i];

		if (strcmp(argv[1], v->name) != 0)
			continue;
		if (argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
			printf("usage: judgectl %s %s\n\n%s\n", v->name, v->usage, v->does);
			return CTL_YES;
		}
		return v->run(argc - 1, argv + 1);
	}
	fprintf(stderr, "judgectl: unknown verb '%s'; `judgectl --help` lists them\n", argv[1]);
	return CTL_FAILED;
}
