/*
 * prepare.c - making what compilers read again and again
 */
#include "judge/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "judge/compile_layout.h"
#include "judge/job.h"

#define MIB		(INT64_C(1) << 20)
#define SECOND		INT64_C(1000000)
#define NEW		".new"		/* one at a time: there is a lock */
#define SAID_MAX	600		/* shown of what a command wrote */
#define LOCK_MS		50		/* between two looks at the lock */

static const struct box_limits limits = {
	.cpu_us = 600 * SECOND,
	.wall_us = 3600 * SECOND,
	.memory_bytes = 4096 * MIB,
	.output_bytes = 1024 * MIB,
	.processes = 256,
	.files = 65536,
	.disk_bytes = 4096 * MIB,
};

/* What the commands of a language leave for each other. */
struct work {
	const struct lang *lang;
	const struct judge_env *env;
	struct box_file *files;
	size_t n;
};

/* Takes the descriptor over. A file of the same name is replaced. */
static int work_add(struct work *w, const char *name, int fd, mode_t mode)
{
	struct box_file *more;

	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->files[i].name, name) != 0)
			continue;
		io_close(w->files[i].fd);
		w->files[i].fd = fd;
		w->files[i].mode = mode;
		return 0;
	}
	more = reallocarray(w->files, w->n + 1, sizeof(*more));
	if (more)
		w->files = more;
	if (!more || !(more[w->n].name = strdup(name))) {
		io_close(fd);
		return -ENOMEM;
	}
	more[w->n].fd = fd;
	more[w->n].mode = mode;
	w->n++;
	return 0;
}

/* A folder that something is to be kept from: the commands may write there. */
static int work_add_folder(struct work *w, const char *name)
{
	const char *slash = strrchr(name, '/');
	char *folder = slash ? strndup(name, slash - name) : NULL;
	int r = !slash ? 0 : folder ? work_add(w, folder, -1, S_IFDIR | 0777) : -ENOMEM;

	free(folder);
	return r;
}

static int work_init(struct work *w)
{
	const struct strv *files = &w->lang->prepare_files, *keep = &w->lang->prepare_keep;
	int r = 0;

	for (size_t i = 0; i < keep->n && r == 0; i++)
		r = work_add_folder(w, keep->v[i]);
	for (size_t i = 0; i + 1 < files->n && r == 0; i += 2) {
		struct buf text = { 0 };
		int fd;

		buf_printf(&text, "%s\n", files->v[i + 1]);
		fd = text.failed ? -ENOMEM : io_memfd("file", text.data, text.len);
		buf_release(&text);
		r = fd < 0 ? fd : work_add(w, files->v[i], fd, 0444);
	}
	return r;
}

/* ------------------------------------------------------------- the commands */

static int take_files(struct work *w, struct box_report *report)
{
	int r = 0;

	for (size_t i = 0; i < report->nfiles && r == 0; i++) {
		r = work_add(w, report->files[i].name, report->files[i].fd, 0444);
		report->files[i].fd = -1;
	}
	return r;
}

static int explain(const struct box_report *report, const char *command, int said, struct diag *diag)
{
	struct buf clean = { 0 };
	char text[SAID_MAX] = "";
	ssize_t n = pread(said, text, sizeof(text), 0);

	buf_clean(&clean, text, n > 0 ? n : 0);
	diag_fail(diag, -EINVAL, "%s: %s %d: %s", command, box_end_name(report->end), report->code,
		  buf_text(&clean));
	buf_release(&clean);
	return -EINVAL;
}

static int run_command(struct work *w, const struct strv *argv, struct diag *diag)
{
	struct box_spec spec = {
		.profile = "compile", .argv = *argv, .env = w->lang->env, .exe_fd = -1,
		.stdin_fd = -1, .files = w->files, .nfiles = w->n, .limits = limits,
		.collect = true, .cancel_fd = w->env->cancel_fd,
	};
	struct box_report report = { 0 };
	int said = io_memfd("said", "", 0), r;

	r = said < 0 ? said : fcntl(said, F_SETFL, O_APPEND) < 0 ? -errno : 0;
	if (r < 0)
		goto out;
	spec.stdout_fd = spec.stderr_fd = said;
	r = box_run(w->env->box, &spec, &report, diag);
	if (r < 0)
		goto out;
	if (report.end == BOX_CANCELLED)
		r = -ECANCELED;
	else if (report.end != BOX_EXITED || report.code != 0)
		r = explain(&report, argv->v[0], said, diag);
	else
		r = take_files(w, &report);
out:
	box_report_release(&report);
	io_close(said);
	return r;
}

