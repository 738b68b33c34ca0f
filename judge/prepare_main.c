/*
 * judgefs-prepare - has compilers prepared, and ends
 *
 *	judgefs-prepare --state FD --box FD --slot N
 *
 * What languages.d asks for under [prepare] is made in STATE/prepared: see prepare.h. judgefs
 * starts it when the judge is up; it has a box of its own and gives way to everything else.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "judge/handed.h"
#include "judge/job.h"
#include "judge/prepare.h"

static void said(void *ctx, const struct lang *lang, bool made, const char *why)
{
	(void)ctx;
	if (why)
		log_warn("%s could not be prepared, so that compiling takes longer: %s", lang->name, why);
	else if (made)
		log_info("%s was prepared", lang->name);
}

static int prepare(int statefd, struct judge_env *env, struct diag *diag)
{
	struct langs *langs = NULL;
	int dir, r;

	dir = io_open_beneath(statefd, PREPARED_DIR, O_RDONLY | O_DIRECTORY, 0);
	r = dir < 0 ? diag_fail(diag, dir, "open STATE/" PREPARED_DIR) :
		      prepared_open(dir, &env->prepared, diag);
	io_close(dir);
	if (r == 0)
		r = langs_load(statefd, "languages.d", &langs, diag);
	if (r < 0)
		return r;
	langs_probe(langs);
	r = prepare_clean(env->prepared, langs, env->cancel_fd, diag);
	if (r == 0)
		r = prepare_all(env->prepared, langs, env, said, NULL, diag);
	langs_free(langs);
	return r;
}

int main(int argc, char **argv)
{
	struct judge_env env = { .cancel_fd = -1 };
	struct handed handed;
	struct diag diag = { "" };
	int r;

	log_init("judgefs-prepare");
	if (handed_read(argc, argv, "judgefs-prepare", &handed) < 0)
		return 2;
	setpriority(PRIO_PROCESS, 0, PREPARE_NICE);
	umask(022);
	r = box_connect(handed.boxfd, &env.box);
	if (r == 0)
		r = prepare(handed.statefd, &env, &diag);
	if (r < 0)
		log_error("%s", diag.text[0] ? diag.text : strerror(-r));
	prepared_free(env.prepared);
	box_free(env.box);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
