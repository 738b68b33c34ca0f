/*
 * env.c - a judge for the length of one command
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/install.h"
#include "base/io.h"
#include "base/log.h"
#include "judge/compile.h"
#include "judge/judgectl/env.h"
#include "judge/prepare.h"

#define CACHE_BYTES	(INT64_C(256) << 20)
/* A judge's workers have the slots below. */
#define JUDGE_SLOT	128		/* of `judge`, `verify` */
#define RUN_SLOT	192		/* of single runs */
#define SLOTS		64

/* ------------------------------------------------------------- Ctrl-C */

/* From now on the signals that end us are something to read: judging stops, and we clean up. */
static int signals_as_fd(struct diag *diag)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	fd = sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -1 : signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? diag_fail(diag, -errno, "watch for signals") : fd;
}

/* ------------------------------------------------------------- settings, languages */

static int load_settings(struct settings *ret, struct diag *diag)
{
	int state = open(CTL_STATE, O_PATH | O_DIRECTORY | O_CLOEXEC), r;

	r = state < 0 ? settings_parse("", "judge.ini", ret, diag) :
			settings_load(state, ret, diag);
	io_close(state);
	return r;
}

static int load_languages(const char *languages, struct langs **ret, struct diag *diag)
{
	char *installed = NULL;
	int fd = -1, r = 0;

	if (!languages && access(CTL_STATE "/languages.d", R_OK | X_OK) == 0)
		languages = CTL_STATE "/languages.d";
	if (!languages) {
		r = install_data("languages.d", &installed, diag);
		languages = installed;
	}
	if (r == 0)
		fd = open(languages, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r == 0 && fd < 0)
		r = diag_fail(diag, -errno, "open languages '%s'", languages);
	if (r == 0)
		r = langs_load(fd, ".", ret, diag);
	io_close(fd);
	free(installed);
	if (r == 0)
		langs_find(*ret);
	return r;
}

/* ------------------------------------------------------------- what is prepared */

const char *ctl_prepared(void)
{
	return access(CTL_STATE, F_OK) == 0 ? CTL_STATE "/" PREPARED_DIR :
					      CTL_CACHE "/" PREPARED_DIR;
}

