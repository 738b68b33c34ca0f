/*
 * folder.h - a folder of files that a test makes below $TMPDIR and removes
 *
 *	struct folder f = folder_new();
 *	folder_write(&f, "data/1.in", "3\n");	with the folders on the way
 *	...f.fd...
 *	folder_remove(&f);
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "tests/unit/check.h"

struct folder {
	int fd;
	char path[PATH_MAX];
};

static inline struct folder folder_new(void)
{
	const char *tmp = getenv("TMPDIR");
	struct folder f;

	snprintf(f.path, sizeof(f.path), "%s/judgefs-unit-XXXXXX", tmp ? tmp : "/tmp");
	CHECK(mkdtemp(f.path) != NULL);
	f.fd = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(f.fd >= 0);
	return f;
}

static inline void folder_remove(struct folder *f)
{
	io_close(f->fd);
	f->fd = -1;
	io_remove_tree(AT_FDCWD, f->path);
}

static inline void folder_bytes(struct folder *f, const char *path, const void *data, size_t len)
{
	char part[PATH_MAX];
	int fd;

	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		CHECK_INT(io_mkdir(f->fd, part, 0755), 0);
	}
	fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0);
	CHECK_INT(io_write(fd, data, len), 0);
	io_close(fd);
}

static inline void folder_write(struct folder *f, const char *path, const char *text)
{
	folder_bytes(f, path, text, strlen(text));
}

#endif
