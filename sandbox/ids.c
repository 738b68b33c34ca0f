#include "sandbox/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "sandbox/box.h"

/* The file may have been removed by its holder between our open and our lock. */
static bool still_there(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* Return: a descriptor that holds the lock; -EBUSY without a note: the caller says of what. */
static int hold(const char *path, struct diag *diag)
{
	for (int tries = 0; tries < 100; tries++) {
		int fd;

		if (mkdir(IDS_DIR, 0700) < 0 && errno != EEXIST)
			return diag_fail(diag, -errno, "make " IDS_DIR);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return diag_fail(diag, -errno, "make %s", path);
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			int r = errno == EWOULDBLOCK ? -EBUSY : -errno;

			io_close(fd);
			return r == -EBUSY ? r : diag_fail(diag, r, "lock %s", path);
		}
		if (still_there(fd, path))
			return fd;
		io_close(fd);
	}
	return diag_fail(diag, -EAGAIN, "lock %s", path);
}

static void release(int fd, const char *path)
{
	if (fd < 0)
		return;
	unlink(path);
	rmdir(IDS_DIR);
	close(fd);
}

static void uid_path(uid_t uid, char ret[64])
{
	snprintf(ret, 64, IDS_DIR "/%u", uid);
}

int ids_hold(uid_t uid, struct diag *diag)
{
	char path[64];
	int fd;

	uid_path(uid, path);
	fd = hold(path, diag);
	return fd == -EBUSY ? diag_fail(diag, fd, "uid %u is in use by another judge; "
					 "give this one a first-uid of its own", uid) : fd;
}

void ids_release(int fd, uid_t uid)
{
	char path[64];

	uid_path(uid, path);
	release(fd, path);
}

static void group_path(const char *cgroup, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, IDS_DIR "/group-%s", cgroup);
}

int box_hold(const char *cgroup, struct diag *diag)
{
	char path[PATH_MAX];
	int fd;

	group_path(cgroup, path);
	fd = hold(path, diag);
	return fd == -EBUSY ? diag_fail(diag, fd, "control group '%s' belongs to another judge that "
					"runs; give this one a cgroup and a first-uid of its own",
					cgroup) : fd;
}

void box_release(int fd, const char *cgroup)
{
	char path[PATH_MAX];

	group_path(cgroup, path);
	release(fd, path);
}
