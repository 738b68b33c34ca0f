#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "fs/access.h"
#include "fs/file.h"
#include "fs/names.h"
#include "fs/results.h"

#define MODE_BITS	0777		/* no set-id bits, nor a sticky one */

void fs_lock_two(struct fs *fs, int64_t a, int64_t b)
{
	uint64_t i = (uint64_t)a % FILE_LOCKS, k = (uint64_t)(b != 0 ? b : a) % FILE_LOCKS;

	pthread_mutex_lock(&fs->file_lock[i < k ? i : k]);
	if (i != k)
		pthread_mutex_lock(&fs->file_lock[i < k ? k : i]);
}

void fs_unlock_two(struct fs *fs, int64_t a, int64_t b)
{
	uint64_t i = (uint64_t)a % FILE_LOCKS, k = (uint64_t)(b != 0 ? b : a) % FILE_LOCKS;

	pthread_mutex_unlock(&fs->file_lock[i]);
	if (i != k)
		pthread_mutex_unlock(&fs->file_lock[k]);
}

/* An inode of ours whose row is away: what an NFS client asks for was removed. */
static int get_row(struct fs *fs, int64_t id, struct file_row *ret)
{
	int r = store_file_by_id(fs->store, id, ret);

	return r == -ENOENT ? -ESTALE : r;
}

int file_stat(struct fs *fs, const struct file_row *row, struct stat *ret)
{
	struct timespec changed = clock_timespec(row->ctime_us);
	struct user_row user;
	struct stat st;
	int r;

	r = store_user_by_id(fs->store, row->user, &user);
	if (r == 0)
		r = spool_stat(fs, row->id, &st);
	if (r < 0)
		return r;
	ret->st_mode = S_IFREG | (row->mode & MODE_BITS);
	ret->st_nlink = row->gone ? 0 : 1;
	ret->st_uid = user.uid;
	ret->st_gid = access_gid(user.uid);
	ret->st_size = st.st_size;
	ret->st_atim = st.st_atim;
	ret->st_mtim = st.st_mtim;
	ret->st_ctim = st.st_ctim.tv_sec > changed.tv_sec ||
		       (st.st_ctim.tv_sec == changed.tv_sec &&
			st.st_ctim.tv_nsec > changed.tv_nsec) ? st.st_ctim : changed;
	return 0;
}

int file_create(struct fs *fs, const struct caller *c, int64_t place, const char *name,
		mode_t mode, struct file_row *ret)
{
	struct where w;
	bool judged;
	int r;

	r = names_check(name, &judged);
	if (r == 0)
		r = access_where(fs, place, &w);
	if (r == 0)
		r = access_change(&w, c->uid);
	if (r == 0 && !c->again)
		r = quota_file(fs, w.user.id);
	if (r < 0)
		return r;
	return store_file_create(fs->store, c->request, place, name, judged, mode & MODE_BITS, ret);
}

/* ------------------------------------------------------------- content */

/*
 * The content is about to change to @size bytes: may it, and does everybody know? Room is
 * taken for the larger of both sizes; after_change() gives back what is not used.
 */
static int before_change(struct fs *fs, struct file_row *row, const struct where *w, uid_t uid,
			 bool server, int64_t old_size, int64_t size)
{
	int64_t growth = size > old_size ? size - old_size : 0;
	int r = access_change(w, uid);

	if (r == 0 && size > w->problem.source_bytes && growth > 0)
		r = -EFBIG;
	if (r == 0)
		r = quota_take(fs, row->user, growth);
	if (r < 0)
		return r;
	r = intake_event(fs, row, UPLOAD_CHANGED, server, size, 0);
	if (r < 0)
		quota_give(fs, row->user, growth);
	return r;
}

static void after_change(struct fs *fs, const struct file_row *row, int fd, int64_t old_size,
			 int64_t size)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		quota_give(fs, row->user, (size > old_size ? size : old_size) - st.st_size);
}

/* The spool for writing, with what decides whether it may be. */
static int open_content(struct fs *fs, const struct file_row *row, struct where *ret_where,
			struct stat *ret_st)
{
	int fd, r;

	fd = spool_open(fs, row->id, O_WRONLY);
	if (fd < 0)
		return fd;
	r = access_where(fs, row->place, ret_where);
	if (r == 0 && fstat(fd, ret_st) < 0)
		r = -errno;
	if (r < 0) {
		io_close(fd);
		return r;
	}
	return fd;
}

