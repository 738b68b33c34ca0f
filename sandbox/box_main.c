/*
 * judgefs-box - a pool of cells, root, behind a socket: see box.h
 *
 * It is told by its arguments (box_spawn()) what the operator allows. It ends when the other
 * end of the socket closes, and takes the cells and their groups with it.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/units.h"
#include "sandbox/arguments.h"
#include "sandbox/place.h"
#include "sandbox/pool.h"
#include "sandbox/profiles.h"
#include "sandbox/wire.h"

/* Signals that end it come as a descriptor; the rest of what was inherited is undone. */
static int take_signals(void)
{
	sigset_t set;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Those that run together. */
struct request {
	struct box_spec specs[BOX_TOGETHER_MAX];
	size_t n;
};

static void request_release(struct request *q)
{
	for (size_t i = 0; i < q->n; i++)
		wire_spec_release(&q->specs[i]);
	q->n = 0;
}

/* Return: how many are missing still; 0 also for what is no run at all: a CANCEL of such as have
 * ended by themselves, or as the client can not send whole. */
static int hear(int sock, struct request *q)
{
	struct msg m = { 0 };
	struct wire w;
	size_t more = 0;
	int r = msg_recv(sock, &m);

	if (r < 0)
		return r;
	w = wire_open(&m);
	switch (wire_int(&w)) {
	case WIRE_RUN:
		r = wire_read_spec(sock, &w, &m, &q->specs[q->n], &more);
		if (r == 0)
			r = ++q->n + more > BOX_TOGETHER_MAX ? -EBADMSG : (int)more;
		break;
	case WIRE_CANCEL:
		request_release(q);
		break;
	default:
		r = -EBADMSG;
	}
	msg_release(&m);
	return r;
}

static int answer(struct pool *pool, int sock, int stop, struct request *q)
{
	struct box_report reports[BOX_TOGETHER_MAX] = { 0 };
	struct diag diag = { 0 };
	int r;

	r = pool_run(pool, q->specs, q->n, sock, stop, reports, &diag);
	if (r < 0)
		return wire_send_failure(sock, r, &diag);
	for (size_t i = 0; i < q->n; i++) {
		if (r == 0)
			r = wire_send_report(sock, &reports[i]);
		wire_files_release(reports[i].files, reports[i].nfiles);
	}
	return r;
}

/* One request of the client. Return: 0; -EPIPE at its end; it makes no sense: -EBADMSG. */
static int serve(struct pool *pool, int sock, int stop)
{
	struct request q = { .n = 0 };
	int r;

	do {
		r = hear(sock, &q);
	} while (r > 0);
	if (r < 0 || q.n == 0) {
		request_release(&q);
		return r;
	}
	r = answer(pool, sock, stop, &q);
	request_release(&q);		/* before the next cell is forked */
	pool_tidy(pool);
	return r;
}

static int serve_all(struct pool *pool, int sock, int signals, struct diag *diag)
{
	struct pollfd p[2 + BOX_CELLS_MAX] = {
		{ .fd = sock, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int r = 0;

	while (r == 0) {
		int n = poll(p, 2 + pool_poll(pool, p + 2), -1);

		if (n < 0 && errno != EINTR)
			return diag_fail(diag, -errno, "poll");
		if (n <= 0)
			continue;
		if (p[1].revents)
			return 0;
		if (n > (p[0].revents != 0))
			pool_hear(pool);
		if (p[0].revents)
			r = serve(pool, sock, signals);
	}
	return r == -EPIPE ? 0 : diag_fail(diag, r, "serve the client");
}

int main(int argc, char **argv)
{
	struct arguments a = { .sock = -1, .slot = -1 };
	struct pool *pool = NULL;
	struct diag diag = { 0 };
	int signals = -1, r;
	bool told = false;

	log_init("judgefs-box");
	/* Each cell's threads rest most of the time: an arena for each would be memory for nothing. */
	mallopt(M_ARENA_MAX, 1);
	limits_lift();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("judgefs-box " VERSION);
		return 0;
	}
	r = arguments_read(argc, argv, &a, &diag);
	if (r < 0)
		goto out;
	setsid();			/* Ctrl-C is for the client, whose end ends us */
	signals = take_signals();
	r = signals < 0 ? diag_fail(&diag, signals, "take signals") : place_init(a.settings.core);
	if (r < 0) {
		diag_fail(&diag, r, "pin to core %d", a.settings.core);
		goto out;
	}
	r = profiles_init(&diag);
	if (r == 0)
		r = pool_new(&a.settings, a.slot, &pool, &diag);
	if (r == -EPERM) {
		struct diag first = diag;

		diag_fail(&diag, -EINVAL, "%.900s (`judgectl doctor` tells what this host lacks)",
			  first.text);
	}
	if (r < 0) {
		/* Who started us says it, when it is still there. */
		if (wire_send_failure(a.sock, r, &diag) == 0)
			told = true;
		goto out;
	}
	r = wire_send_op(a.sock, WIRE_HELLO);
	if (r == 0)
		r = serve_all(pool, a.sock, signals, &diag);
out:
	if (r < 0 && !told)
		log_error("slot %d: %s", a.slot, diag.text);
	pool_free(pool);
	profiles_release();
	io_close(signals);
	io_close(a.sock);
	arguments_release(&a);
	return r < 0 ? 1 : 0;
}
