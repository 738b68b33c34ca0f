/*
 * results.h - what is shown beside a source
 *
 * STATE/results holds the texts; judgefs-publish writes them, through the mount.
 * What is missing there is made of the rows, so a name shows something right
 * from its first moment on. What is shown is of the content that was accepted
 * last; while a younger one is being written it stays, and nothing more is
 * published for it. Every change moves the time of the file, be it by a
 * nanosecond: by that the kernel knows that its pages are old.
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

/**
 * results_refresh() - show what the rows say: after acceptance, when a content turned out to be
 * the one that was judged. Locked.
 * results_draft() - what was written will not be judged; @error: errno of the write that was
 * refused, 0 when none was
 */
int results_refresh(struct fs *fs, const struct file_row *row);
int results_draft(struct fs *fs, const struct file_row *row, int error);

/**
 * results_write() - the publisher's: bytes from offset 0 on are a new text, whole
 * Return: 0; -ESTALE when @submission is not the file's content any more. Locks by itself.
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
