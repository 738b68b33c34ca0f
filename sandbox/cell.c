#include "sandbox/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/init.h"
#include "sandbox/place.h"
#include "sandbox/wire.h"

#define NEW_NAMESPACES	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
			 CLONE_NEWCGROUP)

/* ---------------------------------------------------------------- its making */

/* Enter the group, then make init in it, as a child of judgefs-box. Never returns. */
static _Noreturn void launch(struct cell *c, int sock, int pid_to)
{
	struct clone_args args = { .flags = NEW_NAMESPACES | CLONE_PARENT };
	struct namespaces outside;
	struct diag diag = { 0 };
	pid_t pid = -1;
	int r;

	r = cgroup_enter(c->group);
	if (r < 0)
		diag_fail(&diag, r, "enter the cell's group");
	if (r == 0 && (r = namespaces_read(&outside)) < 0)
		diag_fail(&diag, r, "look at the namespaces in /proc");
	if (r == 0) {
		if (c->aside)
			place_aside(0);
		pid = syscall(SYS_clone3, &args, sizeof(args));
		if (pid == 0)
			init_main(c->settings, &outside, c->uid, sock, c->state);
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
	pid_t pid = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 &&
	    pipe2(pid_pipe, O_CLOEXEC) == 0)
		pid = fork();
	if (pid < 0)
		r = diag_fail(diag, -errno, "start the cell's init");
	if (pid == 0)
		launch(c, pair[1], pid_pipe[1]);
	io_close(pair[1]);
	io_close(pid_pipe[1]);
	c->launcher = pid;
	c->sock = pair[0];
	c->pid_pipe = pid_pipe[0];
	return r;
}

/* Who init is. The launcher ends at once. */
static void join_launcher(struct cell *c)
{
	if (c->launcher > 0) {
		if (io_read(c->pid_pipe, &c->init, sizeof(c->init)) != sizeof(c->init))
			c->init = 0;
		waitpid(c->launcher, NULL, 0);
	}
	io_close(c->pid_pipe);
	c->launcher = 0;
	c->pid_pipe = -1;
}

int cell_begin(const struct box_settings *settings, int slot, int index, bool aside,
	       struct cell **ret, struct diag *diag)
{
	struct cell *c = calloc(1, sizeof(*c));
	cpu_set_t cores;
	int r;

	if (!c)
		return -ENOMEM;
	c->settings = settings;
	c->uid = settings->first_uid + slot * BOX_CELLS_MAX + index;
	c->phase = CELL_MAKING;
	c->sock = c->pid_pipe = -1;
	for (size_t i = 0; i < PROFILES_MAX; i++)
		c->starters[i] = -1;
	c->aside = aside;
	c->since_us = aside ? 0 : clock_mono_us();
	c->broken = true;
	c->cores = sched_getaffinity(0, sizeof(cores), &cores) < 0 ? 1 : CPU_COUNT(&cores);
	c->state = mmap(NULL, sizeof(*c->state), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->state == MAP_FAILED) {
		free(c);
		return -ENOMEM;
	}
	r = cgroup_make(settings->cgroup, slot, index, &c->group, diag);
	if (r == 0)
		r = start_init(c, diag);
	if (r < 0)
		cell_free(c);
	else
		*ret = c;
	return r;
}

/* ----------------------------------------------------------------- for a run */

int cell_starter(struct cell *c, const struct profile *profile, struct diag *diag)
{
	int *ret = &c->starters[profile_index(profile)], pair[2], r;
	struct buf b = { 0 };

	if (*ret >= 0)
		return *ret;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return diag_fail(diag, -errno, "make a socket pair");
	c->broken = true;
	wire_put_int(&b, WIRE_STARTER);
	wire_put_int(&b, profile_index(profile));
	wire_put_int(&b, !cgroup_is_shared(c->group));
	r = wire_send(c->sock, &b, &pair[1], 1);
	io_close(pair[1]);
	if (r == 0)
		r = wire_expect(pair[0], WIRE_READY, diag);
	if (r < 0) {
		io_close(pair[0]);
		return r;
	}
	c->broken = false;
	c->nstarters++;
	*ret = pair[0];
	return *ret;
}

