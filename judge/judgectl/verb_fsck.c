/*
 * judgectl fsck - whether all holds that must hold of a STATE
 *
 * Safe beside a running judge. As root it becomes the owner of the database first, so that
 * no file of the database is made that the judge could not open.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"
#include "judge/judgectl/remote.h"
#include "judge/store.h"

#define DATABASE	"db/judge.db"

static int become_owner(int statefd, struct diag *diag)
{
	struct stat st;

	if (fstatat(statefd, DATABASE, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_fail(diag, -errno, "STATE/" DATABASE);
	if (geteuid() != 0 || st.st_uid == 0)
		return 0;
	if (setegid(st.st_gid) < 0 || seteuid(st.st_uid) < 0)
		return diag_fail(diag, -errno, "become the judge's user");
	return 0;
}

static int check(const char *path, struct buf *ret, struct diag *diag)
{
	struct store *s = NULL;
	int fd, r;

	fd = ctl_state_open(path, diag);
	if (fd < 0)
		return fd;
	r = become_owner(fd, diag);
	if (r == 0)
		r = store_open(fd, &s, diag);
	if (r == 0) {
		r = store_check(s, ret);
		if (r < 0)
			diag_fail(diag, r, "check");
	}
	store_close(s);
	io_close(fd);
	if (geteuid() != getuid() && (seteuid(getuid()) < 0 || setegid(getgid()) < 0))
		r = diag_fail(diag, -errno, "become root again");
	return r;
}

int verb_fsck(int argc, char **argv)
{
	static const struct option none[] = { { 0 } };
	struct buf breaches = { 0 };
	struct diag diag = { "" };
	int status, c, r;

	optind = 1;
	opterr = 0;
	c = getopt_long(argc, argv, ":", none, NULL);
	if (c != -1)
		return ctl_bad_option(argv, c);
	if (argc - optind > 1)
		return ctl_usage(argv[0], "one STATE only");
	r = check(argc > optind ? argv[optind] : NULL, &breaches, &diag);
	fputs(buf_text(&breaches), stdout);
	if (r < 0)
		fprintf(stderr, "judgectl fsck: %s\n", diag.text);
	status = breaches.len > 0 ? CTL_NO : r < 0 ? CTL_FAILED : CTL_YES;
	buf_release(&breaches);
	return status;
}
