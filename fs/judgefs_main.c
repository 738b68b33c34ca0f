/*
 * judgefs - start a judge: judgefs [-o OPTIONS] STATE MOUNTPOINT
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "fs/review.h"
#include "fs/mountpoint.h"
#include "fs/state.h"
#include "fs/supervise.h"
#include "sandbox/box.h"

#define LOG_FILE	"judgefs.log"	/* below STATE */
#define LOG_MAX		(8 << 20)	/* at a start a longer one becomes judgefs.log.1 */
#define LOCK_WAIT_US	(10 * INT64_C(1000000))
#define STOP_WAIT_US	(60 * INT64_C(1000000))
#define FINDINGS_MAX	64

struct options {
	const char *state, *mount;
	bool foreground;
	int (*instead)(const char *state);	/* --check, --stop: returns an exit status */
	unsigned long flags;
};

/* ------------------------------------------------------------- --stop */

/* What only a judge that was killed leaves; we hold its lock and its group. */
static int clean(int statefd, const char *cgroup, struct diag *diag)
{
	char *mount = NULL;
	int r;

	r = box_sweep(cgroup, diag);
	if (r < 0)
		return r;
	if (state_noted_mount(statefd, &mount) == 0 && mountpoint_mounted(mount)) {
		log_info("taking away the mount of a judge that died at %s", mount);
		r = mountpoint_umount(mount, 0);
		if (r < 0)
			diag_fail(diag, r, "unmount %s", mount);
	}
	free(mount);
	state_forget(statefd);
	return r;
}

static int clean_after_stop(int statefd, struct diag *diag)
{
	struct settings s = { 0 };
	int hold = -1, r;

	r = settings_load(statefd, &s, diag);
	if (r == 0)
		r = hold = box_hold(s.cgroup, diag);
	if (r >= 0)
		r = clean(statefd, s.cgroup, diag);
	box_release(hold, s.cgroup);
	settings_release(&s);
	return r;
}

static int stop(const char *path)
{
	struct diag diag = { "" };
	int fd = -1, r;
	pid_t pid = 0;

	r = state_open(path, false, &fd, &diag);
	if (r == -ENOENT) {
		printf("no judge runs on %s\n", path);
		return 0;
	}
	if (r == 0 && state_lock(fd, 0, NULL) < 0) {
		pid = state_noted_pid(fd);
		if (pid > 0 && kill(pid, SIGTERM) < 0 && errno != ESRCH)
			r = diag_fail(&diag, -errno, "stop the judge, pid %d%s", pid,
				      errno == EPERM ? " (try sudo)" : "");
		if (r == 0)
			r = state_lock(fd, STOP_WAIT_US, &diag);
	}
	if (r == 0)
		r = clean_after_stop(fd, &diag);
	io_close(fd);
	if (r < 0) {
		log_error("%s", diag.text);
		return 1;
	}
	printf("%s %s\n", pid > 0 ? "ended the judge on" : "no judge runs on", path);
	return 0;
}

/* ------------------------------------------------------------- options */

/* -o: what mount(8), fstab and people write. What we do not do is refused; what does not
 * concern us, or is so anyway, is passed over. */
static const struct mount_option {
	const char *name;		/* ends with '=' or '-': any that begins so */
	unsigned long set, clear;
} mount_options[] = {
	{ "ro",		MS_RDONLY, 0 },		{ "rw",		0, MS_RDONLY },
	{ "noexec",	MS_NOEXEC, 0 },		{ "exec",	0, MS_NOEXEC },
	{ "noatime",	MS_NOATIME, 0 },	{ "atime",	0, MS_NOATIME },
	{ "nodiratime",	MS_NODIRATIME, 0 },	{ "diratime",	0, MS_NODIRATIME },
	{ "relatime",	MS_RELATIME, MS_NOATIME }, { "norelatime", 0, MS_RELATIME },
	{ "sync",	MS_SYNCHRONOUS, 0 },	{ "async",	0, MS_SYNCHRONOUS },
	{ "dirsync",	MS_DIRSYNC, 0 },
	/* always so; mount(8) adds the opposite by itself */
	{ "nosuid", 0, 0 }, { "suid", 0, 0 }, { "nodev", 0, 0 }, { "dev", 0, 0 },
	{ "allow_other", 0, 0 }, { "default_permissions", 0, 0 },
	/* of mount(8), fstab and systemd */
	{ "defaults", 0, 0 }, { "auto", 0, 0 }, { "noauto", 0, 0 }, { "nofail", 0, 0 },
	{ "_netdev", 0, 0 }, { "nouser", 0, 0 }, { "x-", 0, 0 }, { "comment=", 0, 0 },
	{ "fsname=", 0, 0 }, { "subtype=", 0, 0 },
};

