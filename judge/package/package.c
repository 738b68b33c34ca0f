/*
 * package.c - faults and files of a package, and the problem being filled
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "judge/package/package.h"

#define MAX_FILES	20000
#define MAX_NAMES	100000		/* seen in folders, links to which may make them many */
#define MAX_BYTES	(INT64_C(8) << 30)
#define MAX_DEPTH	16
#define HEAD_BYTES	65536

/* ----------------------------------------------------------- faults and notes */

static void say(struct buf *b, const char *file, int line, const char *fmt, va_list args)
{
	char text[1024];

	buf_clean(b, file, strlen(file));
	if (line > 0)
		buf_printf(b, ":%d", line);
	buf_puts(b, ": ");
	vsnprintf(text, sizeof(text), fmt, args);
	buf_clean(b, text, strlen(text));
}

/* Names of files may hold ends of lines, which would look like further faults. */
static void one_line(struct buf *line)
{
	for (size_t i = 0; i < line->len; i++)
		if (line->data[i] == '\n' || line->data[i] == '\t')
			line->data[i] = ' ';
}

static int keep(struct package *pkg, int r, struct buf *line)
{
	one_line(line);
	if (pkg->soft && r != -ENOMEM) {
		if (pkg->soft->len == 0)
			buf_puts(pkg->soft, buf_text(line));
		buf_release(line);
		return r;
	}
	if (pkg->report)
		buf_printf(pkg->report, "%s\n", buf_text(line));
	pkg->faults++;
	if (pkg->r == 0) {
		pkg->r = r;
		if (pkg->diag)
			snprintf(pkg->diag->text, sizeof(pkg->diag->text), "%s", buf_text(line));
	}
	buf_release(line);
	return r;
}

int package_fault(struct package *pkg, const char *file, int line, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list args;

	va_start(args, fmt);
	say(&b, file, line, fmt, args);
	va_end(args);
	return keep(pkg, -EINVAL, &b);
}

int package_unsupported(struct package *pkg, const char *file, int line, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list args;

	va_start(args, fmt);
	say(&b, file, line, fmt, args);
	va_end(args);
	return keep(pkg, -ENOTSUP, &b);
}

int package_error(struct package *pkg, int r, const char *file, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list args;

	va_start(args, fmt);
	say(&b, file, 0, fmt, args);
	va_end(args);
	buf_printf(&b, ": %s", strerror(-r));
	return keep(pkg, r, &b);
}

int package_told(struct package *pkg, int r, const char *text)
{
	struct buf b = { 0 };

	buf_clean(&b, text, strlen(text));
	return keep(pkg, r, &b);
}

void package_note(struct package *pkg, const char *file, int line, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list args;

	if (!pkg->report)
		return;
	va_start(args, fmt);
	say(&b, file, line, fmt, args);
	va_end(args);
	one_line(&b);
	buf_printf(pkg->report, "note: %s\n", buf_text(&b));
	buf_release(&b);
}

/* ----------------------------------------------------------------------- files */

bool package_path(struct package *pkg, const char *folder, const char *name,
		  char ret[PACKAGE_PATH_MAX])
{
	bool top = folder[0] == '\0' || strcmp(folder, ".") == 0;

	if (snprintf(ret, PACKAGE_PATH_MAX, "%s%s%s", top ? "" : folder, top ? "" : "/", name) <
	    PACKAGE_PATH_MAX)
		return true;
	package_fault(pkg, folder, 0, "path too long");
	return false;
}

