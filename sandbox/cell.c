#include "sandbox/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/cgroup.h"
#include "sandbox/ids.h"
#include "sandbox/init.h"
#include "sandbox/profiles.h"
#include "sandbox/scratch.h"
#include "sandbox/streams.h"
#include "sandbox/syscalls.h"
#include "sandbox/wire.h"

#define GRACE_US	10000000	/* for killed processes to end */
#define POLL_US		1000		/* near the CPU limit */
#define MARGIN_US	1000		/* init's own part of the group's CPU time */
#define NAMESPACES	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
			 CLONE_NEWCGROUP)

struct cell {
	const struct box_settings *settings;
	uid_t uid;
	int lock;		/* on the uid */
	struct cgroup *group;
	struct scratch *scratch;
	struct inside_state *state;	/* of the run; shared with init */
	pid_t init;		/* 0: none */
	int sock;		/* to it */
	int cores;		/* that its programs can use at once */
	bool broken;		/* init no longer answers as it should */
};

/* ---------------------------------------------------------------- its making */

/* Enter the group, then make init in it, as a child of judgefs-box. Never returns. */
static _Noreturn void launch(struct cell *c, int sock, int pid_to)
{
	struct clone_args args = { .flags = NAMESPACES | CLONE_PARENT };
	struct diag diag = { 0 };
	pid_t pid = -1;
	int r;

	r = cgroup_enter(c->group);
	if (r < 0)
		diag_fail(&diag, r, "enter the cell's group");
	if (r == 0) {
		pid = syscall(SYS_clone3, &args, sizeof(args));
		if (pid == 0)
			init_main(c->settings, c->uid, sock, scratch_fd(c->scratch), c->state);
		if (pid < 0)
			r = diag_fail(&diag, -errno, "make the namespaces of the cell");
	}
	if (r < 0)
		wire_send_failure(sock, r, &diag);
	else
		io_write(pid_to, &pid, sizeof(pid));
	_exit(0);
}

static int start_init(struct cell *c, struct diag *diag)
{
	int pair[2] = { -1, -1 }, pid_pipe[2] = { -1, -1 }, r = 0;
	pid_t launcher = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    pipe2(pid_pipe, O_CLOEXEC) < 0 || (launcher = fork()) < 0)
		r = diag_fail(diag, -errno, "start the cell's init");
	if (launcher == 0)
		launch(c, pair[1], pid_pipe[1]);
	io_close(pair[1]);
	io_close(pid_pipe[1]);
	c->sock = pair[0];
	if (launcher > 0) {
		waitpid(launcher, NULL, 0);
		if (io_read(pid_pipe[0], &c->init, sizeof(c->init)) != sizeof(c->init))
			c->init = 0;
	}
	io_close(pid_pipe[0]);
	if (r == 0)
		r = wire_expect(c->sock, WIRE_READY, diag);
	return r;
}

int cell_new(const struct box_settings *settings, int slot, struct cell **ret, struct diag *diag)
{
	struct cell *c = calloc(1, sizeof(*c));
	cpu_set_t cores;
	int r;

	if (!c)
		return -ENOMEM;
	c->settings = settings;
	c->uid = settings->first_uid + slot;
	c->sock = -1;
	c->cores = sched_getaffinity(0, sizeof(cores), &cores) < 0 ? 1 : CPU_COUNT(&cores);
	c->lock = -1;
	c->state = mmap(NULL, sizeof(*c->state), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->state == MAP_FAILED) {
		free(c);
		return -ENOMEM;
	}
	c->lock = ids_hold(c->uid, diag);
	r = c->lock < 0 ? c->lock : 0;
	if (r == 0)
		r = cgroup_make(settings->cgroup, slot, &c->group, diag);
	if (r == 0)
		r = scratch_new(&c->scratch, diag);
	if (r == 0)
		r = start_init(c, diag);
	if (r == 0)
		r = cgroup_settle(c->group, c->init, diag);
	if (r < 0)
		cell_free(c);
	else
		*ret = c;
	return r;
}