static bool option_matches(const char *name, const char *word)
{
	size_t len = strlen(name);
	bool prefix = name[len - 1] == '=' || name[len - 1] == '-';

	return prefix ? strncmp(name, word, len) == 0 : strcmp(name, word) == 0;
}

static int options_mount(const char *text, struct options *o, struct diag *diag)
{
	char *copy = strdup(text), *save = NULL;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	for (char *word = strtok_r(copy, ",", &save); word && r == 0;
	     word = strtok_r(NULL, ",", &save)) {
		size_t i = 0;

		while (i < ARRAY_SIZE(mount_options) &&
		       !option_matches(mount_options[i].name, word))
			i++;
		if (i == ARRAY_SIZE(mount_options)) {
			r = diag_fail(diag, -EINVAL, "unknown mount option '%s'", word);
			break;
		}
		o->flags = (o->flags & ~mount_options[i].clear) | mount_options[i].set;
	}
	free(copy);
	return r;
}

static void usage(FILE *to)
{
	fputs("usage: judgefs [-f] [-d] [-o OPTIONS] STATE MOUNTPOINT\n"
	      "       judgefs --check|--stop [STATE]\n"
	      "\n"
	      "A programming contest judge whose interface is a directory.\n"
	      "\n"
	      "  -f              stay in the foreground, messages on standard error\n"
	      "  -d, --debug     the same, with much more to read\n"
	      "  -o OPTIONS      ro noexec atime relatime sync ... as for mount(8)\n"
	      "      --check     name every fault of STATE's configuration, or print the settings\n"
	      "      --stop      end the judge on STATE, and take away what a dead one left\n"
	      "  -h, --help      this\n"
	      "  -V, --version   the version\n"
	      "\n"
	      "STATE (/var/lib/judgefs, say) is made when it is missing. SIGHUP reads judge.ini\n"
	      "again, SIGTERM or umount(8) ends the judge. More: judgefs(8), judge.ini(5).\n", to);
}

/*
 * mount(8) calls /sbin/mount.fuse.judgefs STATE MOUNTPOINT [-sfnv] [-N NS] [-o OPTIONS] [-t TYPE]:
 * there -f is "do not really mount", the rest is not for us.
 */
static int options_helper(int argc, char **argv, struct options *o, struct diag *diag)
{
	int c;

	while ((c = getopt(argc, argv, "sfnvN:o:t:")) != -1) {
		if (c == 'f')
			exit(0);
		if (c == '?')
			return -EINVAL;
		if (c == 'o' && options_mount(optarg, o, diag) < 0)
			return -EINVAL;
	}
	if (argc - optind != 2)
		return diag_fail(diag, -EINVAL, "it needs STATE and a mount point");
	o->state = argv[optind];
	o->mount = argv[optind + 1];
	return 0;
}

/* Return: -1 to go on, else the exit status. */
static int options_parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "debug", no_argument, NULL, 'd' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "stop", no_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *slash = strrchr(argv[0], '/');
	struct diag diag = { "" };
	int c;

	if (strncmp(slash ? slash + 1 : argv[0], "mount.", strlen("mount.")) == 0) {
		if (options_helper(argc, argv, o, &diag) == 0)
			return -1;
		fprintf(stderr, "judgefs: %s\n", diag.text);
		return 2;
	}
	while ((c = getopt_long(argc, argv, "dfho:V", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->instead = review_state;
			break;
		case 'd':
			setenv("JUDGEFS_DEBUG", "1", 1);
			o->foreground = true;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		case 'o':
			if (options_mount(optarg, o, &diag) < 0) {
				fprintf(stderr, "judgefs: %s\n", diag.text);
				return 2;
			}
			break;
		case 's':
			o->instead = stop;
			break;
		case 'V':
			puts("judgefs " VERSION);
			return 0;
		default:
			fputs("Try: judgefs --help\n", stderr);
			return 2;
		}
	}
	argc -= optind;
	argv += optind;
	if (o->instead ? argc > 1 : argc != 2) {
		fprintf(stderr, "judgefs: it needs %s\nTry: judgefs --help\n",
			o->instead ? "one STATE only" : "a STATE and a MOUNTPOINT");
		return 2;
	}
	o->state = argc > 0 ? argv[0] : "/var/lib/judgefs";
	o->mount = argc > 1 ? argv[1] : NULL;
	return -1;
}