static int set_size(struct fs *fs, struct file_row *row, uid_t uid, bool server, int64_t size)
{
	static const struct timespec now[2] = { { .tv_nsec = UTIME_OMIT },
						{ .tv_nsec = UTIME_NOW } };
	struct where w;
	struct stat st;
	int fd, r = 0;

	fd = open_content(fs, row, &w, &st);
	if (fd < 0)
		return fd;
	/* Emptying an empty file is a change too: a write to it that was refused is forgiven. */
	if (st.st_size != size || size == 0)
		r = before_change(fs, row, &w, uid, server, st.st_size, size);
	if (r < 0)
		goto out;
	if (ftruncate(fd, size) < 0 || futimens(fd, now) < 0)
		r = -errno;
	after_change(fs, row, fd, st.st_size, size);
out:
	io_close(fd);
	return r;
}

/* A handle that no slot knows any more is taken for one that may never be closed. */
static struct handle get_handle(struct fs *fs, int64_t id, uint64_t fh)
{
	struct node n = { NODE_FILE, id };
	struct handle h;

	if (handles_get(fs->handles, fh, &h) == 0 && h.node == node_ino(n))
		return h;
	return (struct handle){ .node = node_ino(n), .flags = HANDLE_WRITER | HANDLE_SERVER };
}

static int open_locked(struct fs *fs, const struct caller *c, struct file_row *row, int flags,
		       uint64_t *ret_fh)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC, again = false;
	struct handle h = { .node = node_ino((struct node){ NODE_FILE, row->id }),
			    .request = c->request, .uid = c->uid };
	bool server = writes && access_server(c->pid);
	struct where w;
	int r = 0;

	if (writes) {
		r = access_where(fs, row->place, &w);
		if (r == 0)
			r = access_change(&w, c->uid);
		if (r == 0 && !server)
			r = intake_settle(fs, row);
		h.flags = HANDLE_WRITER | (server ? HANDLE_SERVER : 0);
	}
	if (r == 0)
		r = handles_take(fs->handles, &h, c->again, ret_fh, &again);
	if (r < 0)
		return r;
	if (!again)
		r = intake_handle(fs, row->id, 1);
	if (r == 0 && !again && writes)
		r = intake_event(fs, row, UPLOAD_OPENED, server, 0, 0);
	if (r < 0)
		handles_drop(fs->handles, *ret_fh);
	return r;
}

static void release_locked(struct fs *fs, struct file_row *row, uint64_t fh)
{
	struct handle h;
	struct stat st;
	bool known = handles_get(fs->handles, fh, &h) == 0;

	h = get_handle(fs, row->id, fh);
	if (h.flags & HANDLE_WRITER && spool_stat(fs, row->id, &st) == 0)
		intake_event(fs, row, UPLOAD_RELEASED, h.flags & HANDLE_SERVER, st.st_size, 0);
	handles_drop(fs->handles, fh);
	if (known)
		intake_handle(fs, row->id, -1);
	if (row->gone && row->state != FILE_RECEIVED)
		intake_forget(fs, row);
}

int file_open(struct fs *fs, const struct caller *c, int64_t id, int flags, uint64_t *ret_fh)
{
	struct file_row row;
	uint64_t fh;
	int r;

	fs_lock(fs, id);
	r = get_row(fs, id, &row);
	if (r == 0)
		r = open_locked(fs, c, &row, flags, &fh);
	if (r == 0 && flags & O_TRUNC) {
		r = set_size(fs, &row, c->uid, get_handle(fs, id, fh).flags & HANDLE_SERVER, 0);
		if (r < 0)
			release_locked(fs, &row, fh);
	}
	fs_unlock(fs, id);
	if (r == 0)
		*ret_fh = fh;
	return r;
}

void file_release(struct fs *fs, struct node n, uint64_t fh)
{
	struct file_row row;

	if (n.kind != NODE_FILE) {
		handles_drop(fs->handles, fh);
		return;
	}
	fs_lock(fs, n.row);
	if (store_file_by_id(fs->store, n.row, &row) == 0) {
		release_locked(fs, &row, fh);
	} else {
		handles_drop(fs->handles, fh);
		log_error("file %" PRId64 ": closed, but not in the store", n.row);
	}
	fs_unlock(fs, n.row);
}

/* What was written is a torso from now on, until it is emptied. */
static void note_failure(struct fs *fs, struct file_row *row, uint64_t fh,
			 const struct handle *h, int error)
{
	handles_failed(fs->handles, fh, error);
	intake_event(fs, row, UPLOAD_FAILED, h->flags & HANDLE_SERVER, 0, error);
}

static int write_locked(struct fs *fs, struct file_row *row, const struct handle *h,
			const void *data, size_t len, off_t at)
{
	int64_t end = at + (int64_t)len;
	struct where w;
	struct stat st;
	int fd, r;

	fd = open_content(fs, row, &w, &st);
	if (fd < 0)
		return fd;
	r = before_change(fs, row, &w, h->uid, h->flags & HANDLE_SERVER, st.st_size,
			  end > st.st_size ? end : st.st_size);
	if (r < 0)
		goto out;
	r = io_pwrite(fd, data, len, at);
	after_change(fs, row, fd, st.st_size, end);
out:
	io_close(fd);
	return r;
}

