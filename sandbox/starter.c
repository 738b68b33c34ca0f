/*
 * START	number, argv, env, mask of descriptors (program, stdin, stdout, stderr, group to be
 *		cloned into), output cpu memory processes
 * DONE		enum starter_end, exit status | signal | errno, step that failed, architecture and
 *		number of a forbidden call (-1: none), wall us
 */
#include "sandbox/starter.h"

#include <errno.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/wire.h"

#define STACK_BYTES	(256 << 10)
#define OOM_FIRST	"1000"

struct starter {
	struct inner *inner;
	const struct profile *profile;
	int sock;
	bool own_group;
};

/* The paths to try for argv[0]: as a shell would, then the box. */
static int find_paths(const struct strv *argv, const struct strv *env, struct strv *ret)
{
	const char *name = argv->v[0], *path = "";
	char full[PATH_MAX];
	int r = 0;

	if (strchr(name, '/'))
		return strv_add(ret, name);
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], "PATH=", 5) == 0)
			path = env->v[i] + 5;
	while (*path && r == 0) {
		size_t len = strcspn(path, ":");

		if (len > 0 && snprintf(full, sizeof(full), "%.*s/%s", (int)len, path, name) <
		    (int)sizeof(full))
			r = strv_add(ret, full);
		path += len;
		path += *path == ':';
	}
	if (r == 0 && snprintf(full, sizeof(full), BOX_DIR "/%s", name) < (int)sizeof(full))
		r = strv_add(ret, full);
	return r;
}

/* ------------------------------------------------------------------ one run */

int starter_kill_all(void)
{
	return kill(-1, SIGKILL);
}

/* Every process but init; the first one's end is what counts and was taken before. Mostly there
 * is none. That init has no child says so: orphans would be its own. */
static void sweep(void)
{
	if (waitpid(-1, NULL, __WALL | WNOHANG) < 0 && errno == ECHILD)
		return;
	do {
		starter_kill_all();
	} while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR);
}