/* One after the other, divided by "&&". */
static int run_commands(struct work *w, struct diag *diag)
{
	const struct strv *all = &w->lang->prepare;
	struct strv argv = { 0 };
	int r = 0;

	for (size_t i = 0; i <= all->n && r == 0; i++) {
		if (i < all->n && strcmp(all->v[i], "&&") != 0) {
			r = strv_add(&argv, all->v[i]);
			continue;
		}
		if (argv.n > 0)
			r = run_command(w, &argv, diag);
		strv_release(&argv);
		argv = (struct strv){ 0 };
	}
	strv_release(&argv);
	return r;
}

/* ------------------------------------------------------------- into the folder */

/* What root makes in a folder of the workers' is theirs to remove. */
static int hand_over(int fd, int dir, mode_t mode)
{
	struct stat st;

	if (fchmod(fd, mode) < 0 || fstat(dir, &st) < 0)
		return -errno;
	return geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) < 0 ? -errno : 0;
}

/* @name has no slash. */
static int open_folder(int dir, const char *name)
{
	int r = io_mkdir(dir, name, 0755), fd;

	if (r < 0)
		return r;
	fd = io_open_beneath(dir, name, O_RDONLY | O_DIRECTORY, 0);
	r = fd < 0 ? fd : hand_over(fd, dir, 0755);
	if (r < 0) {
		io_close(fd);
		return r;
	}
	return fd;
}

/* The folder that the last part of *name lies in, and that part. */
static int open_parent(int dir, const char **name)
{
	int at = io_open_beneath(dir, ".", O_RDONLY | O_DIRECTORY, 0), next;
	const char *slash;

	while (at >= 0 && (slash = strchr(*name, '/'))) {
		char *part = strndup(*name, slash - *name);

		next = part ? open_folder(at, part) : -ENOMEM;
		free(part);
		io_close(at);
		at = next;
		*name = slash + 1;
	}
	return at;
}

static int copy_durably(int fd, int from, int dir)
{
	int64_t n = io_copy(fd, from);
	int r = n < 0 ? (int)n : hand_over(fd, dir, 0444);

	return r == 0 && fsync(fd) < 0 ? -errno : r;
}