void cell_free(struct cell *c)
{
	if (!c)
		return;
	/* All of the cell dies with its init. */
	if (c->init > 0) {
		kill(c->init, SIGKILL);
		waitpid(c->init, NULL, 0);
	}
	io_close(c->sock);
	scratch_free(c->scratch);
	cgroup_free(c->group);
	ids_release(c->lock, c->uid);
	munmap(c->state, sizeof(*c->state));
	free(c);
}

/* ------------------------------------------------------------- before a run */

static const struct {
	const char *name;
	size_t limit, max;
} limits[] = {
#define LIMIT(name, field, max)	\
	{ name, offsetof(struct box_limits, field), offsetof(struct box_settings, max) }
	LIMIT("CPU time",	cpu_us,		max_cpu_us),
	LIMIT("wall time",	wall_us,	max_wall_us),
	LIMIT("memory",		memory_bytes,	max_memory_bytes),
	LIMIT("output",		output_bytes,	max_output_bytes),
	LIMIT("processes",	processes,	max_processes),
	LIMIT("files",		files,		max_files),
	LIMIT("disk",		disk_bytes,	max_disk_bytes),
#undef LIMIT
};

static const char *const default_env[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin",
	"HOME=/tmp",
};

static bool env_has(const struct strv *env, const char *name, size_t len)
{
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, len) == 0)
			return true;
	return false;
}

