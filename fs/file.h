/*
 * file.h - what programs do to the sources in sub/
 *
 * One function per request that changes something or depends on an open
 * handle. Each takes the file's lock, asks access.h, changes spool and store, and
 * tells the intake. Row ids are those of files, places those of sub/.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <sys/stat.h>

#include "fs/fs.h"

/** file_stat() - attributes but the inode number */
int file_stat(struct fs *fs, const struct file_row *row, struct stat *ret);

/** file_create() - an empty file, as mknod does; -EEXIST */
int file_create(struct fs *fs, const struct caller *c, int64_t place, const char *name,
		mode_t mode, struct file_row *ret);

/** file_open() - @flags as of open(2), O_TRUNC too; the handle through *ret_fh */
int file_open(struct fs *fs, const struct caller *c, int64_t id, int flags, uint64_t *ret_fh);

/** file_release() - also of a handle that is not of a source: then only its slot is freed */
void file_release(struct fs *fs, struct node n, uint64_t fh);

int file_write(struct fs *fs, int64_t id, uint64_t fh, const void *data, size_t len, off_t at);

/** file_truncate() - @has_fh: by ftruncate() */
int file_truncate(struct fs *fs, const struct caller *c, int64_t id, bool has_fh, uint64_t fh,
		  off_t size);

/**
 * file_flush() - a close, there may be more to come; file_sync() - fsync
 * 0 promises that the content is kept, whoever wrote it; a close by a reader promises nothing.
 */
int file_flush(struct fs *fs, int64_t id, uint64_t fh);
int file_sync(struct fs *fs, int64_t id, uint64_t fh);

/** file_chmod(), file_utimens() - the kernel has checked whose it is */
int file_chmod(struct fs *fs, int64_t id, mode_t mode);
int file_utimens(struct fs *fs, int64_t id, const struct timespec times[2]);

int file_unlink(struct fs *fs, const struct caller *c, int64_t place, const char *name);
int file_rename(struct fs *fs, const struct caller *c, int64_t place, const char *name,
		int64_t to_place, const char *to_name, bool no_replace);

#endif
