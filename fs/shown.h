/*
 * shown.h - the files that the publisher writes through the mount and everybody else reads
 *
 * What stands beside a source (NAME.verdict ...) and the texts of the root (queue.txt ...), by
 * node: who may write, and to which function of results.h it goes.
 */
#ifndef FS_SHOWN_H
#define FS_SHOWN_H

#include "fs/fs.h"

bool shown_is(struct node n);

/**
 * shown_open() - of any file that is no source
 * @flags:	as of open(2)
 * @ret_fh:	0 for reading, which needs no handle
 * Return: 0; -EACCES for writing by another than the judge's user, or to anything else.
 */
int shown_open(struct fs *fs, const struct caller *c, struct node n, int flags, uint64_t *ret_fh);

/** shown_write_for() - this handle writes for this submission; -ENOTTY: it can not */
int shown_write_for(struct fs *fs, struct node n, uint64_t fh, uint64_t submission);
int shown_write(struct fs *fs, struct node n, uint64_t fh, const void *data, size_t len, off_t at);
int shown_truncate(struct fs *fs, struct node n, uint64_t fh, off_t size);
int shown_sync(struct fs *fs, struct node n);

#endif