/* Where there is none it only takes longer. */
static int open_prepared(struct ctl_env *env, struct diag *diag)
{
	int fd = open(ctl_prepared(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char bind[PATH_MAX];
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : diag_fail(diag, -errno, "open %s", ctl_prepared());
	snprintf(bind, sizeof(bind), "%s:" PREPARED_AT, ctl_prepared());
	r = strv_add(&env->settings.box.binds, bind);
	if (r == 0)
		r = prepared_open(fd, &env->judge.prepared, diag);
	io_close(fd);
	return r;
}

/* ------------------------------------------------------------- the box */

/* In the first of these slots that nobody has. */
static int spawn(const struct box_settings *settings, int first, int *ret_sock, pid_t *ret_pid,
		 struct diag *diag)
{
	int r = -EBUSY;

	for (int i = 0; r == -EBUSY && i < SLOTS; i++)
		r = box_spawn(settings, first + (getpid() + i) % SLOTS, ret_sock, ret_pid, diag);
	return r;
}

int ctl_box_spawn(const struct box_settings *settings, int *ret_sock, pid_t *ret_pid,
		  struct diag *diag)
{
	return spawn(settings, RUN_SLOT, ret_sock, ret_pid, diag);
}

static int start_box(struct ctl_env *env, struct diag *diag)
{
	struct box_settings *box = &env->settings.box;
	char *program = NULL, *cgroup = NULL;
	int sock = -1, r;

	/* A group for each of us, also when two look at different /run (chroots). */
	if (asprintf(&cgroup, "%s-ctl-%d", env->settings.cgroup, (int)getpid()) < 0)
		return -ENOMEM;
	free(env->settings.cgroup);
	env->settings.cgroup = cgroup;
	box->cgroup = cgroup;
	box->core = -1;
	r = install_program("judgefs-box", &program, diag);
	if (r < 0)
		return r;
	box->program = program;
	r = spawn(box, JUDGE_SLOT, &sock, &env->box_pid, diag);
	box->program = NULL;
	free(program);
	if (r < 0)
		return r;
	r = box_connect(sock, &env->judge.box);
	return r < 0 ? diag_fail(diag, r, "connect to judgefs-box") : 0;
}

int ctl_env_open(const char *languages, struct ctl_env *ret, struct diag *diag)
{
	struct ctl_env env = { .judge.cancel_fd = -1, .box_pid = -1 };
	int r;

	if (geteuid() != 0)
		return diag_fail(diag, -EINVAL, "a sandbox can only be built by root; try: sudo "
				 "judgectl ...");
	env.judge.cancel_fd = signals_as_fd(diag);
	r = env.judge.cancel_fd < 0 ? env.judge.cancel_fd : load_settings(&env.settings, diag);
	if (r == 0)
		r = load_languages(languages, &env.langs, diag);
	if (r == 0)
		r = blobs_new_table(&env.judge.blobs);
	if (r == 0)
		r = compile_cache_new(CACHE_BYTES, &env.cache);
	if (r == 0)
		r = open_prepared(&env, diag);
	if (r == 0)
		r = start_box(&env, diag);
	if (r < 0) {
		ctl_env_close(&env);
		return r;
	}
	env.judge.cache = env.cache;
	*ret = env;
	return 0;
}

void ctl_env_close(struct ctl_env *env)
{
	struct diag diag = { "" };

	box_free(env->judge.box);
	if (env->box_pid > 0) {
		while (waitpid(env->box_pid, NULL, 0) < 0 && errno == EINTR)
			;
		if (box_sweep(env->settings.box.cgroup, &diag) < 0)
			log_warn("%s", diag.text);
	}
	io_close(env->judge.cancel_fd);
	compile_cache_free(env->cache);
	prepared_free(env->judge.prepared);
	blobs_free(env->judge.blobs);
	langs_free(env->langs);
	settings_release(&env->settings);
}

/* ------------------------------------------------------------- problems */

/* The folder's own name, as far as it can be one of a problem. */
static void problem_name(const char *path, char ret[65])
{
	char *real = realpath(path, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;

	snprintf(ret, 65, "%.64s", slash ? slash + 1 : "");
	if (!problem_id_valid(ret))
		strcpy(ret, "problem");
	free(real);
}

static int open_package(const char *path, struct diag *diag)
{
	char installed[PATH_MAX];
	struct stat st;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -errno : 0;

	if (r == -ENOENT && problem_id_valid(path)) {
		snprintf(installed, sizeof(installed), CTL_STATE "/problems/%s", path);
		fd = open(installed, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd >= 0)
		return fd;
	if (r == -ENOTDIR && stat(path, &st) == 0)
		return diag_fail(diag, -EINVAL, "'%s' is a file; a problem is a folder", path);
	return diag_fail(diag, r, "open problem '%s'", path);
}

int ctl_problem_open(struct ctl_env *env, const char *path, struct problem **ret,
		     struct buf *report, struct diag *diag)
{
	struct problem *p = NULL;
	char name[65];
	int fd = open_package(path, diag), r;

	if (fd < 0)
		return fd;
	problem_name(path, name);
	r = problem_load(fd, name, env->langs, &env->settings.limits, env->judge.blobs, &p, report,
			 diag);
	io_close(fd);
	if (r == 0 && p->limits.cpu_us == 0) {
		env->judge.progress = ctl_judging;
		env->judge.ctx = "finding the time limit";
		r = problem_calibrate(p, &env->judge, diag);
		ctl_progress("%s", "");
	}
	if (r < 0) {
		problem_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

/* ------------------------------------------------------------- progress */

void ctl_progress(const char *fmt, ...)
{
	static bool shown;
	struct buf clean = { 0 };
	char text[256];
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_clean(&clean, text, strcspn(text, "\n"));
	if (shown || text[0])
		fprintf(stderr, "\r\033[K%.78s", buf_text(&clean));
	fflush(stderr);
	shown = text[0];
	buf_release(&clean);
}

void ctl_judging(void *ctx, enum job_stage stage, size_t test, size_t ntests)
{
	const char *name = ctx ? ctx : "";
	const char *colon = ctx ? ": " : "";

	if (stage == JOB_COMPILING)
		ctl_progress("%s%sCompiling", name, colon);
	else
		ctl_progress("%s%sRunning test %zu of %zu", name, colon, test, ntests);
}