/* ------------------------------------------------------------- before the start */

/* What the sandbox's promises need must be there: nothing is weakened silently. */
static int probe(struct buf *costs, struct diag *diag)
{
	struct box_finding *found = calloc(FINDINGS_MAX, sizeof(*found));
	int r = 0;
	size_t n;

	if (!found)
		return -ENOMEM;
	n = box_probe(found, FINDINGS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (found[i].level == BOX_COSTS)
			buf_printf(costs, "  %s: %s. %s\n", found[i].what, found[i].found,
				   found[i].remedy);
		if (found[i].level != BOX_MISSING)
			continue;
		log_error("this host lacks: %s (%s). %s", found[i].what, found[i].found,
			  found[i].remedy);
		r = -EINVAL;
	}
	free(found);
	if (r < 0)
		diag_fail(diag, r, "not started: without these a submission could not be judged "
			  "safely or fairly; `judgectl doctor` tells more");
	return r;
}

/* The judge's mount must not be in its own way. */
static int not_below(const char *mount, const char *state, struct diag *diag)
{
	char *real = realpath(state, NULL);
	size_t len = strlen(mount);
	int r = 0;

	if (!real)
		return diag_fail(diag, -errno, "STATE '%s'", state);
	if (strncmp(real, mount, len) == 0 && (real[len] == '/' || real[len] == '\0'))
		r = diag_fail(diag, -EINVAL, "STATE '%s' is below the mount point", state);
	free(real);
	return r;
}

/* Programs get no more of the caller's environment than this. */
static int environment(void)
{
	static const char *const kept[] = { "JUDGEFS_DEBUG", "NOTIFY_SOCKET", "ASAN_OPTIONS",
					    "UBSAN_OPTIONS", "LSAN_OPTIONS" };
	char *values[ARRAY_SIZE(kept)] = { NULL };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		const char *value = getenv(kept[i]);

		values[i] = value ? strdup(value) : NULL;
	}
	clearenv();
	r |= setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	r |= setenv("LANG", "C.UTF-8", 1);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (values[i])
			r |= setenv(kept[i], values[i], 1);
		free(values[i]);
	}
	return r < 0 ? -ENOMEM : 0;
}

/* A judge that ends, and the programs of one that was killed, get their time to go. */
static int take(int statefd, struct diag *diag)
{
	pid_t pid = state_noted_pid(statefd);
	bool lives = pid > 0 && kill(pid, 0) == 0;

	return state_lock(statefd, lives ? LOCK_WAIT_US / 5 : LOCK_WAIT_US, diag);
}

static int judge_prepare(struct judge *j, const struct options *o, char **ret_mount,
			 struct diag *diag)
{
	struct buf costs = { 0 };
	int r;

	r = probe(&costs, diag);
	if (r == 0)
		r = state_open(o->state, true, &j->statefd, diag);
	if (r == 0)
		r = settings_load(j->statefd, &j->settings, diag);
	if (r == 0) {
		j->state = realpath(o->state, NULL);
		r = j->state ? state_bind_prepared(j->state, &j->settings.box.binds) :
			       diag_fail(diag, -errno, "STATE '%s'", o->state);
	}
	if (r == 0)
		r = state_account(j->settings.user, &j->user, diag);
	if (r == 0)
		r = state_account(j->settings.worker_user, &j->worker, diag);
	if (r == 0)
		r = take(j->statefd, diag);
	if (r == 0)
		r = j->hold = box_hold(j->settings.cgroup, diag);
	if (r >= 0)
		r = clean(j->statefd, j->settings.cgroup, diag);
	if (r == 0)
		r = mountpoint_check(o->mount, ret_mount, diag);
	if (r == 0)
		r = not_below(*ret_mount, o->state, diag);
	if (r == 0)
		r = state_tree(j->statefd, j->user, j->worker, diag);
	if (r == 0)
		r = state_languages(j->statefd, diag);
	if (r == 0)
		r = state_note_host(j->statefd, buf_text(&costs), diag);
	buf_release(&costs);
	return r;
}

