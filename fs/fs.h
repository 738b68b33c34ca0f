/*
 * fs.h - what every part of judgefs-serve works on
 *
 * A request's way: ops.c decodes it and replies exactly once; tree.c knows
 * which names there are, and what each shows; file.c does what changes a source;
 * intake.c decides when a source is complete and hands it in.
 *
 * Locks, in this order: one of file_lock (by file; held over the spool and the
 * store for one file), then the quota's (held while it counts there), the intake's own
 * (never held over either).
 */
#ifndef FS_FS_H
#define FS_FS_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "base/base.h"
#include "fs/bell.h"
#include "fs/handles.h"
#include "fs/intake.h"
#include "fs/node.h"
#include "fs/quota.h"
#include "judge/settings.h"
#include "judge/store.h"

#define FILE_LOCKS	64

struct fs {
	struct store *store;
	struct settings settings;
	struct handles *handles;
	struct intake *intake;
	struct quota *quota;
	struct bell *bell;
	uid_t uid;			/* the judge's own: owns results, may write them */
	gid_t gid;
	_Atomic int64_t users_changed_us;
	pthread_mutex_t file_lock[FILE_LOCKS];
};

/* Who asks, and in which request. */
struct caller {
	uid_t uid;
	pid_t pid;
	uint64_t request;		/* the kernel's number, the same when it is handed out again */
	bool again;			/* it was handed out again */
};

static inline void fs_lock(struct fs *fs, int64_t file)
{
	pthread_mutex_lock(&fs->file_lock[(uint64_t)file % FILE_LOCKS]);
}

static inline void fs_unlock(struct fs *fs, int64_t file)
{
	pthread_mutex_unlock(&fs->file_lock[(uint64_t)file % FILE_LOCKS]);
}

/** fs_lock_two() - both of a rename's files, in one order for all; @b may be 0 */
void fs_lock_two(struct fs *fs, int64_t a, int64_t b);
void fs_unlock_two(struct fs *fs, int64_t a, int64_t b);

#endif
