#include "sandbox/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/profiles.h"
#include "sandbox/spec.h"
#include "sandbox/syscalls.h"
#include "sandbox/wire.h"

#define GRACE_US	10000000	/* for init to begin, and for killed processes to end */
#define POLL_US		1000		/* near the CPU limit */

/* ------------------------------------------------------------------- the start */

/* All that can fail without harm. */
static int prepare(struct run *run, int *ret_leaf, struct diag *diag)
{
	struct box_spec *spec = run->spec;
	int r;

	run->ended.forbidden = -1;
	run->wall_limit_us = spec->limits.wall_us;
	run->starter = cell_starter(run->cell, profile_find(spec->profile), diag);
	r = run->starter < 0 ? run->starter : spec_streams(spec, diag);
	if (r == 0)
		r = scratch_fill(run->cell->scratch, &spec->limits, spec->files, spec->nfiles, diag);
	if (r == 0)
		r = cgroup_begin(run->cell->group, spec->limits.memory_bytes,
				 spec->limits.processes, 1 + run->cell->nstarters, ret_leaf, diag);
	return r;
}

/* Our copy of a pipe would keep its other end from seeing that the program is gone. A file is
 * looked at once more, in the end. */
static void let_go(int *fd)
{
	struct stat st;

	if (*fd < 0 || (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode)))
		return;
	io_close(*fd);
	*fd = -1;
}

static int start(struct run *run, int leaf, struct diag *diag)
{
	struct box_spec *spec = run->spec;
	const int from[] = { spec->exe_fd, spec->stdin_fd, spec->stdout_fd, spec->stderr_fd, leaf };
	int fds[ARRAY_SIZE(from)], r;
	struct buf b = { 0 };
	int64_t mask = 0;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		if (from[i] >= 0) {
			mask |= 1 << i;
			fds[n++] = from[i];
		}
	}
	wire_put_int(&b, WIRE_START);
	wire_put_int(&b, ++run->cell->run);
	wire_put_words(&b, &spec->argv);
	wire_put_words(&b, &spec->env);
	wire_put_int(&b, mask);
	wire_put_int(&b, spec->limits.output_bytes);
	wire_put_int(&b, spec->limits.cpu_us);
	wire_put_int(&b, spec->limits.memory_bytes);
	wire_put_int(&b, spec->limits.processes);
	run->started = true;
	run->cell->broken = true;	/* until it says that the run has ended */
	run->cell->state->started_us = 0;
	run->sent_us = clock_mono_us();
	r = wire_send(run->starter, &b, fds, n);
	let_go(&spec->stdin_fd);
	let_go(&spec->stdout_fd);
	let_go(&spec->stderr_fd);
	return r < 0 ? diag_fail(diag, r, "the cell's init is gone") : 0;
}

/* --------------------------------------------------------------------- its end */

static int read_done(struct run *run, struct diag *diag)
{
	struct ended *e = &run->ended;
	struct msg m = { 0 };
	struct wire w;
	int r;

	r = msg_recv(run->starter, &m);
	if (r < 0)
		return diag_fail(diag, r, "the cell's init is gone");
	w = wire_open(&m);
	if (wire_int(&w) != WIRE_DONE)
		w.bad = true;
	e->how = wire_int(&w);
	e->code = wire_int(&w);
	snprintf(e->step, sizeof(e->step), "%s", wire_text(&w));
	e->arch = wire_int(&w);
	e->forbidden = wire_int(&w);
	e->wall_us = wire_int(&w);
	r = wire_end(&w);
	msg_release(&m);
	return r < 0 ? diag_fail(diag, r, "the cell's init makes no sense") : 0;
}

static bool too_long(int fd, int64_t max)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > max;
}