/* ------------------------------------------------------------- the background */

/* Messages of the daemon and of all that it starts; -errno or a descriptor to append to. */
static int log_open(int statefd)
{
	struct stat st;

	if (fstatat(statefd, LOG_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > LOG_MAX)
		renameat(statefd, LOG_FILE, statefd, LOG_FILE ".1");
	return io_open_beneath(statefd, LOG_FILE, O_WRONLY | O_CREAT | O_APPEND, 0640);
}

/* What the log got since @from, for the person who started us. */
static void log_show(int statefd, off_t from)
{
	char text[4096];
	ssize_t n;
	int fd;

	fd = io_open_beneath(statefd, LOG_FILE, O_RDONLY, 0);
	while (fd >= 0 && (n = pread(fd, text, sizeof(text), from)) > 0) {
		io_write(2, text, n);
		from += n;
	}
	io_close(fd);
}

/*
 * Go on in a child; the parent stays until the child is ready or has failed.
 * Return: in the child a descriptor to write one byte to; the parent exits.
 */
static int background(const struct judge *j, const char *state, int *ret, struct diag *diag)
{
	int log, pipes[2], null, status;
	off_t from;
	pid_t pid;
	char c;

	log = log_open(j->statefd);
	if (log < 0)
		return diag_fail(diag, log, "open %s/" LOG_FILE, state);
	from = lseek(log, 0, SEEK_END);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || pipe2(pipes, O_CLOEXEC) < 0)
		return diag_fail(diag, -errno, "open /dev/null, make a pipe");
	pid = fork();
	if (pid < 0)
		return diag_fail(diag, -errno, "fork");
	if (pid == 0) {
		if (setsid() < 0 || chdir("/") < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
		    dup2(log, 2) < 0 || setenv(LOG_STAMPS, "1", 1) < 0)
			return diag_fail(diag, -errno, "go to the background");
		log_init("judgefs");			/* with the time, and so do our programs */
		close(null);
		close(log);
		close(pipes[0]);
		*ret = pipes[1];
		return 0;
	}
	close(pipes[1]);
	if (io_read(pipes[0], &c, 1) == 1)
		exit(0);
	log_show(j->statefd, from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	exit(1);
}

/* sd_notify(3)'s protocol, for a service of Type=notify. */
static void notify_manager(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	socklen_t len;
	int sock;

	if (!path || strlen(path) >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, strlen(path));
	len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';	/* the abstract namespace */
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock >= 0)
		sendto(sock, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&addr, len);
	io_close(sock);
}

static void ready(void *ctx)
{
	int *fd = ctx;

	log_info("judgefs " VERSION " is up");
	if (*fd >= 0)
		io_write(*fd, "", 1);
	io_close(*fd);
	*fd = -1;
	notify_manager();
}

int main(int argc, char **argv)
{
	struct judge j = { .statefd = -1, .hold = -1, .ready = ready };
	struct options o = { 0 };
	struct diag diag = { "" };
	char *mount_path = NULL;
	int ready_fd = -1, r;

	log_init("judgefs");
	r = options_parse(argc, argv, &o);
	if (r >= 0)
		return r;
	if (o.instead)
		return o.instead(o.state);
	log_init("judgefs");			/* -d was read */
	if (geteuid() != 0) {
		log_error("needs root: it mounts, makes cgroups and starts sandboxes; try: sudo judgefs");
		return 1;
	}
	umask(022);
	limits_lift();
	r = environment();
	if (r == 0)
		r = judge_prepare(&j, &o, &mount_path, &diag);
	if (r == 0 && !o.foreground)
		r = background(&j, o.state, &ready_fd, &diag);
	if (r == 0) {
		j.mount = mount_path;
		j.mount_flags = o.flags;
		j.ctx = &ready_fd;
		r = supervise(&j, &diag);
	}
	if (r < 0)
		log_error("%s", diag.text);
	box_release(j.hold, j.settings.cgroup);
	settings_release(&j.settings);
	free(j.state);
	io_close(j.statefd);
	io_close(ready_fd);
	free(mount_path);
	return r < 0 ? 1 : 0;
}
