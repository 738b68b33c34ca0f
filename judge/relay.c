#include "judge/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/io.h"

#define CHUNK	(64 << 10)

/* From one side's stdout to the other's stdin. */
struct way {
	int from, to;			/* -1: closed */
	size_t at, len;			/* what of the buffer is still to be written */
	int64_t unheard;
	bool hung;			/* nobody is left who could say more */
	char buf[CHUNK];
};

struct relay {
	struct relay_limits limits;
	struct relay_heard heard;
	struct way ways[RELAY_SIDES];	/* by who says it */
	int stop;
	pthread_t thread;
};

static void way_close(struct way *w)
{
	io_close(w->from);
	io_close(w->to);
	w->from = w->to = -1;
}

static bool nobody_ended(const struct relay *r)
{
	return !r->heard.first[RELAY_PROGRAM] && !r->heard.first[RELAY_INTERACTOR];
}

/* Who says too much does not say it to the end. */
static void cut(struct relay *r, int side)
{
	r->heard.cut[side] = true;
	way_close(&r->ways[side]);
}

static void pass_on(struct relay *r, int side)
{
	struct way *w = &r->ways[side];
	ssize_t n;

	while (w->to >= 0 && w->at < w->len) {
		n = write(w->to, w->buf + w->at, w->len - w->at);
		if (n > 0) {
			w->at += n;
		} else if (errno == EAGAIN || errno == EINTR) {
			return;
		} else {
			io_close(w->to);
			w->to = -1;
		}
	}
	w->unheard += w->len - w->at;
	w->at = w->len = 0;
	if (w->unheard > r->limits.unheard[side])
		cut(r, side);
}

/* Return: whether there was something. */
static bool take(struct relay *r, int side)
{
	struct way *w = &r->ways[side];
	ssize_t n = read(w->from, w->buf, sizeof(w->buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		way_close(w);
		return false;
	}
	r->heard.bytes[side] += n;
	w->at = 0;
	w->len = n;
	if (r->heard.bytes[side] > r->limits.said[side]) {
		r->heard.first[side] = r->heard.first[side] || nobody_ended(r);
		cut(r, side);
	} else {
		pass_on(r, side);
	}
	return true;
}

/* Those that have ended since the last look: nobody could have told them of another's end. */
static void note_ends(struct relay *r, const struct pollfd *p)
{
	bool none = nobody_ended(r);

	for (int side = 0; side < RELAY_SIDES; side++) {
		if (r->ways[side].from < 0 || !(p[side].revents & (POLLHUP | POLLERR)))
			continue;
		r->ways[side].hung = true;
		r->heard.first[side] = r->heard.first[side] || none;
	}
}

static bool pending(const struct way *w)
{
	return w->at < w->len;
}

static void serve(struct relay *r)
{
	struct pollfd p[2 * RELAY_SIDES + 1];
	struct pollfd *from = p, *to = p + RELAY_SIDES, *stop = p + 2 * RELAY_SIDES;
	bool stopped = false;

	while (!stopped && (r->ways[0].from >= 0 || r->ways[1].from >= 0)) {
		for (int side = 0; side < RELAY_SIDES; side++) {
			const struct way *w = &r->ways[side];
			bool full = pending(w);

			/* One that has hung up would wake us until all is passed on. */
			from[side] = (struct pollfd){ .fd = full && w->hung ? -1 : w->from,
						      .events = full ? 0 : POLLIN };
			to[side] = (struct pollfd){ .fd = full ? w->to : -1, .events = POLLOUT };
		}
		*stop = (struct pollfd){ .fd = r->stop, .events = POLLIN };
		if (poll(p, ARRAY_SIZE(p), -1) < 0)
			continue;
		stopped = stop->revents;
		note_ends(r, from);
		for (int side = 0; side < RELAY_SIDES; side++) {
			if (to[side].revents)
				pass_on(r, side);
			else if (from[side].revents && !pending(&r->ways[side]))
				take(r, side);
		}
	}
	/* What is left was said, whether anybody hears it or not. */
	for (int side = 0; side < RELAY_SIDES; side++)
		while (r->ways[side].from >= 0 && take(r, side))
			;
}

/* It does not push a program aside that has something to say: who speaks and ends, has ended. */
static void *relay_main(void *arg)
{
	const struct sched_param param = { 0 };

	sched_setscheduler(0, SCHED_BATCH, &param);
	serve(arg);
	return NULL;
}

/* A pipe whose one end is ours, and never blocks. */
static int make_pipe(int *ours, int *theirs, bool we_read)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	*ours = pair[we_read ? 0 : 1];
	*theirs = pair[we_read ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Signals are for the thread that started us. */
static int start_thread(struct relay *r)
{
	sigset_t all, before;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&r->thread, NULL, relay_main, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -e;
}

static void relay_free(struct relay *r)
{
	for (int side = 0; side < RELAY_SIDES; side++)
		way_close(&r->ways[side]);
	io_close(r->stop);
	free(r);
}

int relay_start(const struct relay_limits *limits, struct relay **ret, struct relay_ends *ret_ends,
		struct diag *diag)
{
	struct relay_ends ends = { { -1, -1 }, { -1, -1 } };
	struct relay *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	r->limits = *limits;
	for (int side = 0; side < RELAY_SIDES; side++)
		r->ways[side].from = r->ways[side].to = -1;
	r->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	e = r->stop < 0 ? -errno : 0;
	for (int side = 0; side < RELAY_SIDES && e == 0; side++) {
		e = make_pipe(&r->ways[side].from, &ends.out[side], true);
		if (e == 0)
			e = make_pipe(&r->ways[side].to, &ends.in[!side], false);
	}
	if (e == 0)
		e = start_thread(r);
	if (e < 0) {
		relay_ends_close(&ends);
		relay_free(r);
		return diag_fail(diag, e, "connect the program and the interactor");
	}
	*ret = r;
	*ret_ends = ends;
	return 0;
}

void relay_stop(struct relay *r, struct relay_heard *ret)
{
	eventfd_write(r->stop, 1);
	pthread_join(r->thread, NULL);
	*ret = r->heard;
	relay_free(r);
}

void relay_ends_close(struct relay_ends *ends)
{
	for (int side = 0; side < RELAY_SIDES; side++) {
		io_close(ends->in[side]);
		io_close(ends->out[side]);
		ends->in[side] = ends->out[side] = -1;
	}
}