/* The clock of another process, as clock_getcpuclockid(3) makes it. */
static int64_t init_cpu_us(const struct cell *c)
{
	struct timespec t;

	if (!cgroup_is_shared(c->group))
		return 0;
	if (clock_gettime((clockid_t)(~(unsigned int)c->init << 3 | 2), &t) < 0)
		return -errno;
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static int64_t read_cpu_us(const struct cell *c, int64_t *ret_group, int64_t *ret_init)
{
	int64_t us;

	*ret_group = cgroup_cpu_us(c->group);
	*ret_init = init_cpu_us(c);
	if (*ret_group < 0 || *ret_init < 0)
		return -EIO;
	us = *ret_group - c->group_us - (*ret_init - c->init_us);
	return us > 0 ? us : 0;
}

int64_t cell_cpu_us(const struct cell *c)
{
	int64_t group, init;

	return read_cpu_us(c, &group, &init);
}

int64_t cell_take_cpu_us(struct cell *c)
{
	int64_t group, init, us = read_cpu_us(c, &group, &init);

	if (us >= 0 && cgroup_is_shared(c->group)) {
		c->group_us = group;
		c->init_us = init;
	}
	return us;
}

/* ---------------------------------------------------------------- its cleaning */

int cell_clean(struct cell *c, struct diag *diag)
{
	int r;

	if (c->broken)
		return diag_fail(diag, -EBADMSG, "its init does not answer");
	c->phase = CELL_CLEAN;
	c->rested = cgroup_rested(c->group);
	if (!scratch_used(c->scratch))
		return 0;
	r = cgroup_relax(c->group, diag);
	if (r < 0)
		return r;
	/* First ours, so that the last reference, and the work of removing all, is init's. */
	scratch_free(c->scratch);
	c->scratch = NULL;
	c->phase = CELL_CLEANING;
	c->broken = true;
	c->since_us = 0;
	c->aside = true;
	place_aside(c->init);
	r = wire_send_op(c->sock, WIRE_CLEAN);
	return r < 0 ? diag_fail(diag, r, "its init is gone") : 0;
}

static int bring_back(struct cell *c)
{
	int r = c->aside && c->init > 0 ? place_back(c->init) : 0;

	if (r == 0)
		c->aside = false;
	return r;
}

void cell_wanted(struct cell *c)
{
	if (c->since_us)
		return;
	join_launcher(c);
	bring_back(c);			/* cell_ready() looks whether that was possible */
	c->since_us = clock_mono_us();
}

static int read_ready(struct cell *c, struct diag *diag)
{
	struct msg m = { 0 };
	struct wire w;
	int64_t op;
	int r;

	r = msg_recv(c->sock, &m);
	if (r < 0)
		return diag_fail(diag, r, "its init is gone");
	w = wire_open(&m);
	op = wire_int(&w);
	if (op == WIRE_FAILED)
		r = wire_failure(&w, diag);
	else if (op != WIRE_READY || m.nfds != SCRATCH_FDS || c->scratch)
		r = diag_fail(diag, -EBADMSG, "its init makes no sense");
	if (r == 0) {
		r = scratch_new(m.fds, &c->scratch);
		if (r < 0)
			diag_fail(diag, r, "take the scratch space");
	}
	msg_release(&m);
	return r;
}

int cell_ready(struct cell *c, struct diag *diag)
{
	int r = read_ready(c, diag);

	if (r < 0)
		return r;
	if (c->phase == CELL_MAKING) {
		join_launcher(c);
		r = cgroup_settle(c->group, c->init, diag);
		if (r == 0 && cgroup_is_shared(c->group) && cell_take_cpu_us(c) < 0)
			r = diag_fail(diag, -EIO, "read the CPU time of the cell");
		if (r < 0)
			return r;
	}
	r = bring_back(c);
	if (r < 0)
		return diag_fail(diag, r, "make its init as urgent as it was");
	c->broken = false;
	c->phase = CELL_CLEAN;
	c->rested = cgroup_rested(c->group);
	return 0;
}

bool cell_rested(struct cell *c)
{
	c->rested = c->rested || cgroup_rested(c->group);
	return c->rested;
}

/* ---------------------------------------------------------------- its end */

static void close_all(struct cell *c)
{
	io_close(c->sock);
	c->sock = -1;
	for (size_t i = 0; i < PROFILES_MAX; i++) {
		io_close(c->starters[i]);
		c->starters[i] = -1;
	}
	scratch_free(c->scratch);
	c->scratch = NULL;
}

void cell_kill(struct cell *c)
{
	join_launcher(c);
	/* All of the cell dies with its init. */
	if (c->init > 0)
		kill(c->init, SIGKILL);
	bring_back(c);
	close_all(c);
	c->phase = CELL_ENDING;
}

bool cell_gone(struct cell *c, int timeout_ms)
{
	struct pollfd p = { .fd = -1, .events = POLLIN };

	if (c->init > 0 && timeout_ms > 0) {
		p.fd = pidfd_open(c->init, 0);
		poll(&p, 1, timeout_ms);
		io_close(p.fd);
	}
	if (c->init > 0 && waitpid(c->init, NULL, WNOHANG) == 0)
		return false;
	c->init = 0;
	return true;
}

void cell_free(struct cell *c)
{
	if (!c)
		return;
	join_launcher(c);
	close_all(c);
	cgroup_free(c->group);
	munmap(c->state, sizeof(*c->state));
	free(c);
}