int file_write(struct fs *fs, int64_t id, uint64_t fh, const void *data, size_t len, off_t at)
{
	struct file_row row;
	struct handle h;
	int r;

	fs_lock(fs, id);
	r = get_row(fs, id, &row);
	if (r == 0) {
		h = get_handle(fs, id, fh);
		r = write_locked(fs, &row, &h, data, len, at);
		if (r < 0)
			note_failure(fs, &row, fh, &h, -r);
	}
	fs_unlock(fs, id);
	return r;
}

int file_truncate(struct fs *fs, const struct caller *c, int64_t id, bool has_fh, uint64_t fh,
		  off_t size)
{
	struct handle h = { .flags = 0 };
	struct file_row row;
	int r;

	fs_lock(fs, id);
	r = get_row(fs, id, &row);
	if (r == 0 && has_fh)
		h = get_handle(fs, id, fh);
	if (r == 0 && !has_fh)
		r = intake_settle(fs, &row);
	if (r == 0)
		r = set_size(fs, &row, has_fh ? h.uid : c->uid, h.flags & HANDLE_SERVER, size);
	if (r == 0 && size == 0 && h.error != 0)
		handles_failed(fs->handles, fh, 0);
	fs_unlock(fs, id);
	return r;
}

int file_sync(struct fs *fs, int64_t id, uint64_t fh)
{
	struct file_row row;
	struct handle h;
	struct stat st;
	int r;

	fs_lock(fs, id);
	h = get_handle(fs, id, fh);
	r = get_row(fs, id, &row);
	if (r == 0)
		r = spool_stat(fs, id, &st);
	if (r == 0)
		r = intake_event(fs, &row, UPLOAD_SYNCED, h.flags & HANDLE_SERVER, st.st_size, 0);
	fs_unlock(fs, id);
	return r;
}

int file_flush(struct fs *fs, int64_t id, uint64_t fh)
{
	return get_handle(fs, id, fh).flags & HANDLE_WRITER ? file_sync(fs, id, fh) : 0;
}

/* ------------------------------------------------------------- attributes */

int file_chmod(struct fs *fs, int64_t id, mode_t mode)
{
	struct file_row row = { .mode = mode & MODE_BITS };
	int r;

	fs_lock(fs, id);
	r = store_file_attr(fs->store, id, FILE_SET_MODE, &row);
	fs_unlock(fs, id);
	return r == -ENOENT ? -ESTALE : r;
}

int file_utimens(struct fs *fs, int64_t id, const struct timespec times[2])
{
	struct file_row row;
	struct stat st;
	int fd, r = 0;

	fs_lock(fs, id);
	fd = spool_open(fs, id, O_WRONLY);
	if (fd < 0) {
		r = fd == -ENOENT ? -ESTALE : fd;
		goto out;
	}
	if (futimens(fd, times) < 0 || fstat(fd, &st) < 0)
		r = -errno;
	if (r == 0) {
		row.atime_us = clock_us(st.st_atim);
		row.mtime_us = clock_us(st.st_mtim);
		r = store_file_attr(fs->store, id, FILE_SET_ATIME | FILE_SET_MTIME, &row);
	}
	io_close(fd);
out:
	fs_unlock(fs, id);
	return r;
}

/* ------------------------------------------------------------- names */

static int may_change(struct fs *fs, const struct caller *c, int64_t place, struct where *ret)
{
	int r = access_where(fs, place, ret);

	return r < 0 ? r : access_change(ret, c->uid);
}

/* Lock what has this name, as soon as what was looked up still has it. */
static int lock_name(struct fs *fs, int64_t place, const char *name, struct file_row *ret)
{
	int64_t id;
	int r;

	for (;;) {
		r = store_file_lookup(fs->store, place, name, ret);
		if (r < 0)
			return r;
		id = ret->id;
		fs_lock(fs, id);
		r = store_file_lookup(fs->store, place, name, ret);
		if (r == 0 && ret->id == id)
			return 0;
		fs_unlock(fs, id);
		if (r < 0)
			return r;
	}
}

int file_unlink(struct fs *fs, const struct caller *c, int64_t place, const char *name)
{
	struct file_row row;
	struct where w;
	int r;

	r = may_change(fs, c, place, &w);
	if (r < 0)
		return r;
	r = lock_name(fs, place, name, &row);
	if (r == -ENOENT)	/* or it was us, and the answer was lost */
		return store_file_unlink(fs->store, c->request, place, name, NULL);
	if (r < 0)
		return r;
	r = intake_settle(fs, &row);
	if (r == 0)
		r = store_file_unlink(fs->store, c->request, place, name, NULL);
	if (r == 0)
		intake_forget(fs, &row);
	fs_unlock(fs, row.id);
	return r;
}

