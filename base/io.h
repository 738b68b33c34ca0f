/*
 * io.h - files and descriptors, whole or not at all
 *
 * What a student may have named is opened with io_open_beneath(): below the
 * given directory, through no link, and never blocking on a FIFO.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <sys/types.h>

#include "base/base.h"
#include "base/buf.h"

void io_close(int fd);		/* accepts -1; keeps errno */

/** io_read() - read until @len bytes or the end; Return: bytes or -errno */
ssize_t io_read(int fd, void *data, size_t len);
int io_write(int fd, const void *data, size_t len);	/* all; 0 or -errno */
int io_pwrite(int fd, const void *data, size_t len, off_t at);

/**
 * io_open_beneath() - open a path below a directory
 * openat2 with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS;
 * O_CLOEXEC | O_NONBLOCK | O_NOCTTY are added.
 * Return: a descriptor or -errno.
 */
int io_open_beneath(int dirfd, const char *path, int flags, mode_t mode);

/** io_open_regular() - io_open_beneath(O_RDONLY) of a regular file or -EINVAL */
int io_open_regular(int dirfd, const char *path, int64_t *ret_size);

/** io_read_fd() - append all of a descriptor (from its offset 0 by pread), -EFBIG beyond @max */
int io_read_fd(int fd, size_t max, struct buf *ret);

/** io_read_at() - append a whole regular file below @dirfd, -EFBIG beyond @max */
int io_read_at(int dirfd, const char *path, size_t max, struct buf *ret);

/** io_write_at() - replace a file durably: temporary, fsync, rename, fsync of @dirfd */
int io_write_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode);

/** io_copy() - all bytes of @from (from offset 0) to @to at its offset; Return: bytes or -errno */
int64_t io_copy(int to, int from);

/** io_memfd() - an anonymous file with @len bytes, offset 0, close-on-exec; fd or -errno */
int io_memfd(const char *name, const void *data, size_t len);
int io_memfd_seal(int fd);	/* no more writing or resizing */

int io_mkdir(int dirfd, const char *name, mode_t mode);	/* 0 also when it is there */

/** io_remove_tree() - unlink @name below @dirfd with all in it; follows no link */
int io_remove_tree(int dirfd, const char *name);

/**
 * io_list() - names in a directory below @dirfd, sorted bytewise, without . and ..
 * Return: 0 or -errno; free with strv_release().
 */
struct strv;
int io_list(int dirfd, const char *path, struct strv *ret);

#endif
