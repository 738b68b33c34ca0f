#include "sandbox/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "sandbox/ids.h"
#include "sandbox/init.h"
#include "sandbox/wire.h"

#define NAMESPACES	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
			 CLONE_NEWCGROUP)

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

int cell_new(const struct box_settings *settings, int slot, int index, struct cell **ret,
	     struct diag *diag)
{
	struct cell *c = calloc(1, sizeof(*c));
	cpu_set_t cores;
	int r;

	if (!c)
		return -ENOMEM;
	c->settings = settings;
	c->uid = settings->first_uid + slot * BOX_CELLS_MAX + index;
	c->sock = -1;
	for (size_t i = 0; i < PROFILES_MAX; i++)
		c->starters[i] = -1;
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
		r = cgroup_make(settings->cgroup, slot, index, &c->group, diag);
	if (r == 0)
		r = scratch_new(&c->scratch, diag);
	if (r == 0)
		r = start_init(c, diag);
	if (r == 0)
		r = cgroup_settle(c->group, c->init, diag);
	if (r == 0 && cgroup_is_shared(c->group) && cell_take_cpu_us(c) < 0)
		r = diag_fail(diag, -EIO, "read the CPU time of the cell");
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
	for (size_t i = 0; i < PROFILES_MAX; i++)
		io_close(c->starters[i]);
	scratch_free(c->scratch);
	cgroup_free(c->group);
	ids_release(c->lock, c->uid);
	munmap(c->state, sizeof(*c->state));
	free(c);
}

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