/* io_open_beneath(), but through links as long as they stay in the package: else -EXDEV. */
static int open_beneath(struct package *pkg, const char *path, int flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	do {
		fd = syscall(SYS_openat2, pkg->dirfd, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd < 0 ? -errno : fd;
}

static int open_in(struct package *pkg, const char *path, int flags)
{
	int fd = open_beneath(pkg, path, flags);

	if (fd == -EXDEV)
		package_fault(pkg, path, 0, "a link that leaves the package");
	else if (fd == -ELOOP)
		package_fault(pkg, path, 0, "links that lead nowhere");
	return fd;
}

enum package_kind package_kind(struct package *pkg, const char *path)
{
	int fd = open_in(pkg, path, O_PATH);
	struct stat st;
	int r;

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? PACKAGE_NONE : PACKAGE_OTHER;
	r = fstat(fd, &st);
	io_close(fd);
	if (r < 0)
		return PACKAGE_OTHER;
	return S_ISREG(st.st_mode) ? PACKAGE_FILE : S_ISDIR(st.st_mode) ? PACKAGE_FOLDER :
	       PACKAGE_OTHER;
}

bool package_left_by(struct package *pkg, const char *path)
{
	int fd = open_beneath(pkg, path, O_PATH);

	io_close(fd);
	return fd == -EXDEV;
}

static int by_nature(const void *a, const void *b)
{
	return name_natural(*(char *const *)a, *(char *const *)b);
}

/* Nothing more is read; a fault of the whole package whoever asked. */
static void package_full(struct package *pkg, const char *path)
{
	pkg->soft = NULL;
	if (!pkg->full)
		package_fault(pkg, path, 0, "the package is too large: at most %d files, %d names and "
			      "%d GiB, also through links", MAX_FILES, MAX_NAMES,
			      (int)(MAX_BYTES >> 30));
	pkg->full = true;
}

void package_list(struct package *pkg, const char *folder, struct strv *ret)
{
	struct strv all = { 0 };
	int fd, r;

	fd = open_in(pkg, folder[0] ? folder : ".", O_RDONLY | O_DIRECTORY);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return;
	r = fd < 0 ? fd : io_list(fd, ".", &all);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		if (all.v[i][0] != '.')
			r = strv_add(ret, all.v[i]);
	if (r < 0)
		package_error(pkg, r, folder, "list");
	pkg->names += all.n + 1;
	if (pkg->names > MAX_NAMES)
		package_full(pkg, folder);
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_nature);
	strv_release(&all);
	io_close(fd);
}

static void walk(struct package *pkg, const char *folder, int depth,
		 void (*fn)(struct package *, const char *, void *), void *ctx)
{
	struct strv names = { 0 };
	char path[PACKAGE_PATH_MAX];

	if (depth > MAX_DEPTH) {
		package_fault(pkg, folder, 0, "more than %d folders in each other", MAX_DEPTH);
		return;
	}
	package_list(pkg, folder, &names);
	for (size_t i = 0; i < names.n && !pkg->full; i++) {
		if (!package_path(pkg, folder, names.v[i], path))
			break;
		switch (package_kind(pkg, path)) {
		case PACKAGE_FOLDER:
			walk(pkg, path, depth + 1, fn, ctx);
			break;
		case PACKAGE_FILE:
			fn(pkg, path, ctx);
			break;
		case PACKAGE_NONE:
			package_fault(pkg, path, 0, "a link that leads nowhere");
			break;
		case PACKAGE_OTHER:
			package_fault(pkg, path, 0, "neither a file nor a folder");
			break;
		}
	}
	strv_release(&names);
}

void package_walk(struct package *pkg, const char *folder,
		  void (*fn)(struct package *pkg, const char *path, void *ctx), void *ctx)
{
	walk(pkg, folder, 0, fn, ctx);
}

static int open_file(struct package *pkg, const char *path)
{
	int fd = open_in(pkg, path, O_RDONLY);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		io_close(fd);
		package_fault(pkg, path, 0, "not a file");
		return -EINVAL;
	}
	if (fd < 0 && fd != -EXDEV && fd != -ELOOP)
		package_error(pkg, fd, path, "open");
	return fd;
}

int package_read(struct package *pkg, const char *path, struct buf *ret)
{
	int fd = open_file(pkg, path), r;

	if (fd < 0)
		return fd;
	r = io_read_fd(fd, PACKAGE_TEXT_MAX, ret);
	io_close(fd);
	return r;
}

