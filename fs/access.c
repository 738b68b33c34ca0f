#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "fs/access.h"

#define GROUPS_KNOWN	1024

int access_where(struct fs *fs, int64_t place, struct where *ret)
{
	int r = store_place_by_id(fs->store, place, &ret->place);

	if (r == 0)
		r = store_user_by_id(fs->store, ret->place.user, &ret->user);
	if (r == 0)
		r = store_problem_by_id(fs->store, ret->place.problem, &ret->problem);
	return r;
}

/* ------------------------------------------------------------- users */

struct account {
	char name[64];			/* "" without passwd entry */
	gid_t gid;
};

static void account_of(uid_t uid, struct account *ret)
{
	struct passwd pw, *found = NULL;
	char text[4096];

	*ret = (struct account){ "", uid };
	if (getpwuid_r(uid, &pw, text, sizeof(text), &found) != 0 || found == NULL)
		return;
	if (strlen(pw.pw_name) < sizeof(ret->name))
		strcpy(ret->name, pw.pw_name);
	ret->gid = pw.pw_gid;
}

int access_user(struct fs *fs, uid_t uid, struct user_row *ret)
{
	struct account a;
	char digits[16];
	int r;

	r = store_user_by_uid(fs->store, uid, ret);
	if (r != -ENOENT)
		return r;
	account_of(uid, &a);
	snprintf(digits, sizeof(digits), "%" PRIu32, (uint32_t)uid);
	r = a.name[0] != '\0' ? store_user_add(fs->store, uid, a.name, ret) : -EINVAL;
	if (r == -EINVAL || r == -EEXIST)
		r = store_user_add(fs->store, uid, digits, ret);
	if (r == 0)
		atomic_store(&fs->users_changed_us, clock_wall_us());
	return r;
}

bool access_may_be(uid_t uid, const char *name)
{
	struct account a;
	char digits[16];

	account_of(uid, &a);
	snprintf(digits, sizeof(digits), "%" PRIu32, (uint32_t)uid);
	return strcmp(name, a.name) == 0 || strcmp(name, digits) == 0;
}

/* Asked for at every stat: a directory service is not. */
gid_t access_gid(uid_t uid)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct { bool known; uid_t uid; gid_t gid; } groups[GROUPS_KNOWN];
	size_t i = uid % GROUPS_KNOWN;
	struct account a;
	bool known;

	pthread_mutex_lock(&lock);
	known = groups[i].known && groups[i].uid == uid;
	a.gid = groups[i].gid;
	pthread_mutex_unlock(&lock);
	if (known)
		return a.gid;
	account_of(uid, &a);
	pthread_mutex_lock(&lock);
	groups[i].known = true;
	groups[i].uid = uid;
	groups[i].gid = a.gid;
	pthread_mutex_unlock(&lock);
	return a.gid;
}

/* ------------------------------------------------------------- refusals */

int access_change(const struct where *w, uid_t uid)
{
	int64_t now = clock_wall_us();

	if (uid != w->user.uid && uid != 0)
		return -EACCES;
	if (!w->problem.installed || (w->problem.close_us != 0 && now >= w->problem.close_us))
		return -EROFS;
	if (w->problem.open_us != 0 && now < w->problem.open_us)
		return -EACCES;
	return 0;
}

/* "nfsd" itself, or a thread of ganesha, which names its threads as it likes. */
static bool names_server(const char *status)
{
	static const char *const servers[] = { "nfsd", "ganesha.nfsd" };

	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		size_t len = strlen(servers[i]);

		if (strncmp(status, "Name:\t", 6) == 0 &&
		    strncmp(status + 6, servers[i], len) == 0 && status[6 + len] == '\n')
			return true;
	}
	return false;
}

static bool read_status(pid_t pid, char *ret, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, ret, size - 1);
	io_close(fd);
	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool access_server(pid_t pid)
{
	char status[1024], *tgid;

	if (!read_status(pid, status, sizeof(status)))
		return false;
	if (names_server(status))
		return true;
	tgid = strstr(status, "\nTgid:\t");
	if (tgid == NULL || atoi(tgid + 7) == pid)
		return false;
	return read_status(atoi(tgid + 7), status, sizeof(status)) && names_server(status);
}
