/*
 * judgectl prepare - precompiled headers and the like, so that compiling is fast
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"
#include "judge/prepare.h"

struct count {
	size_t all, failed;
};

static void said(void *ctx, const struct lang *lang, bool made, const char *why)
{
	struct count *count = ctx;

	count->all++;
	count->failed += why != NULL;
	if (why)
		printf("%-24s failed: %s\n", lang->name, why);
	else
		printf("%-24s %s\n", lang->name, made ? "prepared" : "is prepared");
	fflush(stdout);
}

/* Before the sandbox is built, which has it in sight. Others read what is in it. */
static int make_folder(struct diag *diag)
{
	umask(022);
	if (geteuid() == 0 && access(CTL_STATE, F_OK) < 0 && mkdir(CTL_CACHE, 0755) < 0 &&
	    errno != EEXIST)
		return diag_fail(diag, -errno, "make %s", CTL_CACHE);
	if (geteuid() == 0 && mkdir(ctl_prepared(), 0755) < 0 && errno != EEXIST)
		return diag_fail(diag, -errno, "make %s", ctl_prepared());
	return 0;
}

int verb_prepare(int argc, char **argv)
{
	static const struct option options[] = {
		{ "languages", required_argument, NULL, 'L' },
		{ 0 },
	};
	const char *languages = NULL;
	struct count count = { 0 };
	struct diag diag = { "" };
	struct ctl_env env;
	int r;

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
		if (c != 'L')
			return ctl_bad_option(argv, c);
		languages = optarg;
	}
	if (optind != argc)
		return ctl_usage(argv[0], "it takes no argument");
	r = make_folder(&diag);
	if (r == 0)
		r = ctl_env_open(languages, &env, &diag);
	if (r == 0) {
		langs_probe(env.langs);
		/* A judge's own are not in somebody else's folder. */
		if (!languages)
			r = prepare_clean(env.judge.prepared, env.langs, env.judge.cancel_fd, &diag);
		if (r == 0)
			r = prepare_all(env.judge.prepared, env.langs, &env.judge, said, &count, &diag);
		ctl_env_close(&env);
	}
	if (r < 0) {
		log_error("prepare: %s", r == -ECANCELED ? "interrupted" :
			  diag.text[0] ? diag.text : strerror(-r));
		return CTL_FAILED;
	}
	if (count.all == 0)
		puts("no language here has anything to prepare");
	return count.failed > 0 ? CTL_NO : CTL_YES;
}
