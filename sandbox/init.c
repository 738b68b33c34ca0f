/*
 * START	profile, argv, env, mask of descriptors (program, stdin, stdout, stderr, leaf of
 *		the group), output cpu memory processes, whether to hold the streams until the end
 * DONE		enum init_end, exit status | signal | errno, step that failed, architecture and
 *		number of a forbidden call (-1: none), wall us, us of CPU that init itself used
 */
#include "sandbox/init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/caps.h"
#include "sandbox/inside.h"
#include "sandbox/mounts.h"
#include "sandbox/syscalls.h"
#include "sandbox/wire.h"

struct init {
	int sock;
	int channel[2];		/* a child sends its filter's listener through it */
	int proc;
	uid_t uid;
	struct inside_state *state;
};

struct forbidden {
	uint32_t arch;
	int nr;			/* -1: none */
	int probes;		/* how many were answered */
};

#define MAX_PROBES	8	/* a runtime's start makes no more */

/* ------------------------------------------------------------------ one run */

static int64_t own_cpu_us(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

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

/* A fork, not a vfork, since libc has no call for it: v2 only. */
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

/* The child has sent it before it executed the program, or has failed before. */
static int take_listener(struct init *i)
{
	struct pollfd p = { .fd = i->channel[0], .events = POLLIN };
	struct msg m = { 0 };
	int fd = -1;

	if (poll(&p, 1, 0) == 1 && msg_recv(i->channel[0], &m) == 0 && m.nfds == 1) {
		fd = m.fds[0];
		m.fds[0] = -1;
	}
	msg_release(&m);
	return fd;
}

static void kill_all(void)
{
	kill(-1, SIGKILL);
}

/* Every process but init; the first one's end is what counts and was taken before. */
static void sweep(void)
{
	do {
		kill_all();
	} while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR);
}

/* The errno for a runtime's mere try, or 0. */
static int probe_error(struct init *i, const struct seccomp_notif *n)
{
	char path[32], exe[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "%u/exe", n->pid);
	len = readlinkat(i->proc, path, exe, sizeof(exe) - 1);
	if (len < 0)
		return 0;
	exe[len] = '\0';
	return syscalls_probe(n->data.arch, n->data.nr, exe);
}

static void hear_filter(struct init *i, int listener, struct forbidden *ret)
{
	struct seccomp_notif_resp answer = { 0 };
	struct seccomp_notif n = { 0 };

	/* ENOENT: the caller has been killed meanwhile. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
		return;
	answer.id = n.id;
	answer.error = ret->probes < MAX_PROBES ? -probe_error(i, &n) : 0;
	if (answer.error) {
		ret->probes++;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
		return;
	}
	if (ret->nr < 0) {
		ret->arch = n.data.arch;
		ret->nr = n.data.nr;
	}
	kill_all();		/* and no answer ever */
}

/* When judgefs-box is gone the cell ends with init. */
static void hear(struct init *i, struct msg *held)
{
	struct msg m = { 0 };
	struct wire w;

	if (msg_recv(i->sock, &m) < 0)
		_exit(0);
	w = wire_open(&m);
	if (wire_int(&w) == WIRE_LET_GO)
		msg_release(held);
	else
		kill_all();
	msg_release(&m);
}

static int watch(struct init *i, pid_t pid, int listener, struct msg *held, siginfo_t *ret,
		 struct forbidden *bad)
{
	int pidfd = pidfd_open(pid, 0), r = pidfd < 0 ? -errno : 0;
	struct pollfd p[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = listener, .events = POLLIN },
		{ .fd = i->sock, .events = POLLIN },
	};

	while (r == 0) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			r = -errno;
		if (p[1].revents & POLLIN)
			hear_filter(i, listener, bad);
		else if (p[1].revents)
			p[1].fd = -1;
		if (p[0].revents) {
			r = waitid(P_PIDFD, pidfd, ret, WEXITED) < 0 ? -errno : 0;
			break;
		}
		if (p[2].revents)
			hear(i, held);
	}
	io_close(pidfd);
	return r;
}

static int reply(struct init *i, enum init_end end, int code, const char *step,
		 const struct forbidden *bad, int64_t wall_us, int64_t cpu_us)
{
	struct buf b = { 0 };

	wire_put_int(&b, WIRE_DONE);
	wire_put_int(&b, end);
	wire_put_int(&b, code);
	wire_put_text(&b, step);
	wire_put_int(&b, bad->arch);
	wire_put_int(&b, bad->nr);
	wire_put_int(&b, wall_us);
	wire_put_int(&b, cpu_us);
	return wire_send(i->sock, &b, NULL, 0);
}

/*
 * @held has our copies of the descriptors. A pipe of ours outlives the program's: so when others
 * are to see its end, our clock has seen it before them.
 */
