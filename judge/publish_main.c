/*
 * judgefs-publish - what came of a submission is written through the front door
 *
 *	judgefs-publish --state FD --mount PATH --user NAME
 *
 * The kernel then breaks NFS delegations, sends inotify events and updates its
 * caches by itself. Students' folders are 0700 under default_permissions, so
 * this needs CAP_DAC_READ_SEARCH; hence it sees nothing but the mount: it is its root,
 * and no descriptor leads out of it. When the scheduler is gone it ends, and the
 * supervisor starts another.
 *
 * A student can make the kernel hang whoever enters their folder, for as long as they like.
 * So this process never touches the mount: it hands each frame to an idle child, and there
 * are as many of these as frames may be under way. Processes and not threads, since one that
 * hangs can not even be killed, and would keep the whole program from ending.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/root.h"
#include "base/units.h"
#include "judge/link.h"
#include "judge/store.h"

#define CONNECT_US	INT64_C(30000000)

/* ------------------------------------------------------------- confinement */

/* The mount becomes the root of a mount namespace in which there is nothing else. */
static int confine_mounts(const char *mount_path, struct diag *diag)
{
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return diag_fail(diag, -errno, "a mount namespace");
	r = root_private(diag);
	if (r < 0)
		return r;
	if (mount(mount_path, mount_path, NULL, MS_BIND, NULL) < 0 || chdir(mount_path) < 0)
		return diag_fail(diag, -errno, "enter %s", mount_path);
	/* A judge that is mounted read-only is so for its users. */
	if (mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return diag_fail(diag, -errno, "make %s writable", mount_path);
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
	    chdir("/") < 0)
		return diag_fail(diag, -errno, "make %s the root", mount_path);
	return 0;
}

static int confine_user(const struct passwd *pw, struct diag *diag)
{
	static const cap_value_t kept[] = { CAP_DAC_READ_SEARCH };
	cap_t caps = NULL;
	int r = 0;

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return diag_fail(diag, -errno, "drop capabilities");
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return diag_fail(diag, -errno, "become %s", pw->pw_name);
	caps = cap_init();
	if (caps == NULL || cap_set_flag(caps, CAP_PERMITTED, 1, kept, CAP_SET) < 0 ||
	    cap_set_flag(caps, CAP_EFFECTIVE, 1, kept, CAP_SET) < 0 || cap_set_proc(caps) < 0)
		r = diag_fail(diag, -errno, "keep CAP_DAC_READ_SEARCH alone");
	cap_free(caps);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = diag_fail(diag, -errno, "no_new_privs");
	return r;
}

/* Neither a change of the user nor a fork keeps what ends us with our parent. */
static int die_with_parent(pid_t parent, struct diag *diag)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return diag_fail(diag, -errno, "die with the parent");
	return getppid() == parent ? 0 : diag_fail(diag, -ESRCH, "the parent is gone");
}

/* Nothing that leads out may stay open. */
static int keep_only(int fd, struct diag *diag)
{
	if (close_range(3, fd - 1, 0) < 0 || close_range(fd + 1, ~0U, 0) < 0)
		return diag_fail(diag, -errno, "close what is open");
	return 0;
}

static int confine(const char *mount_path, const char *user, int keep, struct diag *diag)
{
	const struct passwd *pw = getpwnam(user);
	pid_t parent = getppid();
	int r;

	if (pw == NULL)
		return diag_fail(diag, -ENOENT, "user '%s'", user);
	r = confine_mounts(mount_path, diag);
	if (r == 0)
		r = confine_user(pw, diag);
	if (r == 0)
		r = die_with_parent(parent, diag);
	return r == 0 ? keep_only(keep, diag) : r;
}

/* ------------------------------------------------------------- writing */

/* The one with "final" last: who waits for that finds all there. */
static const char *const suffixes[] = { "compile.txt", "verdict", "result.json" };

