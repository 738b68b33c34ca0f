/*
 * judgectl.h - the verbs of judgectl: a file verb_NAME.c and a row in main.c each
 */
#ifndef JUDGECTL_H
#define JUDGECTL_H

#include "base/base.h"

/* Exit statuses of every verb. */
enum { CTL_YES = 0, CTL_NO = 1, CTL_FAILED = 2 };

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);	/* argv[0] is the verb; returns an exit status */
	const char *usage;			/* "[-l LANG] [--json] PROBLEM SOURCE..." */
	const char *does;			/* one line for --help */
};

/** ctl_usage() - "judgectl VERB: WHAT" and the verb's usage on stderr; Return: CTL_FAILED */
int ctl_usage(const char *verb, const char *fmt, ...) PRINTF(2, 3);

/** ctl_bad_option() - the same for the option where getopt_long() with ':' gave '?' or ':' as @c */
int ctl_bad_option(char **argv, int c);

/* What ctl_usage() says about an option's value, which follows its name. */
#define CTL_NO_TIME	"--%s '%s' is no time such as 30s"
#define CTL_NO_SIZE	"--%s '%s' is no size such as 64MiB"
#define CTL_NO_COUNT	"--%s '%s' is no number"

/* A row in main.c's table each. */
int verb_judge(int argc, char **argv);
int verb_verify(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_submit(int argc, char **argv);
int verb_wait(int argc, char **argv);
int verb_doctor(int argc, char **argv);
int verb_import(int argc, char **argv);
int verb_fsck(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_rejudge(int argc, char **argv);
int verb_prepare(int argc, char **argv);

#endif