static int run(struct init *i, struct inside *in, int leaf, struct msg *held, bool hold)
{
	struct forbidden bad = { .nr = -1 };
	int64_t cpu = own_cpu_us(), start = clock_mono_us(), wall;
	struct inside_state *state = i->state;
	enum init_end end;
	siginfo_t info;
	int listener, code, r;
	pid_t pid;

	state->step = "fork";
	state->error = 0;
	state->started_us = start;
	pid = spawn(in, leaf);
	if (pid < 0)
		return reply(i, INIT_BROKEN, errno, state->step, &bad, 0, 0);
	if (!hold)
		msg_release(held);
	listener = take_listener(i);
	r = watch(i, pid, listener, held, &info, &bad);
	wall = clock_mono_us() - start;
	msg_release(held);
	sweep();
	io_close(listener);
	if (r < 0)
		return reply(i, INIT_BROKEN, -r, "wait", &bad, 0, 0);

	end = info.si_code == CLD_EXITED ? INIT_EXITED : INIT_SIGNALED;
	code = info.si_status;
	if (state->error) {
		end = strcmp(state->step, INSIDE_EXEC) == 0 ? INIT_NOT_EXECUTED : INIT_BROKEN;
		code = state->error;
	}
	return reply(i, end, code, state->step, &bad, wall, own_cpu_us() - cpu);
}

static int start(struct init *i, struct wire *w, struct msg *m)
{
	struct strv argv = { 0 }, env = { 0 }, paths = { 0 };
	int fd[5] = { -1, -1, -1, -1, -1 };
	struct inside in = { .proc = i->proc, .channel = i->channel[1], .uid = i->uid,
			     .state = i->state };
	size_t next = 0;
	int64_t mask;
	bool hold;
	int r;

	in.profile = profile_at(wire_int(w));
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
	hold = wire_int(w) != 0;
	if (r == 0)
		r = in.profile && argv.n > 0 ? wire_end(w) : -EBADMSG;
	if (r == 0)
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
		r = run(i, &in, fd[4], m, hold);
	}
	strv_release(&argv);
	strv_release(&env);
	strv_release(&paths);
	return r;
}

/* ---------------------------------------------------------------- its life */

static int change_scratch(struct init *i, struct msg *m)
{
	struct diag diag = { 0 };
	int r = m->nfds == 1 ? mounts_scratch(m->fds[0], &diag) : -EBADMSG;

	return r < 0 ? wire_send_failure(i->sock, r, &diag) : wire_send_op(i->sock, WIRE_READY);
}

static int serve(struct init *i)
{
	struct msg m = { 0 };
	struct wire w;
	int r = msg_recv(i->sock, &m);

	if (r < 0)
		return r;
	w = wire_open(&m);
	switch (wire_int(&w)) {
	case WIRE_START:
		r = start(i, &w, &m);
		break;
	case WIRE_SCRATCH:
		r = change_scratch(i, &m);
		break;
	case WIRE_LET_GO:
	case WIRE_KILL:			/* what it was for has ended by itself */
		break;
	default:
		r = -EBADMSG;
	}
	msg_release(&m);
	return r;
}

/* Nothing that judgefs-box has open, but the two and its stderr. */
static int keep_only(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		return -errno;
	if ((low > 3 && close_range(3, low - 1, 0) < 0) ||
	    (high > low + 1 && close_range(low + 1, high - 1, 0) < 0) ||
	    close_range(high + 1, ~0U, 0) < 0)
		return -errno;
	return 0;
}

static int set_up(struct init *i, const struct box_settings *settings, int scratch,
		  struct diag *diag)
{
	sigset_t none;
	int r;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	r = keep_only(i->sock, scratch);
	if (r < 0)
		return diag_fail(diag, r, "close descriptors");
	setsid();
	if (sethostname("box", 3) < 0 || setdomainname("", 0) < 0)
		return diag_fail(diag, -errno, "name the cell");
	/* The keys of whoever started us; kernels without keys have none to hide. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return diag_fail(diag, -errno, "leave the session's keyring");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, i->channel) < 0)
		return diag_fail(diag, -errno, "make a socket pair");
	r = mounts_build(&settings->binds, scratch, i->uid, &i->proc, diag);
	io_close(scratch);
	if (r < 0)
		return r;
	r = inside_prepare();
	if (r < 0)
		return diag_fail(diag, r, "set resource limits");
	r = caps_trim();
	if (r < 0)
		return diag_fail(diag, r, "drop capabilities");
	/* Last, since a change of rights takes it back. Were judgefs-box dead already, its
	 * socket would say so. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return diag_fail(diag, -errno, "die with judgefs-box");
	return 0;
}

void init_main(const struct box_settings *settings, uid_t uid, int sock, int scratch,
	       struct inside_state *state)
{
	struct init i = { .sock = sock, .channel = { -1, -1 }, .proc = -1, .uid = uid,
			  .state = state };
	struct diag diag = { 0 };
	int r = set_up(&i, settings, scratch, &diag);

	if (r < 0) {
		wire_send_failure(sock, r, &diag);
		_exit(1);
	}
	r = wire_send_op(sock, WIRE_READY);
	while (r == 0)
		r = serve(&i);
	_exit(0);
}
