#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/strv.h"

#ifndef MFD_EXEC		/* Linux 6.3 */
#define MFD_EXEC	0x0010U
#endif

void io_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

ssize_t io_read(int fd, void *data, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)data + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += n;
	}
	return got;
}

int io_write(int fd, const void *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = (const char *)data + n;
		len -= n;
	}
	return 0;
}

int io_pwrite(int fd, const void *data, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = (const char *)data + n;
		len -= n;
		at += n;
	}
	return 0;
}

int io_open_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.mode = flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* O_PATH takes few flags beside it. */
	if (flags & O_PATH)
		how.flags = flags | O_CLOEXEC;
	do {
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd < 0 ? -errno : fd;
}

int io_open_regular(int dirfd, const char *path, int64_t *ret_size)
{
	int fd = io_open_beneath(dirfd, path, O_RDONLY, 0);
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
	if (r < 0) {
		io_close(fd);
		return r;
	}
	if (ret_size)
		*ret_size = st.st_size;
	return fd;
}

int io_read_fd(int fd, size_t max, struct buf *ret)
{
	char chunk[65536];
	size_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		if (at > max)
			return -EFBIG;
		buf_add(ret, chunk, n);
	}
	buf_add(ret, "", 0);
	return ret->failed ? -ENOMEM : 0;
}

int io_read_at(int dirfd, const char *path, size_t max, struct buf *ret)
{
	int fd = io_open_regular(dirfd, path, NULL);
	int r = fd < 0 ? fd : io_read_fd(fd, max, ret);

	io_close(fd);
	return r;
}

int io_write_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode)
{
	char temporary[300];
	int fd, r;

	if (snprintf(temporary, sizeof(temporary), ".%s.%d", name, (int)gettid()) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	unlinkat(dirfd, temporary, 0);
	fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	r = io_write(fd, data, len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && renameat(dirfd, temporary, dirfd, name) < 0)
		r = -errno;
	if (r == 0 && fsync(dirfd) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dirfd, temporary, 0);
	io_close(fd);
	return r;
}

int64_t io_copy(int to, int from)
{
	char chunk[65536];
	int64_t at = 0;
	ssize_t n;

	while ((n = pread(from, chunk, sizeof(chunk), at)) != 0) {
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = io_write(to, chunk, n);
		if (r < 0)
			return r;
		at += n;
	}
	return at;
}

int io_memfd(const char *name, const void *data, size_t len)
{
	int fd, r;

	/* It may become a program: also where vm.memfd_noexec is 1. Before Linux 6.3 all may. */
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	r = io_pwrite(fd, data, len, 0);
	if (r < 0) {
		io_close(fd);
		return r;
	}
	return fd;
}

int io_memfd_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0 ?
	       -errno : 0;
}

int io_mkdir(int dirfd, const char *name, mode_t mode)
{
	return mkdirat(dirfd, name, mode) < 0 && errno != EEXIST ? -errno : 0;
}

/* Empty the open directory @fd; takes it over. */
static int remove_below(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!dir) {
		r = -errno;
		io_close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, e = readdir(dir))) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = io_remove_tree(dirfd(dir), e->d_name);
	}
	if (r == 0)
		r = -errno;
	closedir(dir);
	return r;
}

int io_remove_tree(int dirfd, const char *name)
{
	int fd, r;

	if (unlinkat(dirfd, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = remove_below(fd);
	if (r == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int io_list(int dirfd, const char *path, struct strv *ret)
{
	int fd = io_open_beneath(dirfd, path, O_RDONLY | O_DIRECTORY, 0);
	struct strv names = { 0 };
	struct dirent *e;
	DIR *dir;
	int r = 0;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		io_close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, e = readdir(dir))) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = strv_add(&names, e->d_name);
	}
	if (r == 0)
		r = -errno;
	closedir(dir);
	if (r < 0) {
		strv_release(&names);
		return r;
	}
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), compare_names);
	*ret = names;
	return 0;
}
