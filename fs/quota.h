/*
 * quota.h - how much room a user's files in sub/ take, and may take
 *
 *	r = quota_take(fs, user, growth);	before the bytes are there
 *	...write; on the way less may have come of it...
 *	quota_give(fs, user, what_is_not_there);
 *
 * Counted are the real sizes of the spool files, whether anybody closed them or not, and
 * of those that are removed while somebody has them open. Nothing of it is stored: a
 * user's count is made of rows and spool when it is first needed, and kept up from there.
 */
#ifndef FS_QUOTA_H
#define FS_QUOTA_H

#include "base/base.h"

struct fs;
struct quota;

int quota_new(struct quota **ret);
void quota_free(struct quota *q);		/* accepts NULL */

/**
 * quota_take() - may this user's files grow by so much? Then it is counted
 * @bytes:	0 before they get smaller: that is always allowed, and their count is right then
 * Return: 0; -EDQUOT; -ENOSPC when the room kept for judging would be used; -errno.
 */
int quota_take(struct fs *fs, int64_t user, int64_t bytes);
void quota_give(struct fs *fs, int64_t user, int64_t bytes);

/** quota_file() - may there be one more file, an empty one? As quota_take() */
int quota_file(struct fs *fs, int64_t user);

#endif
