#include "sandbox/init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "sandbox/caps.h"
#include "sandbox/inside.h"
#include "sandbox/mounts.h"
#include "sandbox/scratch.h"
#include "sandbox/starter.h"
#include "sandbox/syscalls.h"
#include "sandbox/wire.h"

#define MAX_PROBES	8	/* a runtime's start makes no more */
#define MAX_LISTENERS	16	/* one for each profile; or for the run, and one that ends just now */

struct init {
	int sock;
	int channel[2];		/* a filter's listener comes through it */
	int listeners[MAX_LISTENERS];
	size_t n;
	int proc;
	struct inner inner;
};

/* ------------------------------------------------------------- forbidden calls */

static int take_listener(struct init *i)
{
	struct msg m = { 0 };
	int r = msg_recv(i->channel[0], &m);

	if (r == 0 && (m.nfds != 1 || i->n == MAX_LISTENERS))
		r = -EBADMSG;
	if (r == 0) {
		i->listeners[i->n++] = m.fds[0];
		m.fds[0] = -1;
	}
	msg_release(&m);
	return r;
}

static void drop_listener(struct init *i, size_t at)
{
	io_close(i->listeners[at]);
	i->listeners[at] = i->listeners[--i->n];
}

/* The errno for a runtime's mere try, or 0. */
static int probe_error(const struct init *i, const struct seccomp_notif *n)
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

static void hear_filter(struct init *i, int listener)
{
	struct forbidden *forbidden = &i->inner.forbidden;
	struct seccomp_notif_resp answer = { 0 };
	struct seccomp_notif n = { 0 };

	/* ENOENT: the caller has been killed meanwhile. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
		return;
	answer.id = n.id;
	answer.error = forbidden->probes < MAX_PROBES ? -probe_error(i, &n) : 0;
	if (answer.error) {
		forbidden->probes++;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
		return;
	}
	if (forbidden->nr < 0) {
		forbidden->arch = n.data.arch;
		forbidden->nr = n.data.nr;
	}
	starter_kill_all();	/* and no answer ever */
}

/* ---------------------------------------------------------------- its life */

/* The cell is clean: judgefs-box gets the scratch space. */
static int tell_ready(struct init *i, int scratch[SCRATCH_FDS])
{
	struct buf b = { 0 };
	int r;

	wire_put_int(&b, WIRE_READY);
	r = wire_send(i->sock, &b, scratch, SCRATCH_FDS);
	scratch_close(scratch);
	return r;
}

static int clean(struct init *i)
{
	int scratch[SCRATCH_FDS] = { -1, -1, -1, -1 };
	struct diag diag = { 0 };
	int r = scratch_make(scratch, &diag);

	if (r == 0)
		r = mounts_scratch(scratch[0], &diag);
	if (r == 0)
		return tell_ready(i, scratch);
	scratch_close(scratch);
	return wire_send_failure(i->sock, r, &diag);
}

static int make_starter(struct init *i, struct wire *w, struct msg *m)
{
	const struct profile *profile = profile_at(wire_int(w));
	bool own_group = wire_int(w) != 0;
	int fd;

	if (!profile || wire_end(w) < 0 || m->nfds != 1)
		return -EBADMSG;
	fd = m->fds[0];
	m->fds[0] = -1;
	starter_new(&i->inner, profile, fd, own_group);	/* the end of @fd says as much */
	return 0;
}

/* The run may have ended by itself, or not have begun. */
static int kill_run(struct init *i, struct wire *w)
{
	int64_t number = wire_int(w);
	struct inner *inner = &i->inner;

	if (wire_end(w) < 0)
		return -EBADMSG;
	pthread_mutex_lock(&inner->lock);
	inner->killed = number;
	if (inner->run == number)
		starter_kill_all();
	pthread_mutex_unlock(&inner->lock);
	return 0;
}

static int hear(struct init *i)
{
	struct msg m = { 0 };
	struct wire w;
	int r = msg_recv(i->sock, &m);

	if (r < 0)
		return r;
	w = wire_open(&m);
	switch (wire_int(&w)) {
	case WIRE_STARTER:
		r = make_starter(i, &w, &m);
		break;
	case WIRE_CLEAN:
		r = clean(i);
		break;
	case WIRE_KILL:
		r = kill_run(i, &w);
		break;
	default:
		r = -EBADMSG;
	}
	msg_release(&m);
	return r;
}

