/*
 * results.h - what is shown beside a source
 *
 * STATE/results holds the texts; judgefs-publish writes them, through the mount.
 * What is missing there is made of the rows, so a name shows something right
 * from its first moment on. Every change moves the time of the file, be it
 * by a nanosecond: by that the kernel knows that its pages are old.
 *
 * "locked": the caller holds the file's lock.
 */
#ifndef FS_RESULTS_H
#define FS_RESULTS_H

#include <sys/stat.h>

#include "fs/fs.h"

/** results_shown() - is there such a file? NAME.compile.txt only where something was said */
bool results_shown(const struct file_row *row, enum result_kind kind);

/** results_stat() - size and times into @ret, the rest is untouched */
int results_stat(struct fs *fs, const struct file_row *row, enum result_kind kind,
		 struct stat *ret);
int results_read(struct fs *fs, const struct file_row *row, enum result_kind kind,
		 struct buf *ret);

/** results_queued() - a new content was accepted: nothing of the old may be seen. Locked. */
int results_queued(struct fs *fs, const struct file_row *row);

/** results_restore() - show what the store says of the file's submission. Locked. */
int results_restore(struct fs *fs, const struct file_row *row);

/**
 * results_write() - the publisher's: bytes from offset 0 on are a new text, whole
 * Return: 0; -ESTALE when @submission is not what the file shows now. Locks by itself.
 */
int results_write(struct fs *fs, int64_t file, enum result_kind kind, uint64_t submission,
		  const void *data, size_t len, off_t at);
int results_truncate(struct fs *fs, int64_t file, enum result_kind kind, uint64_t submission,
		     off_t size);
int results_sync(struct fs *fs, int64_t file, enum result_kind kind);

/* The same for files of the root, by name. */
int results_root_stat(struct fs *fs, const char *name, struct stat *ret);
int results_root_read(struct fs *fs, const char *name, struct buf *ret);
int results_root_write(struct fs *fs, const char *name, const void *data, size_t len, off_t at);
int results_root_truncate(struct fs *fs, const char *name, off_t size);
int results_root_sync(struct fs *fs, const char *name);

#endif