bool package_text(struct package *pkg, const char *path, struct buf *ret)
{
	unsigned before = pkg->faults;
	int r = package_read(pkg, path, ret);

	if (r == -EFBIG)
		package_fault(pkg, path, 0, "more than 1 MiB");
	else if (r < 0 && pkg->faults == before)
		package_error(pkg, r, path, "read");
	else if (r == 0 && ret->len > 0 && memchr(ret->data, '\0', ret->len))
		r = package_fault(pkg, path, 0, "not a text: it has NUL bytes");
	return r == 0;
}

void package_head(struct package *pkg, const char *path, struct buf *ret)
{
	int fd = open_file(pkg, path);
	char *data = malloc(HEAD_BYTES);
	ssize_t n;

	if (fd >= 0 && data) {
		n = io_read(fd, data, HEAD_BYTES);
		if (n > 0)
			buf_add(ret, data, n);
	}
	free(data);
	io_close(fd);
}

static bool tally(struct package *pkg, const char *path, int64_t bytes)
{
	pkg->files++;
	pkg->bytes += bytes;
	if (pkg->files <= MAX_FILES && pkg->bytes <= MAX_BYTES)
		return true;
	package_full(pkg, path);
	return false;
}

bool package_blob(struct package *pkg, const char *path, struct blob_ref *ret)
{
	int fd = open_file(pkg, path), r;
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || !tally(pkg, path, st.st_size)) {
		io_close(fd);
		return false;
	}
	r = blobs_put_at(pkg->blobs, pkg->dirfd, path, ret);
	if (r == -ELOOP)
		r = blobs_put_fd(pkg->blobs, fd, ret);	/* reached through a link */
	io_close(fd);
	if (r < 0)
		package_error(pkg, r, path, "%s", r == -EAGAIN ? "changed while it was read" : "read");
	return r == 0;
}

/* ----------------------------------------------------- the problem being filled */

void *package_grow(struct package *pkg, void *array, size_t *n, size_t size)
{
	void *old, *new;

	/* @array is the address of a pointer of any type. */
	memcpy(&old, array, sizeof(old));
	new = reallocarray(old, *n + 1, size);
	if (!new) {
		package_error(pkg, -ENOMEM, "package", "read");
		return NULL;
	}
	memcpy(array, &new, sizeof(new));
	memset((char *)new + *n * size, 0, size);
	return (char *)new + (*n)++ * size;
}

void package_set(struct package *pkg, char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		package_error(pkg, -ENOMEM, "package", "read");
		return;
	}
	free(*field);
	*field = copy;
}

struct test *package_test(struct package *pkg, const char *name, const char *group, bool sample,
			  const char *in, const char *ans)
{
	struct blob_ref in_ref, ans_ref;
	struct test *t;

	if (!path_good(name)) {
		package_fault(pkg, in, 0, "a test's name has only letters, digits, _ - and .");
		return NULL;
	}
	if (!package_blob(pkg, in, &in_ref) || !package_blob(pkg, ans, &ans_ref))
		return NULL;
	t = package_grow(pkg, &pkg->p->tests, &pkg->p->ntests, sizeof(*t));
	if (!t)
		return NULL;
	t->in = in_ref;
	t->ans = ans_ref;
	t->sample = sample;
	package_set(pkg, &t->name, name);
	package_set(pkg, &t->group, group);
	return t;
}

static void add_include(struct package *pkg, const char *path, void *ctx)
{
	const char *name = path + strlen("include/");
	struct source *s;
	struct blob_ref ref;

	(void)ctx;
	if (!strchr(name, '/')) {
		package_note(pkg, path, 0, "left out: include/ has a folder per language");
		return;
	}
	if (!path_good(name)) {
		package_fault(pkg, path, 0, "a name has only letters, digits, _ - and .");
		return;
	}
	if (!package_filled_blob(pkg, path, &ref))
		return;
	s = package_grow(pkg, &pkg->p->includes, &pkg->p->nincludes, sizeof(*s));
	if (!s)
		return;
	s->blob = ref;
	package_set(pkg, &s->name, name);
}

void package_includes(struct package *pkg)
{
	package_walk(pkg, "include", add_include, NULL);
}