/* The first that holds: one cause may show as several ends. */
static void conclude(const struct run *run, const struct cgroup_usage *u, struct box_report *ret)
{
	const struct box_spec *spec = run->spec;
	const struct box_limits *l = &spec->limits;
	const struct ended *e = &run->ended;
	bool signaled = e->how == RUN_SIGNALED;
	bool output = (signaled && e->code == SIGXFSZ) || too_long(spec->stdout_fd, l->output_bytes) ||
		      too_long(spec->stderr_fd, l->output_bytes);
	const struct { bool holds; enum box_end end; } causes[] = {
		{ e->how == RUN_NOT_EXECUTED,			BOX_NOT_STARTED },
		{ e->forbidden >= 0,				BOX_FORBIDDEN },
		{ u->oom_kills > 0,				BOX_MEMORY_LIMIT },
		{ output,					BOX_OUTPUT_LIMIT },
		{ e->killed && e->why == BOX_CANCELLED,		BOX_CANCELLED },
		{ ret->cpu_us > l->cpu_us,			BOX_CPU_LIMIT },
		{ e->killed && e->why == BOX_CPU_LIMIT,		BOX_CPU_LIMIT },
		{ e->killed && e->why == BOX_LINGERED,		BOX_LINGERED },
		{ e->killed || ret->wall_us > run->wall_limit_us,	BOX_WALL_LIMIT },
		{ signaled,					BOX_SIGNALED },
		{ true,						BOX_EXITED },
	};
	size_t i = 0;

	while (!causes[i].holds)
		i++;
	ret->end = causes[i].end;
	ret->code = e->code;
	if (ret->end == BOX_FORBIDDEN)
		syscalls_name(e->arch, e->forbidden, ret->syscall, sizeof(ret->syscall));
}

/* Init has something to say: that its run has ended. */
static int end(struct run *run, struct diag *diag)
{
	struct cell *c = run->cell;
	struct ended *e = &run->ended;
	struct box_report *report = &run->report;
	struct cgroup_usage usage;
	int r;

	run->done = true;
	r = read_done(run, diag);
	if (r < 0)
		return r;
	c->broken = false;
	report->cpu_us = cell_take_cpu_us(c);
	r = cgroup_end(c->group, &usage, diag);
	if (r == 0 && report->cpu_us < 0)
		r = diag_fail(diag, report->cpu_us, "read the CPU time of the run");
	if (r == 0 && e->how == RUN_BROKEN)
		r = diag_fail(diag, -e->code, "start the program: %s", e->step);
	if (r == 0 && usage.oom_kills > 0 && !usage.at_limit)
		r = diag_fail(diag, -EAGAIN, "the host, or the group that the judge is in, ran out of "
			      "memory; the run had not reached its limit");
	if (r < 0)
		return r;
	report->wall_us = e->wall_us;
	report->started_us = c->state->started_us;
	report->ended_us = report->started_us + e->wall_us;
	if (e->killed && run->killed_us < report->ended_us)
		report->ended_us = run->killed_us;	/* what it brings about comes later */
	report->memory_bytes = usage.memory_bytes;
	conclude(run, &usage, report);
	return 0;
}

/* ------------------------------------------------------------------- meanwhile */

struct group {
	struct run *runs;
	size_t n;
	int64_t ended_us;		/* when the first of them ended; 0: none has */
	int r;				/* the first failure; @diag tells of it */
	struct diag *diag;
};

static bool alive(const struct run *run)
{
	return run->started && !run->done;
}

static void kill_run(struct run *run, enum box_end why)
{
	struct buf b = { 0 };

	if (!alive(run) || run->ended.killed)
		return;
	run->ended.killed = true;
	run->ended.why = why;
	if (why == BOX_WALL_LIMIT || why == BOX_LINGERED)
		run->report.awake = !cgroup_asleep(run->cell->group);
	run->killed_us = clock_mono_us();
	wire_put_int(&b, WIRE_KILL);
	wire_put_int(&b, run->cell->run);
	wire_send(run->cell->sock, &b, NULL, 0);	/* that init is gone is noticed anyway */
}

static void kill_group(struct group *g, enum box_end why)
{
	for (size_t i = 0; i < g->n; i++)
		kill_run(&g->runs[i], why);
}

static void fail(struct group *g, int r, const struct diag *why)
{
	if (g->r == 0) {
		g->r = r;
		if (g->diag)
			*g->diag = *why;
	}
	kill_group(g, BOX_CANCELLED);
}

/* What init does not do in time it will not do. */
static bool is_late(struct run *run, int64_t now, struct diag *diag)
{
	if (run->killed_us && now - run->killed_us > GRACE_US)
		diag_fail(diag, -ETIMEDOUT, "the processes of the run do not end");
	else if (!run->cell->state->started_us && now - run->sent_us > GRACE_US)
		diag_fail(diag, -ETIMEDOUT, "the cell's init does not start the run");
	else
		return false;
	run->done = true;
	return true;
}

/* What @run may take, as of now. */
static int64_t wall_limit_us(const struct group *g, const struct run *run)
{
	int64_t us = run->spec->limits.wall_us;

	for (size_t i = 0; i < g->n && run->spec->patience; i++) {
		const struct run *other = &g->runs[i];

		if (other != run)
			us += run->spec->patience *
			      (alive(other) ? cell_cpu_us(other->cell) : other->report.cpu_us);
	}
	return us;
}