static int result_write(int root, const char *path, const char *text, uint64_t submission,
			bool final)
{
	size_t len = strlen(text);
	int fd, r = 0;

	fd = io_open_beneath(root, path, O_WRONLY, 0);
	if (fd < 0)
		return fd;
	if (submission != 0 && ioctl(fd, RESULT_IOC_FOR, &submission) < 0)
		r = -errno;
	if (r == 0)
		r = io_pwrite(fd, text, len, 0);
	if (r == 0 && ftruncate(fd, len) < 0)
		r = -errno;
	if (r == 0 && final && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

/* The source was removed, or has a younger content by now: there is nothing to show. */
static bool superseded(int r)
{
	return r == -ENOENT || r == -ESTALE;
}

static int publish_texts(int root, const json_t *o, const char *folder, struct diag *diag)
{
	const json_t *texts = json_object_get(o, "texts");
	int64_t id = json_integer_value(json_object_get(o, "id"));
	bool final = json_is_true(json_object_get(o, "final"));

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		const char *text = json_string_value(json_object_get(texts, suffixes[i]));
		struct buf path = { 0 };
		int r;

		if (text == NULL)
			continue;
		buf_printf(&path, "%s.%s", folder, suffixes[i]);
		r = path.failed ? -ENOMEM : result_write(root, path.data, text, id, final);
		if (r < 0 && !superseded(r))
			diag_fail(diag, r, "write %s", buf_text(&path));
		buf_release(&path);
		if (r < 0)
			return superseded(r) ? 0 : r;
	}
	return 0;
}

static int publish_submission(int root, const json_t *o, struct diag *diag)
{
	const char *user = json_string_value(json_object_get(o, "user"));
	const char *problem = json_string_value(json_object_get(o, "problem"));
	const char *name = json_string_value(json_object_get(o, "name"));
	struct buf path = { 0 };
	int r;

	if (user == NULL || problem == NULL || name == NULL)
		return diag_fail(diag, -EBADMSG, "a frame without user, problem or name");
	buf_printf(&path, "users/%s/%s/sub/", user, problem);
	r = link_unhex(name, &path);
	if (r == 0)
		r = publish_texts(root, o, path.data, diag);
	else
		diag_fail(diag, r, "a frame with a bad name");
	buf_release(&path);
	return r;
}

static int publish(int root, const json_t *o, struct diag *diag)
{
	const char *name = json_string_value(json_object_get(o, "root"));
	const char *text = json_string_value(json_object_get(o, "text"));
	int r;

	if (name == NULL)
		return publish_submission(root, o, diag);
	r = text != NULL ? result_write(root, name, text, 0, false) : -EBADMSG;
	return r < 0 ? diag_fail(diag, r, "write %s", name) : 0;
}

static int answer(int sock, const json_t *o, int published, const struct diag *diag)
{
	const char *name = json_string_value(json_object_get(o, "root"));
	struct buf frame = { 0 };
	int r;

	buf_printf(&frame, "{\"op\":\"published\",\"id\":%" PRId64 ",\"change\":%" PRId64,
		   (int64_t)json_integer_value(json_object_get(o, "id")),
		   (int64_t)json_integer_value(json_object_get(o, "change")));
	if (name != NULL) {
		buf_puts(&frame, ",\"root\":");
		buf_json(&frame, name);
	}
	if (published < 0) {
		buf_puts(&frame, ",\"failed\":");
		buf_json(&frame, diag->text);
	}
	buf_puts(&frame, "}");
	r = frame.failed ? -ENOMEM : link_send(sock, frame.data, frame.len);
	buf_release(&frame);
	return r;
}

/* ------------------------------------------------------------- writers */

static int write_all(int sock, struct diag *diag)
{
	int root = -1, r;

	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return diag_fail(diag, -errno, "open the root");
	for (;;) {
		struct diag why = { "" };
		json_t *o = NULL;

		r = link_recv(sock, &o, diag);
		if (r < 0)
			break;
		r = answer(sock, o, publish(root, o, &why), &why);
		json_decref(o);
		if (r < 0)
			break;
	}
	io_close(root);
	return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

/* What ends it is told by its parent, when there is one left. */
static void writer_main(int sock, pid_t parent)
{
	struct diag diag = { "" };
	int r;

	r = die_with_parent(parent, &diag);
	if (r == 0)
		r = keep_only(sock, &diag);
	if (r == 0)
		r = write_all(sock, &diag);
	if (r < 0)
		log_error("%s", diag.text[0] != '\0' ? diag.text : strerror(-r));
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

struct writer {
	struct link link;
	bool busy;		/* with a frame that it has not answered */
};

struct publisher {
	struct link sched;
	struct writer writers[LINK_WRITERS];	/* made at need, and kept */
	size_t nwriters;
};

static int writer_start(struct writer *w, struct diag *diag)
{
	pid_t pid, parent = getpid();
	int socks[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks) < 0)
		return diag_fail(diag, -errno, "a pair of sockets");
	pid = fork();
	if (pid == 0)
		writer_main(socks[1], parent);
	io_close(socks[1]);
	if (pid < 0) {
		io_close(socks[0]);
		return diag_fail(diag, -errno, "start a writer");
	}
	link_init(&w->link, socks[0]);
	w->busy = false;
	return 0;
}

static int writer_idle(struct publisher *p, struct writer **ret, struct diag *diag)
{
	size_t i = 0;
	int r;

	while (i < p->nwriters && p->writers[i].busy)
		i++;
	if (i == LINK_WRITERS)
		return diag_fail(diag, -EBADMSG, "more frames than may be under way");
	if (i == p->nwriters) {
		r = writer_start(&p->writers[i], diag);
		if (r < 0)
			return r;
		p->nwriters++;
	}
	*ret = &p->writers[i];
	return 0;
}

/* ------------------------------------------------------------- between them and the scheduler */

static int pass_on(struct link *to, const json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	int r = text != NULL ? link_put(to, text, strlen(text)) : -ENOMEM;

	free(text);
	return r;
}

/* -EPIPE: the scheduler is gone. */
static int hear_sched(struct publisher *p, struct diag *diag)
{
	int end = link_fill(&p->sched), r;
	struct writer *w = NULL;
	json_t *o = NULL;

	while ((r = link_next(&p->sched, &o)) > 0) {
		r = writer_idle(p, &w, diag);
		if (r == 0) {
			w->busy = true;
			r = pass_on(&w->link, o);
			if (r < 0)
				r = diag_fail(diag, -EIO, "tell a writer");
		}
		json_decref(o);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : end;
}

static int hear_writer(struct publisher *p, struct writer *w, struct diag *diag)
{
	int end = link_fill(&w->link), r;
	json_t *o = NULL;

	while ((r = link_next(&w->link, &o)) > 0) {
		w->busy = false;
		r = pass_on(&p->sched, o);
		json_decref(o);
		if (r < 0)
			return r;
	}
	/* What it had in hand is sent again to our successor. */
	return r < 0 || end < 0 ? diag_fail(diag, -EIO, "a writer has died") : 0;
}

static struct pollfd link_event(const struct link *l)
{
	return (struct pollfd){
		.fd = l->fd, .events = POLLIN | (link_waiting(l) ? POLLOUT : 0),
	};
}

static int publish_turn(struct publisher *p, struct diag *diag)
{
	struct pollfd fds[1 + LINK_WRITERS];
	size_t n = p->nwriters;
	int r = 0;

	fds[0] = link_event(&p->sched);
	for (size_t i = 0; i < n; i++)
		fds[1 + i] = link_event(&p->writers[i].link);
	if (poll(fds, 1 + n, -1) < 0)
		return errno == EINTR ? 0 : diag_fail(diag, -errno, "wait");
	for (size_t i = 0; i < n && r == 0; i++) {
		struct writer *w = &p->writers[i];

		if (fds[1 + i].revents & POLLOUT && link_flush(&w->link) < 0)
			r = diag_fail(diag, -EIO, "tell a writer");
		if (r == 0 && fds[1 + i].revents & (POLLIN | POLLHUP | POLLERR))
			r = hear_writer(p, w, diag);
	}
	if (r == 0 && fds[0].revents & POLLOUT)
		r = link_flush(&p->sched);
	if (r == 0 && fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		r = hear_sched(p, diag);
	return r;
}

static int publish_all(int sock, struct diag *diag)
{
	struct publisher p = { .nwriters = 0 };
	int r = 0;

	link_init(&p.sched, sock);
	while (r == 0)
		r = publish_turn(&p, diag);
	/* The scheduler is gone: so is our way to the next one. */
	return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

static void on_term(int signal)
{
	(void)signal;
	_exit(0);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "state", required_argument, NULL, 's' },
		{ "mount", required_argument, NULL, 'm' },
		{ "user", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	struct sigaction term = { .sa_handler = on_term };
	const char *mount_path = NULL, *user = NULL;
	struct diag diag = { "" };
	int64_t state = -1;
	int c, sock, r = 0;

	log_init("judgefs-publish");
	while (r == 0 && (c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 's')
			r = parse_count(optarg, &state);
		else if (c == 'm')
			mount_path = optarg;
		else if (c == 'u')
			user = optarg;
		else
			r = -EINVAL;
	}
	if (r < 0 || state < 0 || mount_path == NULL || user == NULL || optind != argc) {
		fputs("usage: judgefs-publish --state FD --mount PATH --user NAME"
		      " (judgefs starts it)\n", stderr);
		return 2;
	}
	sigaction(SIGTERM, &term, NULL);
	r = sock = link_connect(state, "publisher", 0, CONNECT_US, &diag);
	if (r >= 0)
		r = confine(mount_path, user, sock, &diag);
	if (r == 0)
		r = publish_all(sock, &diag);
	if (r < 0)
		log_error("%s", diag.text[0] != '\0' ? diag.text : strerror(-r));
	/* No /proc is in sight: nothing that runs at an exit may look for it. */
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
