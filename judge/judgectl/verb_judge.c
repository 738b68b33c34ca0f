/*
 * judgectl judge - one source against one problem, without a daemon
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/log.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"

#define HEAD_MAX	4096	/* looked at for `judgefs: language=NAME` */

struct args {
	const char *lang, *languages, *problem;
	char **sources;
	int nsources;
	bool json;
};

static bool parse(int argc, char **argv, struct args *ret)
{
	static const struct option options[] = {
		{ "lang", required_argument, NULL, 'l' },
		{ "language", required_argument, NULL, 'l' },
		{ "languages", required_argument, NULL, 'L' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":l:", options, NULL)) != -1;) {
		if (c == 'l')
			ret->lang = optarg;
		else if (c == 'L')
			ret->languages = optarg;
		else if (c == 'j')
			ret->json = true;
		else
			ctl_bad_option(argv, c);
		if (c == '?')
			return false;
	}
	if (argc - optind < 2) {
		ctl_usage(argv[0], "it needs a problem and a source");
		return false;
	}
	ret->problem = argv[optind];
	ret->sources = argv + optind + 1;
	ret->nsources = argc - optind - 1;
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The language by -l, else by the first source: its first line, then its suffix. */
static int find_lang(const struct ctl_env *env, const struct args *args,
		     const struct problem *p, const struct lang **ret, struct diag *diag)
{
	const char *path = args->sources[0];	/* NOLINT: parse() wants one at least */
	char head[HEAD_MAX];
	ssize_t n;
	int fd, r;

	if (args->lang) {
		*ret = langs_by_id(env->langs, args->lang);
		return *ret ? 0 : diag_fail(diag, -EINVAL, "unknown language '%s'", args->lang);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return diag_fail(diag, -errno, "open '%s'", path);
	n = io_read(fd, head, sizeof(head));
	io_close(fd);
	if (n < 0)
		return diag_fail(diag, n, "read '%s'", path);
	r = langs_for_file(env->langs, base_name(path), head, n, &p->languages, ret, diag);
	if (r < 0)
		diag_prefix(diag, "%s", base_name(path));
	return r < 0 ? -EINVAL : 0;
}

static int load_source(struct ctl_env *env, const char *path, struct source *ret,
		       struct diag *diag)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;
	struct stat st;

	if (fd < 0)
		return diag_fail(diag, -errno, "open '%s'", path);
	if (fstat(fd, &st) < 0)
		r = diag_fail(diag, -errno, "look at '%s'", path);
	else if (!S_ISREG(st.st_mode))
		r = diag_fail(diag, -EINVAL, "'%s' is not a regular file", path);
	else if ((r = blobs_put_fd(env->judge.blobs, fd, &ret->blob)) < 0)
		diag_fail(diag, r, "read '%s'", path);
	io_close(fd);
	return r;
}

static int load_sources(struct ctl_env *env, const struct args *args, struct program *ret,
			struct diag *diag)
{
	ret->sources = calloc(args->nsources, sizeof(*ret->sources));
	if (!ret->sources)
		return -ENOMEM;
	for (int i = 0; i < args->nsources; i++) {
		struct source *s = &ret->sources[i];
		const char *name = base_name(args->sources[i]);
		int r;

		for (int k = 0; k < i; k++)
			if (strcmp(ret->sources[k].name, name) == 0)
				return diag_fail(diag, -EINVAL, "two sources are named '%s'",
						 name);
		s->name = strdup(name);
		if (!s->name)
			return -ENOMEM;
		ret->nsources++;
		r = load_source(env, args->sources[i], s, diag);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What is for staff goes to whoever runs this, beside the report that a student would get. */
static void print_staff(const struct outcome *o)
{
	if (o->verdict == VERDICT_JE && o->message)
		fprintf(stderr, "judgectl: judge: %s\n", o->message);
	for (size_t i = 0; o->verdict != VERDICT_JE && i < o->ntests; i++)
		if (o->tests[i].staff_message)
			fprintf(stderr, "judgectl: judge: %s: %s\n", o->tests[i].name,
				o->tests[i].staff_message);
}

static void print_outcome(const struct outcome *o, const struct problem *p, bool json)
{
	const struct report_about about = { .problem = p->id, .feedback = FEEDBACK_FULL,
					    .final = true };
	struct buf b = { 0 };

	if (json)
		report_json(o, &about, &b);
	else
		report_verdict(o, &about, &b);
	fputs(buf_text(&b), stdout);
	fflush(stdout);
	buf_release(&b);
	if (!json)
		print_staff(o);
}

static int judge(struct ctl_env *env, const struct args *args, struct outcome *ret,
		 struct problem **ret_problem, struct diag *diag)
{
	struct job job = { 0 };
	int r = ctl_problem_open(env, args->problem, ret_problem, NULL, diag);

	if (r < 0)
		return r;
	job.problem = *ret_problem;
	r = find_lang(env, args, job.problem, &job.program.lang, diag);
	if (r == 0)
		langs_ask(env->langs, job.program.lang);
	if (r == 0 && job.program.lang->missing)
		r = diag_fail(diag, -EINVAL, "%s is not available here: %s", job.program.lang->name,
			      job.program.lang->missing);
	if (r == 0)
		r = load_sources(env, args, &job.program, diag);
	if (r == 0) {
		env->judge.progress = ctl_judging;
		env->judge.ctx = NULL;
		r = job_judge(&job, &env->judge, ret, diag);
		ctl_progress("%s", "");
	}
	program_release(&job.program);
	return r;
}

int verb_judge(int argc, char **argv)
{
	struct outcome o = { 0 };
	struct problem *p = NULL;
	struct diag diag = { "" };
	struct args args = { 0 };
	struct ctl_env env;
	int status = CTL_FAILED, r;

	if (!parse(argc, argv, &args))
		return CTL_FAILED;
	r = ctl_env_open(args.languages, &env, &diag);
	if (r < 0)
		goto out;
	r = judge(&env, &args, &o, &p, &diag);
	if (r == 0) {
		print_outcome(&o, p, args.json);
		status = o.verdict == VERDICT_AC ? CTL_YES :
			 o.verdict == VERDICT_JE ? CTL_FAILED : CTL_NO;
	}
	outcome_release(&o);
	problem_free(p);
	ctl_env_close(&env);
out:
	if (r < 0)
		log_error("judge: %s", r == -ECANCELED ? "interrupted" :
			  diag.text[0] ? diag.text : strerror(-r));
	return status;
}
