/*
 * msg.h - frames with descriptors over a local stream socket
 *
 * A frame is a length, its bytes, and up to MSG_MAX_FDS descriptors
 * (SCM_RIGHTS on the header). Both ends are ours, but a worker may have been
 * taken over: a receiver trusts no length and closes what it did not ask for.
 */
#ifndef BASE_MSG_H
#define BASE_MSG_H

#include "base/base.h"
#include "base/buf.h"

#define MSG_MAX_FDS	64
#define MSG_MAX_BYTES	(64u << 20)

struct msg {
	struct buf body;
	int fds[MSG_MAX_FDS];
	size_t nfds;
};

/** msg_send() - blocking, whole; no SIGPIPE; descriptors stay the caller's */
int msg_send(int sock, const void *body, size_t len, const int *fds, size_t nfds);

/**
 * msg_recv() - one whole frame into @ret (emptied first)
 * Received descriptors are close-on-exec and belong to @ret: set an entry to
 * -1 to keep it. Return: 0; -EPIPE at the end of the stream; -EBADMSG; -errno.
 */
int msg_recv(int sock, struct msg *ret);
void msg_release(struct msg *m);	/* closes and empties; accepts empty */

/* For a loop that must never wait: the same frames, without descriptors, in buffers. */
#define MSG_HEADER_BYTES	8

/** msg_put() - append a frame to what is to be written */
int msg_put(struct buf *b, const void *body, size_t len);

/** msg_peek() - the frame at the beginning of what was read
 * Return: 1 with the length of its body, which follows MSG_HEADER_BYTES; 0 when more is to be
 * read first; -EBADMSG.
 */
int msg_peek(const void *data, size_t len, size_t *ret_body);

#endif
