#include "sandbox/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/io.h"

/* What can be handed over at all: a folder would be a way out of the box. And not the right that
 * the client has not itself: we, who open it anew, could. Return: its flags. */
static int look(int fd, int without, struct stat *ret)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, ret) < 0)
		return -errno;
	if (S_ISDIR(ret->st_mode))
		return -EISDIR;
	/* Neither a disk nor what has no type: an io_uring, somebody's pidfd. */
	if (flags & O_PATH || !(S_ISREG(ret->st_mode) || S_ISFIFO(ret->st_mode) ||
				S_ISCHR(ret->st_mode) || S_ISSOCK(ret->st_mode)))
		return -EBADF;
	return S_ISREG(ret->st_mode) && (flags & O_ACCMODE) == without ? -EACCES : flags;
}

/* Open the regular file *@fd once more, at the same offset, and let that take its place. */
static int open_anew(int *fd, int flags)
{
	off_t at = lseek(*fd, 0, SEEK_CUR);
	char path[40];
	int anew;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	anew = open(path, flags | O_CLOEXEC);
	if (anew < 0)
		return -errno;
	if (at > 0 && lseek(anew, at, SEEK_SET) < 0) {
		int r = -errno;

		io_close(anew);
		return r;
	}
	io_close(*fd);
	*fd = anew;
	return 0;
}

static int set_mode(int fd, const struct stat *st, mode_t mode)
{
	return (st->st_mode & 07777) != mode && fchmod(fd, mode) < 0 ? -errno : 0;
}

/* What it is now, not what it may grow to meanwhile. */
static int copy(int *fd, off_t size, mode_t mode)
{
	int to = io_memfd("input", "", 0), r = 0;
	off_t at = lseek(*fd, 0, SEEK_CUR);

	if (to < 0)
		return to;
	if (ftruncate(to, size) < 0 || fcntl(to, F_ADD_SEALS, F_SEAL_GROW) < 0)
		r = -errno;
	if (r == 0) {
		int64_t n = io_copy(to, *fd);

		r = n < 0 ? n : io_memfd_seal(to);
	}
	if (r == 0 && fchmod(to, mode) < 0)
		r = -errno;
	if (r == 0)
		r = open_anew(&to, O_RDONLY);
	if (r == 0 && lseek(to, at > 0 ? at : 0, SEEK_SET) < 0)
		r = -errno;
	if (r < 0) {
		io_close(to);
		return r;
	}
	io_close(*fd);
	*fd = to;
	return 0;
}

/* A pipe's ends are two views of one inode: /dev/stdin and /dev/stdout shall open it. */
static int open_pipe(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	return fs.f_type == PIPEFS_MAGIC && fchmod(fd, 0666) < 0 ? -errno : 0;
}

int stream_input(int *fd)
{
	struct stat st;
	int flags, r;

	if (*fd < 0)
		return 0;
	flags = look(*fd, O_WRONLY, &st);
	if (flags < 0)
		return flags;
	if (S_ISFIFO(st.st_mode))
		return open_pipe(*fd);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_nlink == 0) {
		r = set_mode(*fd, &st, 0444);
		return r < 0 ? r : open_anew(fd, O_RDONLY);
	}
	if ((st.st_mode & (S_IROTH | S_IWOTH)) != S_IROTH)
		return copy(fd, st.st_size, 0444);
	return (flags & O_ACCMODE) == O_RDONLY ? 0 : open_anew(fd, O_RDONLY);
}

int stream_output(int *fd)
{
	struct stat st;
	int flags, r;

	if (*fd < 0)
		return 0;
	flags = look(*fd, O_RDONLY, &st);
	if (flags < 0)
		return flags;
	if (S_ISFIFO(st.st_mode))
		return open_pipe(*fd);
	/* What has a name may be shared with others, its offset too: `>> log`. */
	if (!S_ISREG(st.st_mode) || st.st_nlink > 0)
		return 0;
	r = set_mode(*fd, &st, 0222);
	return r < 0 ? r : open_anew(fd, O_WRONLY | (flags & O_APPEND));
}

int stream_program(int *fd)
{
	struct stat st;
	int flags;

	if (*fd < 0)
		return 0;
	flags = look(*fd, O_WRONLY, &st);
	if (flags < 0)
		return flags;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	/* No program gets it: to execute it opens the file anew, by the file's mode. */
	if (st.st_nlink == 0)
		return set_mode(*fd, &st, 0555);
	return (st.st_mode & (S_IXOTH | S_IWOTH)) == S_IXOTH ? 0 : copy(fd, st.st_size, 0555);
}
