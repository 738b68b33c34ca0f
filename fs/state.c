#include "fs/state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/install.h"
#include "base/io.h"
#include "base/strv.h"
#include "base/units.h"
#include "judge/link.h"
#include "judge/objects.h"
#include "judge/prepare.h"

#define PID_FILE	"run/judgefs.pid"
#define MOUNT_FILE	"run/mount"
#define HOST_FILE	"run/host"
#define LANGUAGES	"languages.d"
#define LANGUAGE_MAX	(1 << 20)

enum owner { OWNER_ROOT, OWNER_JUDGE, OWNER_WORKER };

static const struct folder {
	const char *name;
	enum owner user, group;
	mode_t mode;
	bool keep;			/* an operator may open it for others: set once only */
} folders[] = {
	{ "problems",	OWNER_ROOT,	OWNER_JUDGE,	0750,	true },
	{ "db",		OWNER_JUDGE,	OWNER_JUDGE,	0700,	false },
	{ "spool",	OWNER_JUDGE,	OWNER_JUDGE,	0700,	false },
	{ "results",	OWNER_JUDGE,	OWNER_JUDGE,	0700,	false },
	{ "blobs",	OWNER_JUDGE,	OWNER_WORKER,	02750,	false },
	{ OBJECTS_DIR,	OWNER_WORKER,	OWNER_WORKER,	0700,	false },
	{ PREPARED_DIR,	OWNER_WORKER,	OWNER_WORKER,	0755,	false },
	{ "run",	OWNER_ROOT,	OWNER_ROOT,	0755,	false },
};

int state_account(const char *name, struct account *ret, struct diag *diag)
{
	const struct passwd *pw = getpwnam(name);

	if (!pw)
		return diag_fail(diag, -EINVAL, "there is no system user '%s'; make it with: "
				 "adduser --system --group --no-create-home %s", name, name);
	if (pw->pw_uid == 0)
		return diag_fail(diag, -EINVAL, "user '%s' is root: the judge needs an ordinary one",
				 name);
	*ret = (struct account) { pw->pw_uid, pw->pw_gid };
	return 0;
}

