/*
 * blob.c - a folder of blobs, or a table of where they lie
 *
 * In a folder a blob is born as BLOBS/new-PID-N and renamed to BLOBS/ab/REST when it and its
 * name can no longer be lost. New files lie at the top so that they get the top's group (setgid)
 * whatever happened to the mode of ab/.
 */
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/strv.h"
#include "judge/blob.h"

#define NEW_PREFIX	"new-"
#define NEW_MAX_AGE_S	3600
#define COPY_TRIES	3

/* One blob of a table: a path, a descriptor or bytes. */
struct place {
	struct digest digest;		/* first: the key */
	int64_t size;
	struct timespec mtime;
	int dirfd;			/* of the table's list */
	char *path;
	int fd;
	void *data;
};

struct blobs {
	bool table;
	/* folder */
	int dirfd;
	atomic_bool synced[256];	/* ab/ is durably in the folder */
	atomic_uint serial;
	/* table */
	void *tree;			/* struct place by digest */
	int *dirs;			/* descriptors that places share */
	size_t ndirs;
};

static int blobs_alloc(bool table, struct blobs **ret)
{
	struct blobs *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->table = table;
	b->dirfd = -1;
	*ret = b;
	return 0;
}

/* What a writer left behind that was killed. */
static void sweep(int dirfd)
{
	struct strv names = { 0 };
	struct stat st;

	if (io_list(dirfd, ".", &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		if (strncmp(names.v[i], NEW_PREFIX, strlen(NEW_PREFIX)) == 0 &&
		    fstatat(dirfd, names.v[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    time(NULL) - st.st_mtime > NEW_MAX_AGE_S)
			unlinkat(dirfd, names.v[i], 0);
	}
	strv_release(&names);
}

int blobs_open_dir(int dirfd, struct blobs **ret)
{
	struct blobs *b = NULL;
	int fd, r;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = blobs_alloc(false, &b);
	if (r < 0) {
		io_close(fd);
		return r;
	}
	b->dirfd = fd;
	sweep(fd);
	*ret = b;
	return 0;
}

int blobs_new_table(struct blobs **ret)
{
	return blobs_alloc(true, ret);
}

static void place_free(void *arg)
{
	struct place *p = arg;

	if (!p)
		return;
	io_close(p->fd);
	free(p->path);
	free(p->data);
	free(p);
}

void blobs_free(struct blobs *b)
{
	if (!b)
		return;
	tdestroy(b->tree, place_free);
	for (size_t i = 0; i < b->ndirs; i++)
		io_close(b->dirs[i]);
	free(b->dirs);
	io_close(b->dirfd);
	free(b);
}

/* ------------------------------------------------------------------ a folder */

static void blob_path(const struct digest *d, char ret[66])
{
	snprintf(ret, 66, "%.2s/%s", d->hex, d->hex + 2);
}

static int fsync_dir(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	io_close(fd);
	return r;
}

static int shelf_make(struct blobs *b, const struct digest *d)
{
	char name[3] = { d->hex[0], d->hex[1], '\0' };
	unsigned i = strtoul(name, NULL, 16);
	struct stat st;
	int r;

	if (atomic_load(&b->synced[i]))
		return 0;
	r = io_mkdir(b->dirfd, name, 0750);
	if (r < 0)
		return r;
	/* A umask may have taken the group's bits; only then, for chmod() can cost the setgid bit. */
	if (fstatat(b->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if ((st.st_mode & 0750) != 0750 && st.st_uid == geteuid() &&
	    fchmodat(b->dirfd, name, (st.st_mode & 07777) | 0750, 0) < 0)
		return -errno;
	r = fsync_dir(b->dirfd, ".");
	if (r == 0)
		atomic_store(&b->synced[i], true);
	return r;
}

/* Whether it is there, and then durably: another process may have renamed it just now. */
static int folder_has(struct blobs *b, const struct blob_ref *ref)
{
	char path[66], shelf[3] = { ref->digest.hex[0], ref->digest.hex[1], '\0' };
	struct stat st;

	blob_path(&ref->digest, path);
	if (fstatat(b->dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size != ref->size)
		return -ENOENT;
	return fsync_dir(b->dirfd, shelf);
}

static int new_file(struct blobs *b, char name[64], int *ret)
{
	int fd = -1;

	do {
		snprintf(name, 64, NEW_PREFIX "%d-%u", (int)getpid(), atomic_fetch_add(&b->serial, 1));
		fd = openat(b->dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

/* A written new file gets its name for good. */
static int settle(struct blobs *b, int fd, const char *name, const struct digest *d)
{
	char path[66], shelf[3] = { d->hex[0], d->hex[1], '\0' };
	int r;

	blob_path(d, path);
	if (fchmod(fd, 0640) < 0 || fsync(fd) < 0)
		return -errno;
	r = shelf_make(b, d);
	if (r < 0)
		return r;
	if (renameat(b->dirfd, name, b->dirfd, path) < 0)
		return -errno;
	return fsync_dir(b->dirfd, shelf);
}

/* @ref says what is expected; -EAGAIN when something else was copied. */
static int folder_copy(struct blobs *b, int from, const struct blob_ref *ref)
{
	struct blob_ref got;
	char name[64];
	int fd = -1, r;
	int64_t n;

	r = new_file(b, name, &fd);
	if (r < 0)
		return r;
	n = io_copy(fd, from);
	r = n < 0 ? (int)n : digest_fd(fd, &got.digest, &got.size);
	if (r == 0 && strcmp(got.digest.hex, ref->digest.hex) != 0)
		r = -EAGAIN;
	if (r == 0)
		r = settle(b, fd, name, &ref->digest);
	if (r < 0)
		unlinkat(b->dirfd, name, 0);
	io_close(fd);
	return r;
}

static int folder_put(struct blobs *b, int fd, struct blob_ref *ret)
{
	struct blob_ref ref;
	int r = -EAGAIN;

	for (int i = 0; i < COPY_TRIES && r == -EAGAIN; i++) {
		r = digest_fd(fd, &ref.digest, &ref.size);
		if (r < 0)
			return r;
		r = folder_has(b, &ref);
		if (r == -ENOENT)
			r = folder_copy(b, fd, &ref);
	}
	if (r == 0)
		*ret = ref;
	return r;
}

static int folder_put_data(struct blobs *b, const void *data, size_t len, struct blob_ref *ret)
{
	struct blob_ref ref = { .size = len };
	char name[64];
	int fd = -1, r;

	r = digest_data(data, len, &ref.digest);
	if (r < 0)
		return r;
	r = folder_has(b, &ref);
	if (r == -ENOENT) {
		r = new_file(b, name, &fd);
		if (r < 0)
			return r;
		r = io_write(fd, data, len);
		if (r == 0)
			r = settle(b, fd, name, &ref.digest);
		if (r < 0)
			unlinkat(b->dirfd, name, 0);
		io_close(fd);
	}
	if (r == 0)
		*ret = ref;
	return r;
}

static int folder_get(struct blobs *b, const struct digest *d)
{
	char path[66];
	int fd;

	blob_path(d, path);
	fd = openat(b->dirfd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ------------------------------------------------------------------- a table */

static int by_digest(const void *a, const void *b)
{
	return strcmp(((const struct digest *)a)->hex, ((const struct digest *)b)->hex);
}

static int place_new(struct place **ret)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->dirfd = p->fd = -1;
	*ret = p;
	return 0;
}

/* Takes @p over, also on failure. The younger of two places is the surer one. */
static int place_add(struct blobs *b, struct place *p, struct blob_ref *ret)
{
	struct blob_ref ref = { .digest = p->digest, .size = p->size };
	struct place **at = tsearch(p, &b->tree, by_digest);

	if (!at) {
		place_free(p);
		return -ENOMEM;
	}
	if (*at != p) {
		place_free(*at);
		*at = p;
	}
	*ret = ref;
	return 0;
}

/* Digest, size and age, by which a later change is seen. */
static int place_stamp(struct place *p, int fd)
{
	struct stat st;
	int r;

	r = digest_fd(fd, &p->digest, &p->size);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	p->mtime = st.st_mtim;
	return st.st_size == p->size ? 0 : -EAGAIN;
}

/* A package gives one directory for thousands of files: one descriptor is kept for it. */
static int dir_keep(struct blobs *b, int dirfd, int *ret)
{
	struct stat want, have;
	int fd, *dirs;

	if (fstat(dirfd, &want) < 0)
		return -errno;
	for (size_t i = b->ndirs; i-- > 0;) {
		if (fstat(b->dirs[i], &have) == 0 && have.st_dev == want.st_dev &&
		    have.st_ino == want.st_ino) {
			*ret = b->dirs[i];
			return 0;
		}
	}
	dirs = realloc(b->dirs, (b->ndirs + 1) * sizeof(*dirs));
	if (!dirs)
		return -ENOMEM;
	b->dirs = dirs;
	fd = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	b->dirs[b->ndirs++] = *ret = fd;
	return 0;
}

static int table_put_at(struct blobs *b, int dirfd, const char *path, int fd,
			struct blob_ref *ret)
{
	struct place *p = NULL;
	int r;

	r = place_new(&p);
	if (r < 0)
		return r;
	r = place_stamp(p, fd);
	if (r == 0)
		r = dir_keep(b, dirfd, &p->dirfd);
	if (r == 0) {
		p->path = strdup(path);
		r = p->path ? 0 : -ENOMEM;
	}
	if (r < 0) {
		place_free(p);
		return r;
	}
	return place_add(b, p, ret);
}

static int table_put_fd(struct blobs *b, int fd, struct blob_ref *ret)
{
	struct place *p = NULL;
	int r;

	r = place_new(&p);
	if (r < 0)
		return r;
	r = place_stamp(p, fd);
	if (r == 0) {
		p->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		r = p->fd < 0 ? -errno : 0;
	}
	if (r < 0) {
		place_free(p);
		return r;
	}
	return place_add(b, p, ret);
}

static int table_put_data(struct blobs *b, const void *data, size_t len, struct blob_ref *ret)
{
	struct place *p = NULL;
	int r;

	r = place_new(&p);
	if (r < 0)
		return r;
	p->size = len;
	p->data = malloc(len + 1);
	r = p->data ? digest_data(data, len, &p->digest) : -ENOMEM;
	if (r < 0) {
		place_free(p);
		return r;
	}
	if (len > 0)
		memcpy(p->data, data, len);
	return place_add(b, p, ret);
}

static int table_get(struct blobs *b, const struct digest *d)
{
	struct place **at = tfind(d, &b->tree, by_digest), *p;
	char self[32];
	struct stat st;
	int fd;

	if (!at)
		return -ENOENT;
	p = *at;
	if (p->data)
		return io_memfd("blob", p->data, p->size);
	if (p->path) {
		fd = io_open_regular(p->dirfd, p->path, NULL);
	} else {
		/* A second opening has an offset of its own, a dup would not. */
		snprintf(self, sizeof(self), "/proc/self/fd/%d", p->fd);
		fd = open(self, O_RDONLY | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || st.st_size != p->size ||
	    st.st_mtim.tv_sec != p->mtime.tv_sec || st.st_mtim.tv_nsec != p->mtime.tv_nsec) {
		io_close(fd);
		return -ESTALE;
	}
	return fd;
}

/* ----------------------------------------------------------------- both kinds */

int blobs_put_at(struct blobs *b, int dirfd, const char *path, struct blob_ref *ret)
{
	int fd = io_open_regular(dirfd, path, NULL);
	int r;

	if (fd < 0)
		return fd;
	r = b->table ? table_put_at(b, dirfd, path, fd, ret) : folder_put(b, fd, ret);
	io_close(fd);
	return r;
}

int blobs_put_fd(struct blobs *b, int fd, struct blob_ref *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return b->table ? table_put_fd(b, fd, ret) : folder_put(b, fd, ret);
}

int blobs_put_data(struct blobs *b, const void *data, size_t len, struct blob_ref *ret)
{
	return b->table ? table_put_data(b, data, len, ret) : folder_put_data(b, data, len, ret);
}

int blobs_get(struct blobs *b, const struct digest *d)
{
	if (!digest_valid(d->hex))
		return -ENOENT;
	return b->table ? table_get(b, d) : folder_get(b, d);
}