int cell_check(const struct cell *c, struct box_spec *spec, struct diag *diag)
{
	if (!profile_find(spec->profile))
		return diag_fail(diag, -EINVAL, "unknown profile '%s'", spec->profile);
	if (spec->argv.n == 0)
		return diag_fail(diag, -EINVAL, "no command");
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		int64_t *limit = (int64_t *)((char *)&spec->limits + limits[i].limit);
		int64_t max = *(const int64_t *)((const char *)c->settings + limits[i].max);

		if (*limit <= 0)
			return diag_fail(diag, -EINVAL, "the %s limit must be positive",
					 limits[i].name);
		if (*limit > max)
			*limit = max;
	}
	for (size_t i = 0; i < spec->env.n; i++)
		if (!strchr(spec->env.v[i], '='))
			return diag_fail(diag, -EINVAL, "'%s' in the environment is not NAME=VALUE",
					 spec->env.v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(default_env); i++) {
		size_t len = strcspn(default_env[i], "=") + 1;

		if (!env_has(&spec->env, default_env[i], len) &&
		    strv_add(&spec->env, default_env[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int prepare_streams(struct box_spec *spec, struct diag *diag)
{
	const struct { const char *name; int (*make)(int *fd); int *fd; } streams[] = {
		{ "program",	stream_program,	&spec->exe_fd },
		{ "stdin",	stream_input,	&spec->stdin_fd },
		{ "stdout",	stream_output,	&spec->stdout_fd },
		{ "stderr",	stream_output,	&spec->stderr_fd },
	};

	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		int r = streams[i].make(streams[i].fd);

		if (r < 0)
			return diag_fail(diag, r, "prepare the %s", streams[i].name);
	}
	return 0;
}

static int send_start(struct cell *c, const struct box_spec *spec, int leaf)
{
	const int from[] = { spec->exe_fd, spec->stdin_fd, spec->stdout_fd, spec->stderr_fd, leaf };
	int fds[ARRAY_SIZE(from)];
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
	wire_put_int(&b, profile_index(profile_find(spec->profile)));
	wire_put_words(&b, &spec->argv);
	wire_put_words(&b, &spec->env);
	wire_put_int(&b, mask);
	wire_put_int(&b, spec->limits.output_bytes);
	wire_put_int(&b, spec->limits.cpu_us);
	wire_put_int(&b, spec->limits.memory_bytes);
	wire_put_int(&b, spec->limits.processes);
	return wire_send(c->sock, &b, fds, n);
}

/* ------------------------------------------------------------- during a run */

/* What init said, and why we ended it if we did. */
struct ended {
	enum init_end how;
	int code;
	char step[32];
	uint32_t arch;
	int forbidden;			/* number of the call, or -1 */
	int64_t wall_us, init_cpu_us;
	bool killed;
	enum box_end why;		/* when killed */
};

static int read_done(struct cell *c, struct ended *ret, struct diag *diag)
{
	struct msg m = { 0 };
	struct wire w;
	int r;

	r = msg_recv(c->sock, &m);
	if (r < 0)
		return diag_fail(diag, r, "the cell's init is gone");
	w = wire_open(&m);
	if (wire_int(&w) != WIRE_DONE)
		w.bad = true;
	ret->how = wire_int(&w);
	ret->code = wire_int(&w);
	snprintf(ret->step, sizeof(ret->step), "%s", wire_text(&w));
	ret->arch = wire_int(&w);
	ret->forbidden = wire_int(&w);
	ret->wall_us = wire_int(&w);
	ret->init_cpu_us = wire_int(&w);
	r = wire_end(&w);
	msg_release(&m);
	return r < 0 ? diag_fail(diag, r, "the cell's init makes no sense") : 0;
}

static int kill_run(struct cell *c, struct ended *e, enum box_end why)
{
	if (e->killed)
		return 0;
	e->killed = true;
	e->why = why;
	return wire_send_op(c->sock, WIRE_KILL);
}

/* Its frame can only be CANCEL; the end of the stream means as much. */
static bool hear_client(int client)
{
	struct msg m = { 0 };
	bool alive = msg_recv(client, &m) == 0;

	msg_release(&m);
	return alive;
}

/* Kill what is over a limit; Return: how long to sleep until the next look. */
static int64_t look(struct cell *c, const struct box_limits *l, struct ended *e)
{
	int64_t now = clock_mono_us(), started = c->state->started_us;
	int64_t wall_left = l->wall_us - (started ? now - started : 0);
	int64_t cpu_left = l->cpu_us + MARGIN_US - cgroup_cpu_us(c->group);

	if (cpu_left < 0)
		kill_run(c, e, BOX_CPU_LIMIT);
	else if (wall_left <= 0)
		kill_run(c, e, BOX_WALL_LIMIT);
	if (e->killed)
		return GRACE_US;
	cpu_left /= c->cores;
	if (cpu_left < POLL_US)
		cpu_left = POLL_US;
	return cpu_left < wall_left ? cpu_left : wall_left;
}

static int watch(struct cell *c, const struct box_limits *l, int client, int stop,
		 struct ended *e, struct diag *diag)
{
	struct pollfd p[] = {
		{ .fd = c->sock, .events = POLLIN },
		{ .fd = client, .events = POLLIN },
		{ .fd = stop, .events = POLLIN },
	};
	int64_t sent = clock_mono_us(), killed = 0;

	for (;;) {
		struct timespec timeout = clock_timespec(look(c, l, e));

		if (e->killed && !killed)
			killed = clock_mono_us();
		if (killed && clock_mono_us() - killed > GRACE_US)
			return diag_fail(diag, -ETIMEDOUT, "the processes of the run do not end");
		if (!c->state->started_us && clock_mono_us() - sent > GRACE_US)
			return diag_fail(diag, -ETIMEDOUT, "the cell's init does not start the run");
		if (ppoll(p, ARRAY_SIZE(p), &timeout, NULL) < 0 && errno != EINTR)
			return diag_fail(diag, -errno, "wait for the run");
		if (p[0].revents)
			return read_done(c, e, diag);
		if (p[1].revents) {
			if (!hear_client(client))
				p[1].fd = -1;
			kill_run(c, e, BOX_CANCELLED);
		}
		if (p[2].revents) {
			p[2].fd = -1;
			kill_run(c, e, BOX_CANCELLED);
		}
	}
}

/* -------------------------------------------------------------- after a run */

static bool too_long(int fd, int64_t max)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > max;
}

/* The first that holds: one cause may show as several ends. */
static void conclude(const struct box_spec *spec, const struct ended *e,
		     const struct cgroup_usage *u, struct box_report *ret)
{
	const struct box_limits *l = &spec->limits;
	bool signaled = e->how == INIT_SIGNALED;
	bool output = (signaled && e->code == SIGXFSZ) || too_long(spec->stdout_fd, l->output_bytes) ||
		      too_long(spec->stderr_fd, l->output_bytes);
	const struct { bool holds; enum box_end end; } causes[] = {
		{ e->how == INIT_NOT_EXECUTED,			BOX_NOT_STARTED },
		{ e->forbidden >= 0,				BOX_FORBIDDEN },
		{ u->oom_kills > 0,				BOX_MEMORY_LIMIT },
		{ output,					BOX_OUTPUT_LIMIT },
		{ e->killed && e->why == BOX_CANCELLED,		BOX_CANCELLED },
		{ ret->cpu_us > l->cpu_us,			BOX_CPU_LIMIT },
		{ e->killed && e->why == BOX_CPU_LIMIT,		BOX_CPU_LIMIT },
		{ e->killed || ret->wall_us > l->wall_us,	BOX_WALL_LIMIT },
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

int cell_run(struct cell *c, struct box_spec *spec, int client, int stop, struct box_report *ret,
	     struct diag *diag)
{
	struct ended e = { .forbidden = -1 };
	struct box_report report = { 0 };
	struct cgroup_usage usage;
	int leaf = -1, r;

	r = prepare_streams(spec, diag);
	if (r == 0)
		r = scratch_fill(c->scratch, &spec->limits, spec->files, spec->nfiles, diag);
	if (r == 0)
		r = cgroup_begin(c->group, spec->limits.memory_bytes, spec->limits.processes, &leaf,
				 diag);
	if (r < 0)
		return r;
	c->broken = true;
	c->state->started_us = 0;
	r = send_start(c, spec, leaf);
	if (r < 0)
		return diag_fail(diag, r, "the cell's init is gone");
	r = watch(c, &spec->limits, client, stop, &e, diag);
	if (r < 0)
		return r;
	c->broken = false;
	r = cgroup_end(c->group, &usage, diag);
	if (r == 0 && e.how == INIT_BROKEN)
		r = diag_fail(diag, -e.code, "start the program: %s", e.step);
	if (r < 0)
		return r;

	report.wall_us = e.wall_us;
	report.cpu_us = usage.cpu_us - (usage.with_init ? e.init_cpu_us : 0);
	if (report.cpu_us < 0)
		report.cpu_us = 0;
	report.memory_bytes = usage.memory_bytes;
	conclude(spec, &e, &usage, &report);
	if (spec->collect)
		r = scratch_collect(c->scratch, &spec->limits, &report.files, &report.nfiles, diag);
	if (r == 0)
		*ret = report;
	return r;
}

int cell_refresh(struct cell *c, struct diag *diag)
{
	struct scratch *fresh = NULL;
	struct buf b = { 0 };
	int fd, r;

	if (c->broken)
		return diag_fail(diag, -EPIPE, "the cell is broken");
	if (!scratch_used(c->scratch))
		return 0;
	r = cgroup_relax(c->group, diag);
	if (r == 0)
		r = scratch_new(&fresh, diag);
	if (r < 0)
		return r;
	fd = scratch_fd(fresh);
	wire_put_int(&b, WIRE_SCRATCH);
	r = wire_send(c->sock, &b, &fd, 1);
	if (r == 0)
		r = wire_expect(c->sock, WIRE_READY, diag);
	scratch_free(r < 0 ? fresh : c->scratch);
	if (r == 0)
		c->scratch = fresh;
	return r;
}
