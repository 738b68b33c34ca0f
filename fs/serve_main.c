/*
 * judgefs-serve - answers FUSE for the mount that judgefs made
 *
 *	judgefs-serve --state FD --fuse FD --handles FD [--threads N] [-d]
 *
 * Runs as the judge's user, without capabilities, and may be killed at any
 * moment: all that counts is in the store and in the handle page, and the next one
 * takes the connection over. It ends with 0 when the file system is unmounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "fs/loop.h"
#include "fs/ops.h"

#define THREADS		3

struct arguments {
	int64_t state, fuse, handles, threads;
	bool debug;
};

static const char usage[] =
	"usage: judgefs-serve --state FD --fuse FD --handles FD [--threads N] [-d]\n"
	"Started by judgefs(8).\n";

static int parse(int argc, char **argv, struct arguments *a)
{
	int64_t *const numbers[] = { &a->state, &a->fuse, &a->handles, &a->threads };
	static const struct option options[] = {	/* first those of numbers[] */
		{ "state", required_argument, NULL, 'n' },
		{ "fuse", required_argument, NULL, 'n' },
		{ "handles", required_argument, NULL, 'n' },
		{ "threads", required_argument, NULL, 'n' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, index = 0;

	while ((opt = getopt_long(argc, argv, "dh", options, &index)) != -1) {
		switch (opt) {
		case 'n':
			if (parse_count(optarg, numbers[index]) < 0)
				return -EINVAL;
			break;
		case 'd':
			a->debug = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'v':
			puts("judgefs-serve " VERSION);
			exit(0);
		default:
			return -EINVAL;
		}
	}
	if (optind != argc || a->state < 0 || a->fuse < 0 || a->handles < 0 || a->threads < 1 ||
	    a->threads > HANDLES_THREADS)
		return -EINVAL;
	return 0;
}

static int fs_init(struct fs *fs, const struct arguments *a, struct diag *diag)
{
	int r;

	for (size_t i = 0; i < FILE_LOCKS; i++)
		pthread_mutex_init(&fs->file_lock[i], NULL);
	fs->uid = getuid();
	fs->gid = getgid();
	fs->users_changed_us = clock_wall_us();
	r = settings_load(a->state, &fs->settings, diag);
	if (r == 0)
		r = store_open(a->state, &fs->store, diag);
	if (r == 0)
		r = handles_open(a->handles, &fs->handles, diag);
	if (r == 0)
		r = intake_new(&fs->intake);
	if (r == 0)
		r = quota_new(&fs->quota);
	if (r == 0)
		r = bell_new(a->state, &fs->bell, diag);
	return r;
}

static void fs_release(struct fs *fs)
{
	intake_free(fs->intake);
	quota_free(fs->quota);
	bell_free(fs->bell);
	handles_close(fs->handles);
	store_close(fs->store);
	settings_release(&fs->settings);
}

static int session_new(struct fs *fs, const struct arguments *a, struct fuse_session **ret,
		       struct diag *diag)
{
	char name[] = "judgefs-serve", debug[] = "-d", device[32];
	char *argv[] = { name, debug, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(a->debug ? 2 : 1, argv);
	struct fuse_session *se;

	se = fuse_session_new(&args, &serve_ops, sizeof(serve_ops), fs);
	fuse_opt_free_args(&args);
	if (se == NULL)
		return diag_fail(diag, -EINVAL, "begin a FUSE session");
	snprintf(device, sizeof(device), "/dev/fd/%d", (int)a->fuse);
	if (fuse_session_mount(se, device) != 0) {
		fuse_session_destroy(se);
		return diag_fail(diag, -EBADF, "descriptor %d", (int)a->fuse);
	}
	*ret = se;
	return 0;
}

static int serve(struct fs *fs, struct fuse_session *se, int threads, struct diag *diag)
{
	const void *init;
	bool again = handles_init_request(fs->handles, &init) > 0;
	int r;

	r = loop_begin(fs, se, diag);
	if (r != 0)
		return r < 0 ? r : 0;
	r = intake_start(fs, diag);
	if (r == 0 && again)
		r = loop_resend(fs, se, diag);
	return r < 0 ? r : loop_run(fs, se, threads, diag);
}

/* As good an end as any: nothing is only in memory. */
static void on_term(int sig)
{
	(void)sig;
	_exit(0);
}

int main(int argc, char **argv)
{
	struct arguments a = { -1, -1, -1, THREADS, false };
	struct fuse_session *se = NULL;
	struct fs *fs = NULL;
	struct diag diag = { "" };
	int r;

	log_init("judgefs-serve");
	if (parse(argc, argv, &a) < 0) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGTERM, on_term);
	umask(077);
	fcntl(a.fuse, F_SETFD, FD_CLOEXEC);
	fcntl(a.handles, F_SETFD, FD_CLOEXEC);
	fs = calloc(1, sizeof(*fs));
	r = fs != NULL ? fs_init(fs, &a, &diag) : -ENOMEM;
	if (r == 0)
		r = session_new(fs, &a, &se, &diag);
	if (r == 0)
		r = serve(fs, se, a.threads, &diag);
	if (r < 0)
		log_error("%s", diag.text[0] != '\0' ? diag.text : strerror(-r));
	if (fs != NULL)
		fs_release(fs);
	if (se != NULL)
		fuse_session_destroy(se);
	free(fs);
	return r < 0 ? 1 : 0;
}
