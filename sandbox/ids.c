#include "sandbox/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

static void lock_path(uid_t uid, char ret[64])
{
	snprintf(ret, 64, IDS_DIR "/%u", uid);
}

/* The file may have been removed by its holder between our open and our lock. */
static bool still_there(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

int ids_hold(uid_t uid, struct diag *diag)
{
	char path[64];

	lock_path(uid, path);
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
			return diag_fail(diag, r, "uid %u is in use by another cell", uid);
		}
		if (still_there(fd, path))
			return fd;
		io_close(fd);
	}
	return diag_fail(diag, -EBUSY, "lock %s", path);
}

void ids_release(int fd, uid_t uid)
{
	char path[64];

	if (fd < 0)
		return;
	lock_path(uid, path);
	unlink(path);
	rmdir(IDS_DIR);
	close(fd);
}