int state_open(const char *path, bool create, int *ret, struct diag *diag)
{
	struct stat st;
	int fd, r = 0;

	if (create && mkdir(path, 0755) < 0 && errno != EEXIST)
		return diag_fail(diag, -errno, "make STATE '%s'", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return diag_fail(diag, -errno, "open STATE '%s'", path);
	if (fstat(fd, &st) < 0)
		r = diag_fail(diag, -errno, "look at STATE '%s'", path);
	else if (geteuid() == 0 && (st.st_uid != 0 || (st.st_mode & 022)))
		r = diag_fail(diag, -EPERM, "STATE '%s' must be root's, and writable by root only",
			      path);
	if (r < 0) {
		io_close(fd);
		return r;
	}
	*ret = fd;
	return 0;
}

int state_lock(int fd, int64_t wait_us, struct diag *diag)
{
	int64_t deadline = clock_mono_us() + wait_us;
	struct timespec pause = clock_timespec(20 * 1000);

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return diag_fail(diag, -errno, "lock STATE");
		if (clock_mono_us() >= deadline)
			return diag_fail(diag, -EINVAL, "a judge runs on this STATE already: pid %d",
					 state_noted_pid(fd));
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int folder_make(int fd, const struct folder *f, const struct account owner[],
		       struct diag *diag)
{
	uid_t uid = owner[f->user].uid;
	gid_t gid = owner[f->group].gid;
	struct stat st;
	bool made;
	int dir = -1, r = 0;

	made = mkdirat(fd, f->name, 0700) == 0;
	if (!made && errno != EEXIST)
		return diag_fail(diag, -errno, "make STATE/%s", f->name);
	dir = io_open_beneath(fd, f->name, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return diag_fail(diag, dir, "open STATE/%s", f->name);
	if (fstat(dir, &st) < 0)
		r = -errno;
	else if (f->keep && !made)
		goto out;
	else if ((st.st_uid != uid || st.st_gid != gid) && fchown(dir, uid, gid) < 0)
		r = -errno;
	else if (fchmod(dir, f->mode) < 0)
		r = -errno;
	if (r < 0)
		diag_fail(diag, r, "set the owner of STATE/%s", f->name);
out:
	io_close(dir);
	return r;
}

int state_tree(int fd, struct account judge, struct account worker, struct diag *diag)
{
	const struct account owner[] = { [OWNER_ROOT] = { 0, 0 }, [OWNER_JUDGE] = judge,
					 [OWNER_WORKER] = worker };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(folders) && r == 0; i++)
		r = folder_make(fd, &folders[i], owner, diag);
	return r;
}

int state_bind_prepared(const char *path, struct strv *binds)
{
	char *bind = NULL;
	int r;

	if (asprintf(&bind, "%s/" PREPARED_DIR ":" PREPARED_AT, path) < 0)
		return -ENOMEM;
	r = strv_add(binds, bind);
	free(bind);
	return r;
}

/* ------------------------------------------------------------- languages.d */

static int language_copy(int to, int from, const char *name)
{
	struct buf text = { 0 };
	int r;

	r = io_read_at(from, name, LANGUAGE_MAX, &text);
	if (r == 0 && text.failed)
		r = -ENOMEM;
	if (r == 0)
		r = io_write_at(to, name, buf_text(&text), text.len, 0644);
	buf_release(&text);
	return r;
}

int state_languages(int fd, struct diag *diag)
{
	struct strv names = { 0 };
	char *path = NULL;
	int from = -1, to = -1, r;

	if (faccessat(fd, LANGUAGES, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	r = install_data(LANGUAGES, &path, diag);
	if (r < 0)
		return r;
	from = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0) {
		r = diag_fail(diag, -errno, "open %s", path);
		goto out;
	}
	/* Under its name only when it is whole. */
	io_remove_tree(fd, "." LANGUAGES);
	r = io_mkdir(fd, "." LANGUAGES, 0755);
	if (r == 0)
		r = to = io_open_beneath(fd, "." LANGUAGES, O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0)
		r = io_list(from, ".", &names);
	for (size_t i = 0; i < names.n && r == 0; i++) {
		const char *dot = strrchr(names.v[i], '.');

		if (dot && strcmp(dot, ".ini") == 0)
			r = language_copy(to, from, names.v[i]);
	}
	if (r == 0 && renameat(fd, "." LANGUAGES, fd, LANGUAGES) < 0)
		r = -errno;
	if (r < 0)
		diag_fail(diag, r, "copy %s to STATE", path);
out:
	io_close(from);
	io_close(to);
	strv_release(&names);
	free(path);
	return r;
}

/* ------------------------------------------------------------- run/ */

int state_listen(int fd, struct account judge, struct account worker, int *ret, struct diag *diag)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock, run, r = 0;

	run = io_open_beneath(fd, "run", O_RDONLY | O_DIRECTORY, 0);
	if (run < 0)
		return diag_fail(diag, run, "open STATE/run");
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0) {
		r = -errno;
		goto out;
	}
	unlinkat(fd, LINK_PATH, 0);
	/* By descriptor: STATE's own path may be longer than an address may be. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", run,
		 strrchr(LINK_PATH, '/') + 1);
	if (bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(sock, 64) < 0 ||
	    fchownat(fd, LINK_PATH, judge.uid, worker.gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(fd, LINK_PATH, 0660, 0) < 0)
		r = -errno;
out:
	io_close(run);
	if (r < 0) {
		io_close(sock);
		return diag_fail(diag, r, "make the socket STATE/" LINK_PATH);
	}
	*ret = sock;
	return 0;
}

static int note(int fd, const char *path, const char *text, struct diag *diag)
{
	int run, r;

	r = run = io_open_beneath(fd, "run", O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0)
		r = io_write_at(run, strrchr(path, '/') + 1, text, strlen(text), 0644);
	io_close(run);
	return r < 0 ? diag_fail(diag, r, "write STATE/%s", path) : 0;
}

int state_note_mount(int fd, const char *mount, struct diag *diag)
{
	struct buf text = { 0 };
	int r;

	buf_printf(&text, "%s\n", mount);
	r = text.failed ? -ENOMEM : note(fd, MOUNT_FILE, text.data, diag);
	buf_release(&text);
	return r;
}

int state_note_pid(int fd, struct diag *diag)
{
	char text[32];

	snprintf(text, sizeof(text), "%d\n", getpid());
	return note(fd, PID_FILE, text, diag);
}

static int noted(int fd, const char *path, struct buf *ret)
{
	int r = io_read_at(fd, path, 8192, ret);

	if (r < 0)
		return r;
	if (ret->failed)
		return -ENOMEM;
	if (ret->len > 0 && ret->data[ret->len - 1] == '\n')
		ret->data[--ret->len] = '\0';
	return ret->len > 0 ? 0 : -ENOENT;
}

pid_t state_noted_pid(int fd)
{
	struct buf text = { 0 };
	int64_t pid = 0;

	if (noted(fd, PID_FILE, &text) < 0 || parse_count(text.data, &pid) < 0 || pid > INT_MAX)
		pid = 0;
	buf_release(&text);
	return (pid_t)pid;
}

int state_noted_mount(int fd, char **ret)
{
	struct buf text = { 0 };
	int r;

	r = noted(fd, MOUNT_FILE, &text);
	if (r == 0)
		*ret = buf_steal(&text);
	buf_release(&text);
	return r;
}

int state_note_host(int fd, const char *text, struct diag *diag)
{
	return note(fd, HOST_FILE, text, diag);
}

void state_forget(int fd)
{
	static const char *const files[] = { PID_FILE, MOUNT_FILE, HOST_FILE, LINK_PATH };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlinkat(fd, files[i], 0);
}