/* Debris gets a name to judge: its bytes must be on the disk before the name says so. */
static int sync_spool(struct fs *fs, int64_t id)
{
	int fd = spool_open(fs, id, O_RDONLY), r = 0;

	if (fd < 0)
		return fd;
	if (fsync(fd) < 0)
		r = -errno;
	io_close(fd);
	return r;
}

/*
 * Under its new name the content may be one to judge, or be judged already. It has that name
 * now, whatever becomes of the rest: an error would be a lie.
 */
static void after_rename(struct fs *fs, struct file_row *row, bool was_judged)
{
	struct stat st;
	int r;

	r = store_file_by_id(fs->store, row->id, row);
	if (r == 0)
		r = spool_stat(fs, row->id, &st);
	if (r == 0 && !row->judged)
		return;
	if (r == 0 && row->state == FILE_RECEIVED)
		r = intake_event(fs, row, UPLOAD_RENAMED, false, st.st_size, 0);
	else if (r == 0 && (row->submission != 0 || was_judged))
		bell_ring(fs->bell);
	if (r == 0)
		r = results_refresh(fs, row);
	if (r < 0)
		log_error("file %" PRId64 ": renamed, but not shown so: %s", row->id, strerror(-r));
}

static int rename_locked(struct fs *fs, const struct caller *c, struct file_row *row,
			 struct file_row *old, const struct where *to, const char *to_name,
			 bool judged, bool no_replace)
{
	int64_t replaced = 0;
	struct stat st;
	int r;

	r = spool_stat(fs, row->id, &st);
	if (r == 0 && st.st_size > to->problem.source_bytes)
		r = -EFBIG;
	if (r == 0)
		r = intake_settle(fs, row);
	if (r == 0 && old->id != 0 && old->id != row->id)
		r = intake_settle(fs, old);
	if (r == 0 && judged && !row->judged)
		r = sync_spool(fs, row->id);
	if (r == 0)
		r = store_file_rename(fs->store, c->request, row->id, to->place.id, to_name,
				      judged, no_replace, &replaced);
	if (r == 0 && replaced != 0)
		intake_forget(fs, old);
	return r;
}

/* One end of a rename. */
struct name {
	int64_t place;
	const char *name;
};

/* What has the names now; old->id is 0 when nothing has the new one. */
static int look_two(struct fs *fs, const struct name *from, const struct name *to,
		    struct file_row *row, struct file_row *old)
{
	int r = store_file_lookup(fs->store, from->place, from->name, row);

	if (r < 0)
		return r;
	r = store_file_lookup(fs->store, to->place, to->name, old);
	if (r == -ENOENT)
		old->id = 0;
	return r == -ENOENT ? 0 : r;
}

/* As lock_name(); fs_unlock_two() of row->id and old->id. */
static int lock_two_names(struct fs *fs, const struct name *from, const struct name *to,
			  struct file_row *row, struct file_row *old)
{
	int64_t id, old_id;
	int r;

	for (;;) {
		r = look_two(fs, from, to, row, old);
		if (r < 0)
			return r;
		id = row->id;
		old_id = old->id;
		fs_lock_two(fs, id, old_id);
		r = look_two(fs, from, to, row, old);
		if (r == 0 && row->id == id && old->id == old_id)
			return 0;
		fs_unlock_two(fs, id, old_id);
		if (r < 0)
			return r;
	}
}

int file_rename(struct fs *fs, const struct caller *c, int64_t place, const char *name,
		int64_t to_place, const char *to_name, bool no_replace)
{
	struct file_row row, old;
	struct where from, to;
	bool judged;
	int r;

	r = names_check(to_name, &judged);
	if (r == 0)
		r = may_change(fs, c, place, &from);
	if (r == 0)
		r = may_change(fs, c, to_place, &to);
	if (r < 0)
		return r;
	r = lock_two_names(fs, &(struct name){ place, name }, &(struct name){ to_place, to_name },
			   &row, &old);
	if (r == -ENOENT)	/* or it was us, and the answer was lost */
		return store_file_rename(fs->store, c->request, 0, to_place, to_name, judged,
					 no_replace, NULL);
	if (r < 0)
		return r;
	r = rename_locked(fs, c, &row, &old, &to, to_name, judged, no_replace);
	if (r == 0)
		after_rename(fs, &row, row.judged);
	fs_unlock_two(fs, row.id, old.id);
	return r;
}