static int serve(struct init *i)
{
	struct pollfd p[2 + MAX_LISTENERS] = {
		{ .fd = i->sock, .events = POLLIN },
		{ .fd = i->channel[0], .events = POLLIN },
	};
	size_t n = i->n;
	int r = 0;

	for (size_t k = 0; k < n; k++)
		p[2 + k] = (struct pollfd){ .fd = i->listeners[k], .events = POLLIN };
	if (poll(p, 2 + n, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	for (size_t k = n; k-- > 0;) {
		if (p[2 + k].revents & POLLIN) {
			pthread_mutex_lock(&i->inner.lock);
			hear_filter(i, i->listeners[k]);
			pthread_mutex_unlock(&i->inner.lock);
		} else if (p[2 + k].revents) {
			drop_listener(i, k);
		}
	}
	if (p[1].revents)
		r = take_listener(i);
	return r == 0 && p[0].revents ? hear(i) : r;
}

/* Nothing that judgefs-box has open, but this one and its stderr. */
static int keep_only(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		return -errno;
	if ((fd > 3 && close_range(3, fd - 1, 0) < 0) || close_range(fd + 1, ~0U, 0) < 0)
		return -errno;
	return 0;
}

static int open_oom_score(struct init *i)
{
	struct inner *inner = &i->inner;
	ssize_t n;

	inner->oom = openat(i->proc, "self/oom_score_adj", O_RDWR | O_CLOEXEC);
	if (inner->oom < 0)
		return -errno;
	n = io_read(inner->oom, inner->oom_score, sizeof(inner->oom_score) - 1);
	return n < 0 ? n : 0;
}

static int set_up(struct init *i, const struct box_settings *settings, int scratch[SCRATCH_FDS],
		  struct diag *diag)
{
	sigset_t none;
	int r;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	r = keep_only(i->sock);
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
	r = scratch_make(scratch, diag);
	if (r == 0)
		r = mounts_build(&settings->binds, scratch[0], i->inner.uid, &i->proc, diag);
	if (r < 0)
		return r;
	umask(022);
	r = inside_prepare();
	if (r < 0)
		return diag_fail(diag, r, "set resource limits");
	r = open_oom_score(i);
	if (r < 0)
		return diag_fail(diag, r, "open oom_score_adj");
	r = caps_trim();
	if (r < 0)
		return diag_fail(diag, r, "drop capabilities");
	/* Last, since a change of rights takes it back. Were judgefs-box dead already, its
	 * socket would say so. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return diag_fail(diag, -errno, "die with judgefs-box");
	return 0;
}

int namespaces_read(struct namespaces *ret)
{
	static const char *const names[NAMESPACES] = { "mnt", "pid", "net", "ipc", "uts", "cgroup" };

	for (size_t k = 0; k < NAMESPACES; k++) {
		char path[32];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[k]);
		if (stat(path, &st) < 0)
			return -errno;
		ret->v[k] = st.st_ino;
	}
	return 0;
}

/* A tracer or a filter above us may have made up that there are new ones. Then all that follows
 * would be done to the host. */
static int all_new(const struct namespaces *outside, struct diag *diag)
{
	struct namespaces own;
	int r = namespaces_read(&own);
	bool new = getpid() == 1;

	if (r < 0)
		return diag_fail(diag, r, "look at the namespaces in /proc");
	for (size_t k = 0; k < NAMESPACES; k++)
		new = new && own.v[k] != outside->v[k];
	return new ? 0 : diag_fail(diag, -EPERM, "the cell has no namespaces of its own");
}

void init_main(const struct box_settings *settings, const struct namespaces *outside,
	       uid_t uid, int sock, struct inside_state *state)
{
	struct init i = { .sock = sock, .channel = { -1, -1 }, .proc = -1,
			  .inner = { .uid = uid, .oom = -1, .state = state } };
	int scratch[SCRATCH_FDS] = { -1, -1, -1, -1 };
	struct diag diag = { 0 };
	int r;

	pthread_mutex_init(&i.inner.lock, NULL);
	r = all_new(outside, &diag);
	if (r == 0)
		r = set_up(&i, settings, scratch, &diag);
	if (r < 0) {
		wire_send_failure(sock, r, &diag);
		_exit(1);
	}
	i.inner.channel = i.channel[1];
	r = tell_ready(&i, scratch);
	while (r == 0)
		r = serve(&i);
	_exit(0);
}
