/*
 * judgectl import - check packages and put them into STATE/problems
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/install.h"
#include "base/io.h"
#include "base/strv.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"
#include "judge/judgectl/remote.h"
#include "judge/settings.h"

#define PROBLEMS	"problems"
#define LANGUAGES	"languages.d"
#define DEPTH_MAX	32

struct import {
	const char *id, *state;
	int statefd, problems;
	struct settings settings;
	struct langs *langs;
};

/* ------------------------------------------------------------- copying */

static int copy_tree(int from_dir, int to_dir, const char *name, int depth, struct diag *diag);

static int copy_file(int from_dir, int to_dir, const char *name, mode_t mode)
{
	int64_t copied;
	int from, to, r = 0;

	from = io_open_regular(from_dir, name, NULL);
	if (from < 0)
		return from;
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    mode & 0111 ? 0755 : 0644);
	if (to < 0)
		r = -errno;
	if (r == 0) {
		copied = io_copy(to, from);
		r = copied < 0 ? copied : 0;
	}
	/* Whatever the umask: the judge's user must be able to read it. */
	if (r == 0 && fchmod(to, mode & 0111 ? 0755 : 0644) < 0)
		r = -errno;
	io_close(from);
	io_close(to);
	return r;
}

/* Readers of packages follow no link: one is kept as what it is. */
static int copy_link(int from_dir, int to_dir, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(from_dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return symlinkat(target, to_dir, name) < 0 ? -errno : 0;
}

static int copy_entry(int from_dir, int to_dir, const char *name, int depth, struct diag *diag)
{
	struct stat st;
	int r;

	if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	else if (S_ISDIR(st.st_mode))
		return copy_tree(from_dir, to_dir, name, depth + 1, diag);
	else if (S_ISLNK(st.st_mode))
		r = copy_link(from_dir, to_dir, name);
	else if (S_ISREG(st.st_mode))
		r = copy_file(from_dir, to_dir, name, st.st_mode);
	else
		r = diag_fail(diag, -EINVAL, "'%s' is neither a file nor a folder", name);
	return r < 0 && r != -EINVAL ? diag_fail(diag, r, "copy '%s'", name) : r;
}

/* What is in @from, into the new folder @to. */
static int copy_inside(int from, int to, int depth, struct diag *diag)
{
	struct strv names = { 0 };
	int r;

	r = depth > DEPTH_MAX ? -ELOOP : io_list(from, ".", &names);
	if (r < 0)
		diag_fail(diag, r, "list a folder");
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = copy_entry(from, to, names.v[i], depth, diag);
	strv_release(&names);
	return r;
}

static int copy_tree(int from_dir, int to_dir, const char *name, int depth, struct diag *diag)
{
	int from = -1, to = -1, r;

	from = io_open_beneath(from_dir, name, O_RDONLY | O_DIRECTORY, 0);
	r = from < 0 ? from : mkdirat(to_dir, name, 0755) < 0 ? -errno : 0;
	if (r == 0)
		r = to = io_open_beneath(to_dir, name, O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0 && fchmod(to, 0755) < 0)
		r = -errno;
	if (r < 0)
		diag_fail(diag, r, "copy '%s'", name);
	else
		r = copy_inside(from, to, depth, diag);
	io_close(from);
	io_close(to);
	return r;
}

/* ------------------------------------------------------------- one package */

/* Under its name only when it is whole; the old version goes in the same moment. */
static int put_in_place(struct import *im, const char *temporary, const char *id,
			struct diag *diag)
{
	int r = 0;

	if (syncfs(im->problems) < 0)
		return diag_fail(diag, -errno, "write to the disk");
	if (renameat2(im->problems, temporary, im->problems, id, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EEXIST ||
	    renameat2(im->problems, temporary, im->problems, id, RENAME_EXCHANGE) < 0)
		return diag_fail(diag, -errno, "rename into " PROBLEMS "/%s", id);
	r = io_remove_tree(im->problems, temporary);
	return r < 0 ? diag_fail(diag, r, "remove the old version") : 0;
}

static int copy_package(struct import *im, int dir, const char *id, struct diag *diag)
{
	char temporary[96];
	int to, r;

	snprintf(temporary, sizeof(temporary), ".%s.%d", id, getpid());
	io_remove_tree(im->problems, temporary);
	r = io_mkdir(im->problems, temporary, 0755);
	r = r < 0 ? r : io_open_beneath(im->problems, temporary, O_RDONLY | O_DIRECTORY, 0);
	to = r;
	if (to >= 0 && fchmod(to, 0755) < 0)
		r = -errno;
	if (r < 0)
		diag_fail(diag, r, "make " PROBLEMS "/%s", temporary);
	else
		r = copy_inside(dir, to, 0, diag);
	io_close(to);
	if (r == 0)
		r = put_in_place(im, temporary, id, diag);
	if (r < 0)
		io_remove_tree(im->problems, temporary);
	return r;
}

/* The name: --name's, else the folder's own, also for "." and "package/". */
static int package_id(const struct import *im, const char *path, struct buf *ret,
		      struct diag *diag)
{
	char *real = NULL;

	if (im->id != NULL) {
		buf_puts(ret, im->id);
	} else {
		real = realpath(path, NULL);
		if (real == NULL)
			return diag_fail(diag, -errno, "%s", path);
		buf_puts(ret, strrchr(real, '/') + 1);
		free(real);
	}
	if (ret->failed)
		return -ENOMEM;
	if (!problem_id_valid(ret->data))
		return diag_fail(diag, -EINVAL, "'%s' can not be a problem's name: letters, "
				 "digits, \"_\", \"-\" and \".\", none of the judge's own; choose "
				 "one with --name", ret->data);
	return 0;
}

/* Return: 0; -EINVAL or -ENOTSUP for what is wrong with the package; another -errno. */
static int package_check(struct import *im, int dir, const char *id, struct diag *diag)
{
	struct problem *p = NULL;
	struct blobs *blobs = NULL;
	struct buf report = { 0 };
	int r;

	r = blobs_new_table(&blobs);
	if (r == 0)
		r = problem_load(dir, id, im->langs, &im->settings.limits, blobs, &p, &report, diag);
	fputs(buf_text(&report), r < 0 ? stderr : stdout);
	/* Every fault once. */
	if (r < 0 && strstr(buf_text(&report), diag->text))
		snprintf(diag->text, sizeof(diag->text), "not imported");
	problem_free(p);
	blobs_free(blobs);
	buf_release(&report);
	return r;
}

static int import_one(struct import *im, const char *path, struct buf *id, struct diag *diag)
{
	char twin[65];
	int dir, r;

	r = package_id(im, path, id, diag);
	if (r < 0)
		return r;
	if (problem_id_twin(im->problems, id->data, twin))
		return diag_fail(diag, -EINVAL, "the name '%s' differs only in case from the problem "
				 "'%s'; choose another with --name", id->data, twin);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return diag_fail(diag, -errno, "%s", path);
	r = package_check(im, dir, id->data, diag);
	if (r == 0)
		r = copy_package(im, dir, id->data, diag);
	io_close(dir);
	return r;
}

/* ------------------------------------------------------------- the judge takes it in */

/* The judge's line about this problem: "ID: installed", "ID: not shown: why". */
static bool print_line(const char *report, const char *id)
{
	size_t len = strlen(id);

	for (const char *line = report; *line != '\0'; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n");

		if (strncmp(line, id, len) == 0 && line[len] == ':') {
			printf("%.*s\n", (int)n, line);
			return strncmp(line + len, ": installed", 11) == 0;
		}
		if (line[n] == '\0')
			break;
	}
	printf("%s: the judge has not seen it\n", id);
	return false;
}

static int announce(struct import *im, const struct strv *ids)
{
	struct diag diag = { "" };
	json_t *answer = NULL;
	const char *report;
	int status = CTL_YES, r;

	/* Without a limit its accepted submissions are judged now: this may take a while. */
	r = ctl_ask(im->statefd, "{\"op\":\"scan\"}", &answer, &diag);
	report = json_string_value(json_object_get(answer, "report"));
	for (size_t i = 0; i < ids->n; i++) {
		if (r < 0)
			printf("%s: copied; no judge runs: it is installed at its next start\n",
			       ids->v[i]);
		else if (!print_line(report != NULL ? report : "", ids->v[i]))
			status = CTL_NO;
	}
	json_decref(answer);
	return status;
}

/* STATE's languages; before a judge ran on it, those that came with us. */
static int open_languages(int statefd, struct diag *diag)
{
	char *path = NULL;
	int fd, r;

	fd = openat(statefd, LANGUAGES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd : diag_fail(diag, -errno, "open STATE/" LANGUAGES);
	r = install_data(LANGUAGES, &path, diag);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? diag_fail(diag, -errno, "open %s", path) : fd;
	free(path);
	return r;
}

/* As the supervisor makes it: root's, read by the judge's user, hidden from all others. */
static int make_problems(struct import *im, struct diag *diag)
{
	const struct passwd *pw;

	if (faccessat(im->statefd, PROBLEMS, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	pw = getpwnam(im->settings.user);
	if (pw == NULL)
		return diag_fail(diag, -EINVAL, "there is no system user '%s' yet: start the judge "
				 "once", im->settings.user);
	if (mkdirat(im->statefd, PROBLEMS, 0750) < 0 ||
	    fchownat(im->statefd, PROBLEMS, 0, pw->pw_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return diag_fail(diag, -errno, "make STATE/" PROBLEMS);
	return 0;
}

static int import_open(struct import *im, struct diag *diag)
{
	int fd = -1, r;

	r = im->statefd = ctl_state_open(im->state, diag);
	if (r >= 0)
		r = settings_load(im->statefd, &im->settings, diag);
	if (r == 0)
		r = fd = open_languages(im->statefd, diag);
	if (r >= 0)
		r = langs_load(fd, ".", &im->langs, diag);
	io_close(fd);
	if (r < 0)
		return r;
	langs_probe(im->langs);
	r = make_problems(im, diag);
	if (r < 0)
		return r;
	r = im->problems = io_open_beneath(im->statefd, PROBLEMS, O_RDONLY | O_DIRECTORY, 0);
	return r < 0 ? diag_fail(diag, r, "open STATE/" PROBLEMS) : 0;
}

static int import_all(struct import *im, char **paths)
{
	struct strv ids = { 0 };
	int status = CTL_YES, r;

	for (; *paths != NULL; paths++) {
		struct diag diag = { "" };
		struct buf id = { 0 };

		r = import_one(im, *paths, &id, &diag);
		if (r == 0)
			r = strv_add(&ids, id.data);
		if (r < 0) {
			fprintf(stderr, "judgectl import: %s: %s\n", *paths,
				diag.text[0] != '\0' ? diag.text : strerror(-r));
			r = r == -EINVAL || r == -ENOTSUP ? CTL_NO : CTL_FAILED;
			status = r > status ? r : status;
		}
		buf_release(&id);
	}
	if (ids.n > 0) {
		r = announce(im, &ids);
		status = r > status ? r : status;
	}
	strv_release(&ids);
	return status;
}

int verb_import(int argc, char **argv)
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "id", required_argument, NULL, 'n' },
		{ "state", required_argument, NULL, 's' },
		{ 0 },
	};
	struct import im = { .statefd = -1, .problems = -1 };
	struct diag diag = { "" };
	int status = CTL_FAILED;

	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
		if (c == 'n')
			im.id = optarg;
		else if (c == 's')
			im.state = optarg;
		else
			return ctl_bad_option(argv, c);
	}
	if (optind == argc)
		return ctl_usage(argv[0], "it needs a package");
	if (im.id != NULL && argc - optind > 1)
		return ctl_usage(argv[0], "one name is for one package");
	if (import_open(&im, &diag) < 0)
		fprintf(stderr, "judgectl import: %s\n", diag.text);
	else
		status = import_all(&im, argv + optind);
	langs_free(im.langs);
	settings_release(&im.settings);
	io_close(im.problems);
	io_close(im.statefd);
	return status;
}
