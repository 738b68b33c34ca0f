/*
 * judgectl submit - hand in through the mount, as cp(1) would
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
#include "base/units.h"
#include "judge/judgectl/judgectl.h"
#include "judge/judgectl/remote.h"

/* What the mount's refusals mean. */
static const struct { int r; const char *means; } refusals[] = {
	{ -EFBIG, "the source is larger than this problem allows" },
	{ -EDQUOT, "your quota is used up: remove old files from sub/" },
	{ -EROFS, "this problem is closed" },
	{ -ENOSPC, "the judge's disk is full" },
	{ -ENAMETOOLONG, "the name is too long" },
	{ -ENOTCONN, "no judge runs here" },
};

struct args {
	const char *mount, *state, *problem, *file;
	int64_t timeout_us;
	bool wait;
};

static int parse(int argc, char **argv, struct args *ret)
{
	static const struct option options[] = {
		{ "wait", no_argument, NULL, 'w' },
		{ "timeout", required_argument, NULL, 't' },
		{ "mount", required_argument, NULL, 'm' },
		{ "state", required_argument, NULL, 's' },
		{ 0 },
	};

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":w", options, NULL)) != -1;) {
		if (c == 'w')
			ret->wait = true;
		else if (c == 'm')
			ret->mount = optarg;
		else if (c == 's')
			ret->state = optarg;
		else if (c != 't')
			return ctl_bad_option(argv, c);
		else if (parse_duration_us(optarg, &ret->timeout_us) < 0)
			return ctl_usage(argv[0], CTL_NO_TIME, "timeout", optarg);
	}
	if (argc - optind != 2)
		return ctl_usage(argv[0], "it needs a problem and a file");
	ret->problem = argv[optind];
	ret->file = argv[optind + 1];
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Where it goes: through the caller's link, so that the path stays the same for `wait`. */
static int target_path(const struct args *args, struct buf *ret, struct diag *diag)
{
	struct buf mount = { 0 }, sub = { 0 };
	char *real = NULL;
	int r;

	r = ctl_mount(args->mount, args->state, &mount);
	buf_printf(&sub, "%s/%s/sub", buf_text(&mount), args->problem);
	if (r == 0 && sub.failed)
		r = -ENOMEM;
	if (r == 0) {
		real = realpath(sub.data, NULL);
		if (real == NULL)
			r = diag_fail(diag, -errno, "%s", sub.data);
	}
	if (r == 0) {
		buf_printf(ret, "%s/%s", real, base_name(args->file));
		if (ret->failed)
			r = -ENOMEM;
	}
	free(real);
	buf_release(&mount);
	buf_release(&sub);
	return r;
}

/* The content counts when it is closed: only then everything was heard of. */
static int copy_in(int from, const char *path, mode_t mode, struct diag *diag)
{
	int64_t copied;
	int to, r = 0;

	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode & 0777);
	if (to < 0)
		return diag_fail(diag, -errno, "%s", path);
	copied = io_copy(to, from);
	if (copied < 0)
		r = copied;
	if (close(to) < 0 && r == 0)
		r = -errno;
	return r < 0 ? diag_fail(diag, r, "%s", path) : 0;
}

static int submit(const struct args *args, struct buf *ret_path, struct diag *diag)
{
	struct stat st;
	int from, r = 0;

	from = open(args->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (from < 0)
		return diag_fail(diag, -errno, "%s", args->file);
	if (fstat(from, &st) < 0)
		r = diag_fail(diag, -errno, "%s", args->file);
	else if (!S_ISREG(st.st_mode))
		r = diag_fail(diag, -EINVAL, "%s is not a regular file", args->file);
	else if (st.st_size == 0)
		r = diag_fail(diag, -EINVAL, "%s is empty: nothing to judge", args->file);
	if (r == 0)
		r = target_path(args, ret_path, diag);
	if (r == 0)
		r = copy_in(from, ret_path->data, st.st_mode, diag);
	io_close(from);
	return r;
}

int verb_submit(int argc, char **argv)
{
	struct args args = { 0 };
	struct diag diag = { "" };
	struct buf path = { 0 };
	int r, status;

	status = parse(argc, argv, &args);
	if (status != 0 || args.file == NULL)
		return CTL_FAILED;
	r = submit(&args, &path, &diag);
	if (r == 0 && args.wait)
		status = ctl_wait(argv[0], path.data, args.timeout_us, false);
	if (r < 0) {
		fprintf(stderr, "judgectl submit: %s\n", diag.text);
		for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
			if (refusals[i].r == r)
				fprintf(stderr, "judgectl submit: %s\n", refusals[i].means);
		status = CTL_FAILED;
	}
	buf_release(&path);
	return status;
}
