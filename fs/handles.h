/*
 * handles.h - what must outlive judgefs-serve: one page of shared memory
 *
 * The supervisor keeps a memfd as long as it keeps /dev/fuse, and hands both
 * to each judgefs-serve. Here stand the INIT request that began the
 * connection, the requests that were taken and not answered yet, and a slot
 * for each open handle, so that a killed server costs its clients only a wait.
 *
 * A handle is a number, never a pointer: slot and generation. Every change is
 * a few stores in an order in which dying between any two of them is harmless.
 */
#ifndef FS_HANDLES_H
#define FS_HANDLES_H

#include <sys/types.h>

#include "base/base.h"

#define HANDLES_SLOTS	16384
#define HANDLES_USER	(HANDLES_SLOTS / 4)	/* so many may one user hold */
#define HANDLES_KEPT	64			/* for HANDLE_JUDGE alone */
#define HANDLES_THREADS	64
#define HANDLES_INIT	1024		/* bytes of an INIT request */

enum {
	HANDLE_WRITER = 1,		/* opened for writing */
	HANDLE_SERVER = 2,		/* by nfsd or ganesha, which may never close it */
	HANDLE_SURE = 4,		/* the kernel has it: the open was answered */
	HANDLE_JUDGE = 8,		/* by the publisher, which must never be without one */
};

struct handle {
	uint64_t node;			/* inode number */
	uint64_t request;		/* that opened it */
	uint64_t submission;		/* that a publisher writes for */
	uint32_t uid;
	uint16_t flags;
	uint16_t error;			/* a write through it was refused with this errno; 0 */
};

/* A request that was taken and not answered yet. */
struct taken {
	uint64_t request;
	uint64_t node, fh;		/* fh: of a release, else 0 */
};

struct handles;

/**
 * handles_open() - map the page; an empty one is sized and begun
 * @fd:		stays the caller's
 * Return: 0; -EBADMSG when it is of another version; -errno.
 */
int handles_open(int fd, struct handles **ret, struct diag *diag);
void handles_close(struct handles *h);

/** handles_init_request() - the recorded INIT request, 0 bytes when there is none yet */
size_t handles_init_request(const struct handles *h, const void **ret);
int handles_keep_init(struct handles *h, const void *request, size_t len);

/** handles_begin() - thread number @thread has taken this request; _end(): it was answered */
void handles_begin(struct handles *h, int thread, const struct taken *t);
void handles_end(struct handles *h, int thread);
/** handles_newest() - the highest id of a request that was ever noted; 0 before the first */
uint64_t handles_newest(const struct handles *h);
/** handles_orphans() - what a dead server had taken; emptied. Return: their number */
size_t handles_orphans(struct handles *h, struct taken ret[HANDLES_THREADS]);

/**
 * handles_take() - a slot for a new handle
 * @again:	the request was handed out a second time (bit 63): a slot that it has already
 *		is given again, and *ret_again set
 * Return: 0; -ENFILE when all slots are taken that are not kept for the judge; -EMFILE when
 * one user holds too many.
 */
int handles_take(struct handles *h, const struct handle *want, bool again, uint64_t *ret_fh,
		 bool *ret_again);

/** handles_get() - a copy; -EBADF when @fh is not open */
int handles_get(struct handles *h, uint64_t fh, struct handle *ret);

/*
 * One field of an open handle each: another thread may be at the next already, for the
 * kernel's answer to an open is on its way before we can note that it was sent. -EBADF.
 */
int handles_sure(struct handles *h, uint64_t fh);
int handles_failed(struct handles *h, uint64_t fh, int error);
int handles_write_for(struct handles *h, uint64_t fh, uint64_t submission);
void handles_drop(struct handles *h, uint64_t fh);

/** handles_each() - every open handle, at the start of a server */
void handles_each(struct handles *h, void (*fn)(void *ctx, uint64_t fh, const struct handle *hd),
		  void *ctx);

#endif