/* A fork, not a vfork, since libc has no call for it. */
static pid_t clone_into(int leaf)
{
	struct clone_args args = {
		.flags = CLONE_VFORK | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = leaf,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static pid_t spawn(const struct inside *in, int leaf)
{
	pid_t pid = leaf >= 0 ? clone_into(leaf) : vfork();

	if (pid == 0)
		inside_enter(in);
	return pid;
}

static int set_oom_score(const struct inner *i, const char *score)
{
	return io_pwrite(i->oom, score, strlen(score), 0);
}

/* When the group is out of memory the run is to die, not init, whatever their sizes. So it is
 * born while init's own score is the worst there is, which takes no open of a file of its own.
 * The program can not undo it: its own /proc is read-only. */
static pid_t spawn_first_to_die(const struct inner *i, const struct inside *in, int leaf)
{
	int r = set_oom_score(i, OOM_FIRST), error;
	pid_t pid;

	if (r < 0) {
		errno = -r;
		return -1;
	}
	pid = spawn(in, leaf);
	error = errno;
	r = set_oom_score(i, i->oom_score);
	errno = error;
	if (r < 0)
		_exit(1);		/* an init that may die any time is of no use */
	return pid;
}

/* Orphans that end meanwhile are reaped with it. */
static int wait_for(pid_t pid, int *ret_status)
{
	pid_t got;

	while ((got = waitpid(-1, ret_status, __WALL)) != pid)
		if (got < 0 && errno != EINTR)
			return -errno;
	return 0;
}

static void begin_run(struct inner *i, int64_t number)
{
	pthread_mutex_lock(&i->lock);
	i->run = number;
	i->forbidden = (struct forbidden){ .nr = -1 };
	pthread_mutex_unlock(&i->lock);
}

/* KILL may have come before there was anything to kill. */
static void kill_late(struct inner *i)
{
	pthread_mutex_lock(&i->lock);
	if (i->killed == i->run)
		starter_kill_all();
	pthread_mutex_unlock(&i->lock);
}

/* From here on neither KILL nor a forbidden call of this run can reach the next. */
static struct forbidden end_run(struct inner *i)
{
	struct forbidden forbidden;

	pthread_mutex_lock(&i->lock);
	i->run = 0;
	forbidden = i->forbidden;
	pthread_mutex_unlock(&i->lock);
	return forbidden;
}

static int reply(const struct starter *s, enum starter_end end, int code,
		 const struct forbidden *forbidden, int64_t wall_us)
{
	struct buf b = { 0 };

	wire_put_int(&b, WIRE_DONE);
	wire_put_int(&b, end);
	wire_put_int(&b, code);
	wire_put_text(&b, s->inner->state->step);
	wire_put_int(&b, forbidden->arch);
	wire_put_int(&b, forbidden->nr);
	wire_put_int(&b, wall_us);
	return wire_send(s->sock, &b, NULL, 0);
}

/* @m has our copies of the descriptors. */
static int run(struct starter *s, const struct inside *in, int leaf, int64_t number, struct msg *m)
{
	struct inner *i = s->inner;
	struct inside_state *state = i->state;
	struct forbidden forbidden;
	enum starter_end end;
	int64_t start, wall;
	int status = 0, code, r;
	pid_t pid;

	begin_run(i, number);
	state->step = "fork";
	state->error = 0;
	start = clock_mono_us();
	state->started_us = start;
	pid = spawn_first_to_die(i, in, leaf);
	r = pid < 0 ? -errno : 0;
	msg_release(m);		/* a pipe's other end shall see that the program is gone */
	kill_late(i);
	if (r == 0) {
		r = wait_for(pid, &status);
		if (r < 0)
			state->step = "wait";
	}
	wall = clock_mono_us() - start;
	sweep();
	forbidden = end_run(i);
	if (r < 0)
		return reply(s, RUN_BROKEN, -r, &forbidden, 0);

	end = WIFEXITED(status) ? RUN_EXITED : RUN_SIGNALED;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	if (state->error) {
		end = strcmp(state->step, INSIDE_EXEC) == 0 ? RUN_NOT_EXECUTED : RUN_BROKEN;
		code = state->error;
	}
	return reply(s, end, code, &forbidden, wall);
}

static int start(struct starter *s, struct wire *w, struct msg *m)
{
	struct strv argv = { 0 }, env = { 0 }, paths = { 0 };
	int fd[5] = { -1, -1, -1, -1, -1 };
	struct inside in = { .profile = s->profile, .channel = s->inner->channel,
			     .uid = s->inner->uid, .state = s->inner->state,
			     .inherits = !s->own_group };
	size_t next = 0;
	int64_t number, mask;
	int r;

	number = wire_int(w);
	r = wire_words(w, &argv);
	if (r == 0)
		r = wire_words(w, &env);
	mask = wire_int(w);
	for (size_t k = 0; k < ARRAY_SIZE(fd); k++)
		if (mask & 1 << k && next < m->nfds)
			fd[k] = m->fds[next++];
	in.output_bytes = wire_int(w);
	in.cpu_us = wire_int(w);
	in.memory_bytes = wire_int(w);
	in.processes = wire_int(w);
	if (r == 0)
		r = argv.n > 0 && (fd[4] >= 0) == s->own_group ? wire_end(w) : -EBADMSG;
	if (r == 0 && fd[0] < 0)
		r = find_paths(&argv, &env, &paths);
	if (r == 0) {
		static char *none[] = { NULL };

		in.argv = argv.v;
		in.env = env.n ? env.v : none;
		in.paths = paths.v;
		in.exe = fd[0];
		in.in = fd[1];
		in.out = fd[2];
		in.err = fd[3];
		r = run(s, &in, fd[4], number, m);
	}
	strv_release(&argv);
	strv_release(&env);
	strv_release(&paths);
	return r;
}

/* ---------------------------------------------------------------- its life */

static int serve(struct starter *s)
{
	struct msg m = { 0 };
	struct wire w;
	int r = msg_recv(s->sock, &m);

	if (r < 0)
		return r;
	w = wire_open(&m);
	r = wire_int(&w) == WIRE_START ? start(s, &w, &m) : -EBADMSG;
	msg_release(&m);
	return r;
}

static int become(const struct starter *s, struct diag *diag)
{
	const struct inside in = { .profile = s->profile, .channel = s->inner->channel,
				   .uid = s->inner->uid, .inherits = true };
	const char *step = "";
	int r = s->own_group ? 0 : inside_lasting(&in, &step);

	return r < 0 ? diag_fail(diag, r, "prepare runs of profile %s: %s", s->profile->name, step) :
	       0;
}

static void *live(void *arg)
{
	struct starter *s = arg;
	struct diag diag = { 0 };
	int r = become(s, &diag);

	if (r < 0) {
		/* What is left of the rights of this thread nobody knows. */
		wire_send_failure(s->sock, r, &diag);
		_exit(1);
	}
	r = wire_send_op(s->sock, WIRE_READY);
	while (r == 0)
		r = serve(s);
	_exit(0);
}

/* A signal from inside is lost on process 1 as long as there is no handler; libc has some of its
 * own once there are threads, and a sanitizer has. */
static void take_handlers_away(void)
{
	struct { void (*handler)(int); unsigned long flags; void *restorer; uint64_t mask; } none = {
		.handler = SIG_DFL,
	};

	for (int sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, &none, NULL, sizeof(none.mask));
}

int starter_new(struct inner *inner, const struct profile *profile, int sock, bool own_group)
{
	struct starter *s = malloc(sizeof(*s));
	pthread_attr_t attr;
	pthread_t thread;
	int r = s ? 0 : -ENOMEM;

	if (r == 0) {
		*s = (struct starter){ inner, profile, sock, own_group };
		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, STACK_BYTES);
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		r = -pthread_create(&thread, &attr, live, s);
		pthread_attr_destroy(&attr);
		take_handlers_away();
	}
	if (r < 0) {
		free(s);
		io_close(sock);
	}
	return r;
}
