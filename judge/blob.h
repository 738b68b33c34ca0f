/*
 * blob.h - immutable bytes by their SHA-256
 *
 * The one way in which the judging code gets at contents. In the daemon a
 * folder (STATE/blobs/ab/REST, written by judgefs-sched and judgefs-serve, read by the
 * workers through their group); in `judgectl judge` a table that remembers where
 * the file with this digest lies.
 */
#ifndef JUDGE_BLOB_H
#define JUDGE_BLOB_H

#include "base/base.h"
#include "base/digest.h"

struct blob_ref {
	struct digest digest;
	int64_t size;
};

struct blobs;

/** blobs_open_dir() - a folder of blobs; @dirfd stays the caller's (dup'ed) */
int blobs_open_dir(int dirfd, struct blobs **ret);

/** blobs_new_table() - remembers (dup of dirfd, path) by digest; copies nothing */
int blobs_new_table(struct blobs **ret);
void blobs_free(struct blobs *b);

/**
 * blobs_put_at() - take the regular file @path below @dirfd in
 * A folder copies, fsyncs and renames (already there: nothing to do); a table
 * remembers the place. Return: 0, -EINVAL when not a regular file, -EAGAIN when it was written
 * to while it was read, -errno.
 */
int blobs_put_at(struct blobs *b, int dirfd, const char *path, struct blob_ref *ret);

/** blobs_put_fd() - the same from a descriptor; durable in a folder. A table keeps a dup. */
int blobs_put_fd(struct blobs *b, int fd, struct blob_ref *ret);
int blobs_put_data(struct blobs *b, const void *data, size_t len, struct blob_ref *ret);

/**
 * blobs_get() - a read-only descriptor at offset 0, the caller's
 * Return: it; -ENOENT; -ESTALE when a table's file is another one by now; -errno.
 */
int blobs_get(struct blobs *b, const struct digest *d);

#endif