static int store_file(int dir, const struct box_file *f, struct buf *list)
{
	const char *name = f->name;
	struct digest digest;
	int64_t size = 0;
	int at = open_parent(dir, &name), fd = -1, r;

	if (at < 0)
		return at;
	fd = openat(at, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = fd < 0 ? -errno : copy_durably(fd, f->fd, dir);
	if (r == 0)
		r = digest_fd(fd, &digest, &size);
	if (r == 0)
		buf_printf(list, "%lld %s %s\n", (long long)size, digest.hex, f->name);
	io_close(fd);
	io_close(at);
	return r;
}

static bool kept(const struct lang *lang, const char *name)
{
	for (size_t i = 0; i < lang->prepare_keep.n; i++)
		if (fnmatch(lang->prepare_keep.v[i], name, FNM_PATHNAME) == 0)
			return true;
	return false;
}

static int store_files(const struct work *w, int dir, struct diag *diag)
{
	struct buf list = { 0 };
	int r = 0;

	for (size_t i = 0; i < w->lang->prepare_keep.n && r == 0; i++) {
		size_t k = 0;

		while (k < w->n && (w->files[k].fd < 0 ||
				    fnmatch(w->lang->prepare_keep.v[i], w->files[k].name, FNM_PATHNAME) != 0))
			k++;
		if (k == w->n)
			r = diag_fail(diag, -EINVAL, "the commands left no '%s'",
				      w->lang->prepare_keep.v[i]);
	}
	for (size_t i = 0; i < w->n && r == 0; i++)
		if (w->files[i].fd >= 0 && kept(w->lang, w->files[i].name))
			r = store_file(dir, &w->files[i], &list);
	if (r == 0)
		r = list.failed ? -ENOMEM : io_write_at(dir, ".list", list.data, list.len, 0444);
	buf_release(&list);
	return r < 0 && !diag->text[0] ? diag_fail(diag, r, "write what was prepared") : r;
}

/* Under its name only when it is whole. */
static int store(int top, const struct work *w, struct diag *diag)
{
	int dir = -1, r;

	io_remove_tree(top, NEW);
	dir = open_folder(top, NEW);
	r = dir < 0 ? diag_fail(diag, dir, "make a folder for what was prepared") :
		      store_files(w, dir, diag);
	if (r == 0) {
		io_remove_tree(top, w->lang->prepared);
		if (renameat(top, NEW, top, w->lang->prepared) < 0)
			r = diag_fail(diag, -errno, "put what was prepared in its place");
	}
	io_close(dir);
	io_remove_tree(top, NEW);
	return r;
}

static int make(int top, const struct lang *lang, const struct judge_env *env, struct diag *diag)
{
	struct work w = { .lang = lang, .env = env };
	int r = work_init(&w);

	if (r == 0)
		r = run_commands(&w, diag);
	if (r == 0)
		r = store(top, &w, diag);
	files_release(w.files, w.n);
	return r;
}

/* ------------------------------------------------------------- what is there */

/* Reading it all has the pages in memory, and not on a run's account. */
static bool intact(int top, const struct lang *lang)
{
	int dir = io_open_beneath(top, lang->prepared, O_RDONLY | O_DIRECTORY, 0);
	struct prepared_file *files = NULL;
	size_t n = 0;
	bool good = dir >= 0 && prepared_list(dir, &files, &n) == 0;

	for (size_t i = 0; i < n && good; i++) {
		int64_t size = -1;
		struct digest d;
		int fd = io_open_regular(dir, files[i].name, &size);

		good = fd >= 0 && size == files[i].size && digest_fd(fd, &d, NULL) == 0 &&
		       strcmp(d.hex, files[i].sha256) == 0;
		io_close(fd);
	}
	prepared_list_release(files, n);
	io_close(dir);
	return good;
}

static void note_failure(int top, const struct lang *lang, const char *why)
{
	char name[80];

	snprintf(name, sizeof(name), "%.64s.failed", lang->prepared);
	if (why)
		io_write_at(top, name, why, strlen(why), 0644);
	else
		unlinkat(top, name, 0);
}

static int prepare(int top, const struct lang *lang, const struct judge_env *env,
		   prepare_said_fn *said, void *ctx)
{
	struct diag why = { "" };
	bool made = !intact(top, lang);
	int r = made ? make(top, lang, env, &why) : 0;

	if (r == -EPIPE || r == -ECANCELED || r == -ENOMEM)
		return r;
	if (r < 0 && !why.text[0])
		diag_fail(&why, r, "prepare");
	note_failure(top, lang, r < 0 ? why.text : NULL);
	said(ctx, lang, made && r == 0, r < 0 ? why.text : NULL);
	return 0;
}

static bool wanted(const struct langs *langs, const char *name)
{
	size_t n = strcspn(name, ".");

	for (size_t i = 0; i < langs->n; i++) {
		const char *digest = langs->v[i]->prepared;

		if (digest && strlen(digest) == n && strncmp(digest, name, n) == 0)
			return true;
	}
	return false;
}

/* Who waits can be cancelled: the other one may take minutes. */
static int lock(int top, int cancel_fd, struct diag *diag)
{
	struct pollfd cancel = { .fd = cancel_fd, .events = POLLIN };

	while (flock(top, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return diag_fail(diag, -errno, "lock the folder of what is prepared");
		if (poll(&cancel, 1, LOCK_MS) > 0)
			return -ECANCELED;
	}
	return 0;
}

int prepare_clean(struct prepared *p, const struct langs *langs, int cancel_fd, struct diag *diag)
{
	int top = prepared_dir(p), r = lock(top, cancel_fd, diag);
	struct strv names = { 0 };

	if (r < 0)
		return r;
	if (io_list(top, ".", &names) == 0)
		for (size_t i = 0; i < names.n; i++)
			if (!wanted(langs, names.v[i]))
				io_remove_tree(top, names.v[i]);
	strv_release(&names);
	flock(top, LOCK_UN);
	return 0;
}

static int by_priority(const void *one, const void *two)
{
	const struct lang *a = *(const struct lang *const *)one;
	const struct lang *b = *(const struct lang *const *)two;

	return a->priority == b->priority ? strcmp(a->id, b->id) :
	       a->priority < b->priority ? 1 : -1;
}

int prepare_all(struct prepared *p, const struct langs *langs, const struct judge_env *env,
		prepare_said_fn *said, void *ctx, struct diag *diag)
{
	const struct lang **order = calloc(langs->n + 1, sizeof(*order));
	int top = prepared_dir(p), r = order ? lock(top, env->cancel_fd, diag) : -ENOMEM;

	if (r < 0)
		goto out;
	/* What a suffix means by itself comes first: most submissions are in it. */
	for (size_t i = 0; i < langs->n; i++)
		order[i] = langs->v[i];
	qsort(order, langs->n, sizeof(*order), by_priority);
	for (size_t i = 0; i < langs->n && r == 0; i++)
		if (order[i]->prepared && !order[i]->missing)
			r = prepare(top, order[i], env, said, ctx);
	flock(top, LOCK_UN);
out:
	free(order);
	return r;
}