/* More than all its cores have to give it can not have used: that is not looked up. */
static int64_t cpu_left_us(const struct run *run, int64_t elapsed_us)
{
	int64_t limit = run->spec->limits.cpu_us, most = elapsed_us * run->cell->cores;

	return limit - (most < limit ? most : cell_cpu_us(run->cell));
}

/* Kill what is over a limit; Return: how long to sleep until the next look. */
static int64_t look(const struct group *g, struct run *run, int64_t now)
{
	int64_t started = run->cell->state->started_us, linger = run->spec->linger_us;
	int64_t took = started ? now - started : 0, wall_left, linger_left;
	int64_t cpu_left = cpu_left_us(run, took);

	if (took >= run->wall_limit_us)
		run->wall_limit_us = wall_limit_us(g, run);
	wall_left = linger_left = run->wall_limit_us - took;
	if (linger && g->ended_us)
		linger_left = g->ended_us + linger - now;
	if (started && cgroup_short(run->cell->group))
		kill_run(run, BOX_MEMORY_LIMIT);
	else if (cpu_left < 0)
		kill_run(run, BOX_CPU_LIMIT);
	else if (wall_left <= 0)
		kill_run(run, BOX_WALL_LIMIT);
	else if (linger_left <= 0)
		kill_run(run, BOX_LINGERED);
	if (run->ended.killed)
		return GRACE_US;
	cpu_left /= run->cell->cores;
	if (cpu_left < POLL_US)
		cpu_left = POLL_US;
	if (wall_left > linger_left)
		wall_left = linger_left;
	return cpu_left < wall_left ? cpu_left : wall_left;
}

static int64_t look_at_all(struct group *g)
{
	int64_t now = clock_mono_us(), sleep = GRACE_US;

	for (size_t i = 0; i < g->n; i++) {
		struct run *run = &g->runs[i];
		struct diag diag = { 0 };
		int64_t left;

		if (!alive(run))
			continue;
		if (is_late(run, now, &diag)) {
			fail(g, -ETIMEDOUT, &diag);
			continue;
		}
		left = look(g, run, now);
		sleep = left < sleep ? left : sleep;
	}
	return sleep;
}

static void hear_init(struct group *g, struct run *run)
{
	struct diag diag = { 0 };
	int r;

	run->wall_limit_us = wall_limit_us(g, run);
	r = end(run, &diag);
	if (r < 0) {
		fail(g, r, &diag);
		return;
	}
	if (!g->ended_us)
		g->ended_us = run->report.ended_us;
}

static bool any_alive(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (alive(&g->runs[i]))
			return true;
	return false;
}

static void watch_all(struct group *g, int client, int stop)
{
	struct pollfd p[2 + BOX_TOGETHER_MAX] = {
		{ .fd = client, .events = POLLIN },
		{ .fd = stop, .events = POLLIN },
	};

	for (;;) {
		struct timespec timeout = clock_timespec(look_at_all(g));

		if (!any_alive(g))
			return;
		for (size_t i = 0; i < g->n; i++)
			p[2 + i] = (struct pollfd){
				.fd = alive(&g->runs[i]) ? g->runs[i].starter : -1,
				.events = POLLIN,
			};
		if (ppoll(p, 2 + g->n, &timeout, NULL) <= 0)
			continue;
		for (size_t i = 0; i < g->n; i++)
			if (p[2 + i].revents)
				hear_init(g, &g->runs[i]);
		/* Nothing is read: half a frame would keep us from watching. */
		for (size_t i = 0; i < 2; i++) {
			if (!p[i].revents)
				continue;
			p[i].fd = -1;
			kill_group(g, BOX_CANCELLED);
		}
	}
}

int watch(struct run *runs, size_t n, int client, int stop, struct diag *diag)
{
	struct group g = { .runs = runs, .n = n, .diag = diag };
	int leaf[BOX_TOGETHER_MAX], r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = prepare(&runs[i], &leaf[i], diag);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n && g.r == 0; i++) {
		struct diag why = { 0 };

		r = start(&runs[i], leaf[i], &why);
		if (r < 0)
			fail(&g, r, &why);
	}
	watch_all(&g, client, stop);
	for (size_t i = 0; i < n && g.r == 0; i++)
		if (runs[i].spec->collect)
			g.r = scratch_collect(runs[i].cell->scratch, &runs[i].spec->limits,
					      &runs[i].report.files, &runs[i].report.nfiles, diag);
	if (g.r < 0)
		for (size_t i = 0; i < n; i++)
			wire_files_release(runs[i].report.files, runs[i].report.nfiles);
	return g.r;
}
