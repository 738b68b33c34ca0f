#include <errno.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "fs/file.h"
#include "fs/loop.h"
#include "fs/ops.h"

/* Of kernel 6.9; Debian 12's headers are older. */
#define NOTIFY_RESEND	7

/* Ids that a request which was read and not noted may have, around the newest. */
#define UNNOTED_BEFORE	8192
#define UNNOTED_AFTER	(4 * HANDLES_THREADS)

static _Thread_local uint64_t current;

uint64_t loop_request(void)
{
	return current;
}

static uint32_t opcode(const struct fuse_buf *buf)
{
	const struct fuse_in_header *in = buf->mem;

	return in->opcode;
}

static void process(struct fs *fs, struct fuse_session *se, const struct fuse_buf *buf, int thread)
{
	const struct fuse_in_header *in = buf->mem;
	struct taken t = { .request = in->unique, .node = in->nodeid };

	if (in->opcode == FUSE_RELEASE &&
	    buf->size >= sizeof(*in) + sizeof(struct fuse_release_in))
		t.fh = ((const struct fuse_release_in *)(in + 1))->fh;
	current = in->unique;
	handles_begin(fs->handles, thread, &t);
	fuse_session_process_buf(se, buf);
	handles_end(fs->handles, thread);
}

/* ------------------------------------------------------------- beginning */

static int first_request(struct fs *fs, struct fuse_session *se, struct diag *diag)
{
	struct fuse_buf buf = { .mem = NULL };
	int r;

	do
		r = fuse_session_receive_buf(se, &buf);
	while (r == -EINTR || r == -EAGAIN);
	if (r == 0) {
		r = 1;		/* unmounted before it began */
	} else if (r < 0) {
		diag_fail(diag, r, "read /dev/fuse");
	} else if (opcode(&buf) != FUSE_INIT) {
		r = diag_fail(diag, -EBADMSG, "the first request of the mount is not INIT");
	} else {
		/* Recorded first: dying after the answer must not lose it. */
		r = handles_keep_init(fs->handles, buf.mem, buf.size);
		if (r < 0)
			diag_fail(diag, r, "record the INIT request");
		else
			process(fs, se, &buf, 0);
	}
	free(buf.mem);
	return r;
}

int loop_begin(struct fs *fs, struct fuse_session *se, struct diag *diag)
{
	char copy[HANDLES_INIT] __attribute__((aligned(8)));
	struct fuse_buf buf = { .mem = copy };
	const void *init;
	int r = 0;

	buf.size = handles_init_request(fs->handles, &init);
	if (buf.size == 0) {
		r = store_requests_clear(fs->store);
		if (r < 0)
			return diag_fail(diag, r, "forget the requests of the last mount");
		return first_request(fs, se, diag);
	}
	/* The kernel has no such request any more and refuses the answer: libfuse expects that. */
	memcpy(copy, init, buf.size);
	fuse_session_process_buf(se, &buf);
	return fuse_session_exited(se) ? diag_fail(diag, -EPROTO, "take the connection over") : 0;
}

static int send_raw(struct fuse_session *se, uint64_t unique, int32_t error)
{
	struct fuse_out_header out = { .len = sizeof(out), .error = error, .unique = unique };

	return write(fuse_session_fd(se), &out, sizeof(out)) < 0 ? -errno : 0;
}

/*
 * A server may die between reading a request and noting it; who asked would wait for ever, and could
 * not even be killed. Ids are even numbers in order, so such a one is near the newest; for others
 * the kernel waits no longer, or not yet, and refuses the answer.
 */
static size_t answer_unnoted(struct fuse_session *se, uint64_t newest)
{
	uint64_t id = newest > UNNOTED_BEFORE ? newest - UNNOTED_BEFORE : 2;
	size_t n = 0;

	for (; id <= newest + UNNOTED_AFTER; id += 2)
		n += send_raw(se, id, -EIO) == 0;
	return n;
}

/* Without RESEND (before kernel 6.9) what was taken is lost: nobody shall wait for it. */
static void answer_orphans(struct fs *fs, struct fuse_session *se, const struct taken *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (t[i].fh != 0)
			file_release(fs, node_from_ino(t[i].node), t[i].fh);
		send_raw(se, t[i].request, -EIO);
	}
	n += answer_unnoted(se, handles_newest(fs->handles) & ~UINT64_C(1));
	if (n > 0)
		log_warn("%zu requests were lost with the last server", n);
}

int loop_resend(struct fs *fs, struct fuse_session *se, struct diag *diag)
{
	struct taken orphans[HANDLES_THREADS];
	size_t n = handles_orphans(fs->handles, orphans);
	int r;

	r = send_raw(se, 0, NOTIFY_RESEND);
	if (r == 0)
		return 0;
	if (r != -EINVAL)
		return diag_fail(diag, r, "ask the kernel for the open requests");
	answer_orphans(fs, se, orphans, n);
	return 0;
}

/* ------------------------------------------------------------- threads */

struct worker {
	pthread_t thread;
	struct fs *fs;
	struct fuse_session *se;
	int number, r;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct fuse_buf buf = { .mem = NULL };
	int r;

	while (!fuse_session_exited(w->se)) {
		r = fuse_session_receive_buf(w->se, &buf);
		if (r == -EINTR || r == -EAGAIN)
			continue;
		if (r <= 0) {
			w->r = r;
			break;
		}
		process(w->fs, w->se, &buf, w->number);
	}
	fuse_session_exit(w->se);
	free(buf.mem);
	return NULL;
}

int loop_run(struct fs *fs, struct fuse_session *se, int threads, struct diag *diag)
{
	struct worker workers[HANDLES_THREADS];
	int n = 0, r = 0;

	for (; n < threads && r == 0; n++) {
		workers[n] = (struct worker){ .fs = fs, .se = se, .number = n };
		r = -pthread_create(&workers[n].thread, NULL, work, &workers[n]);
		if (r < 0) {
			diag_fail(diag, r, "start a thread");
			fuse_session_exit(se);
			break;
		}
	}
	for (int i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].r < 0 && r == 0)
			r = diag_fail(diag, workers[i].r, "read /dev/fuse");
	}
	return r;
}
