/*
 * judgefs-box - one cell, root, behind a socket: see box.h
 *
 * It is told by its arguments (box_spawn()) what the operator allows. It ends when the other
 * end of the socket closes, and takes the cell and its groups with it.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/units.h"
#include "sandbox/arguments.h"
#include "sandbox/cell.h"
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

static int pin(int core)
{
	cpu_set_t set;

	if (core < 0)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(core, &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

static int answer(struct cell *cell, int sock, int stop, struct box_spec *spec)
{
	struct box_report report = { 0 };
	struct diag diag = { 0 };
	int r;

	r = cell_check(cell, spec, &diag);
	if (r == 0)
		r = cell_run(cell, spec, sock, stop, &report, &diag);
	if (r < 0)
		return wire_send_failure(sock, r, &diag);
	r = wire_send_report(sock, &report);
	wire_files_release(report.files, report.nfiles);
	return r;
}

/* One frame of the client. Return: 0; -EPIPE at its end; what it said makes no sense: -EBADMSG. */
static int serve(struct cell *cell, int sock, int stop, struct diag *diag)
{
	struct box_spec spec = { 0 };
	struct msg m = { 0 };
	struct wire w;
	int r = msg_recv(sock, &m);

	if (r < 0)
		return r;
	w = wire_open(&m);
	switch (wire_int(&w)) {
	case WIRE_RUN:
		r = wire_read_spec(sock, &w, &m, &spec);
		if (r < 0)
			break;
		r = answer(cell, sock, stop, &spec);
		wire_spec_release(&spec);
		if (r == 0)
			r = cell_refresh(cell, diag);
		break;
	case WIRE_CANCEL:		/* what it was for has ended by itself */
		break;
	default:
		r = -EBADMSG;
	}
	msg_release(&m);
	return r;
}

static int serve_all(struct cell *cell, int sock, int signals, struct diag *diag)
{
	struct pollfd p[] = {
		{ .fd = sock, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int r = 0;

	while (r == 0) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return diag_fail(diag, -errno, "poll");
		if (p[1].revents)
			return 0;
		if (p[0].revents)
			r = serve(cell, sock, signals, diag);
	}
	if (r == -EPIPE && !*diag->text)
		return 0;
	return *diag->text ? r : diag_fail(diag, r, "serve the client");
}

int main(int argc, char **argv)
{
	struct arguments a = { .sock = -1, .slot = -1 };
	struct cell *cell = NULL;
	struct diag diag = { 0 };
	int signals = -1, r;
	bool told = false;

	log_init("judgefs-box");
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("judgefs-box " VERSION);
		return 0;
	}
	r = arguments_read(argc, argv, &a, &diag);
	if (r < 0)
		goto out;
	setsid();			/* Ctrl-C is for the client, whose end ends us */
	signals = take_signals();
	r = signals < 0 ? diag_fail(&diag, signals, "take signals") : pin(a.settings.core);
	if (r < 0) {
		diag_fail(&diag, r, "pin to core %d", a.settings.core);
		goto out;
	}
	r = profiles_init(&diag);
	if (r == 0)
		r = cell_new(&a.settings, a.slot, &cell, &diag);
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
		r = serve_all(cell, a.sock, signals, &diag);
out:
	if (r < 0 && !told)
		log_error("slot %d: %s", a.slot, diag.text);
	cell_free(cell);
	profiles_release();
	io_close(signals);
	io_close(a.sock);
	arguments_release(&a);
	return r < 0 ? 1 : 0;
}
