/*
 * loop.h - the threads that take requests, and taking a connection over
 *
 * libfuse does not tell a request's number to its handlers; changes need it,
 * because a request is handed out again when the server dies under it. So the loop
 * is ours: it reads, notes the number for this thread, and lets libfuse answer.
 */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include "fs/fs.h"

struct fuse_session;

/* The kernel sets this when it hands a request out a second time. */
#define REQUEST_AGAIN	(UINT64_C(1) << 63)

/** loop_request() - number of the request that this thread answers now; with REQUEST_AGAIN */
uint64_t loop_request(void);

/**
 * loop_begin() - answer INIT, or take over from a server that is dead
 * Return: 0; 1 when the file system was unmounted before it began; -errno.
 */
int loop_begin(struct fs *fs, struct fuse_session *se, struct diag *diag);

/** loop_resend() - after a take-over: ask for what the dead server had taken and not answered */
int loop_resend(struct fs *fs, struct fuse_session *se, struct diag *diag);

/** loop_run() - serve until the file system is unmounted; Return: 0 or -errno */
int loop_run(struct fs *fs, struct fuse_session *se, int threads, struct diag *diag);

#endif
