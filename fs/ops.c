#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "fs/access.h"
#include "fs/file.h"
#include "fs/kinds.h"
#include "fs/loop.h"
#include "fs/names.h"
#include "fs/ops.h"
#include "fs/shown.h"

static struct fs *fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static struct caller caller_of(fuse_req_t req)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	uint64_t request = loop_request();

	return (struct caller){ .uid = ctx->uid, .pid = ctx->pid,
				.request = request & ~REQUEST_AGAIN,
				.again = (request & REQUEST_AGAIN) != 0 };
}

/* libfuse wants positive numbers. */
static void reply_err(fuse_req_t req, int r)
{
	fuse_reply_err(req, -r);
}

static int fill_entry(struct fs *fs, struct node n, struct fuse_entry_param *ret)
{
	struct fuse_entry_param e = { .ino = node_ino(n) };
	int r = tree_stat(fs, n, &e.attr);

	if (r < 0)
		return r;
	tree_times(n, &e.entry_timeout, &e.attr_timeout);
	*ret = e;
	return 0;
}

static void reply_attr(fuse_req_t req, struct node n)
{
	double entry_s, attr_s;
	struct stat st;
	int r = tree_stat(fs_of(req), n, &st);

	if (r < 0) {
		reply_err(req, r);
		return;
	}
	tree_times(n, &entry_s, &attr_s);
	fuse_reply_attr(req, &st, attr_s);
}

/* ------------------------------------------------------------- session */

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	static const unsigned wanted = FUSE_CAP_EXPORT_SUPPORT | FUSE_CAP_ATOMIC_O_TRUNC |
				       FUSE_CAP_ASYNC_READ | FUSE_CAP_AUTO_INVAL_DATA |
				       FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS |
				       FUSE_CAP_READDIRPLUS_AUTO;

	/* No writeback cache: flush has seen every byte. No splice: the loop reads headers. */
	(void)userdata;
	conn->want = conn->capable & wanted;
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs st;

	(void)ino;
	if (fstatvfs(store_spool_dir(fs_of(req)->store), &st) < 0) {
		fuse_reply_err(req, errno);
		return;
	}
	st.f_namemax = 255;
	fuse_reply_statfs(req, &st);
}

/* ------------------------------------------------------------- looking */

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct caller c = caller_of(req);
	struct fuse_entry_param e;
	struct node n;
	int r;

	r = tree_lookup(fs_of(req), node_from_ino(parent), name, &c, &n);
	if (r == 0)
		r = fill_entry(fs_of(req), n, &e);
	if (r < 0)
		reply_err(req, r);
	else
		fuse_reply_entry(req, &e);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	reply_attr(req, node_from_ino(ino));
}

static void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct buf target = { 0 };
	int r = tree_link(fs_of(req), node_from_ino(ino), &target);

	if (r < 0)
		reply_err(req, r);
	else
		fuse_reply_readlink(req, buf_text(&target));
	buf_release(&target);
}

/* A user who lists their own folder finds a place for each problem there is. */
struct arrival {
	struct fs *fs;
	int64_t user;
};

static bool make_place(void *ctx, const struct problem_row *row)
{
	struct arrival *a = ctx;
	struct place_row place;

	if (row->installed)
		store_place_get(a->fs->store, a->user, row->id, true, &place);
	return true;
}

static void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node n = node_from_ino(ino);
	struct arrival a = { fs_of(req), n.row };
	struct user_row user;

	if (n.kind == NODE_USER && store_user_by_id(a.fs->store, n.row, &user) == 0 &&
	    user.uid == fuse_req_ctx(req)->uid)
		store_list_problems(a.fs->store, 0, make_place, &a);
	fuse_reply_open(req, fi);
}

struct page {
	fuse_req_t req;
	char *data;
	size_t size, used;
	bool plus;
};

static bool add_entry(void *ctx, const char *name, struct node n, uint64_t cookie)
{
	struct page *p = ctx;
	struct fs *fs = fs_of(p->req);
	struct fuse_entry_param e = {
		.attr = { .st_ino = node_ino(n), .st_mode = tree_type(fs, n) },
	};
	bool dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
	size_t left = p->size - p->used, need;
	double entry_s, attr_s;

	/* What is never kept is not sent along: whoever wants it asks. */
	tree_times(n, &entry_s, &attr_s);
	if (p->plus && entry_s > 0 && !dots && fill_entry(fs, n, &e) < 0)
		return true;	/* removed this moment */
	need = p->plus ? fuse_add_direntry_plus(p->req, p->data + p->used, left, name, &e, cookie) :
			 fuse_add_direntry(p->req, p->data + p->used, left, name, &e.attr, cookie);
	if (need > left)
		return false;
	p->used += need;
	return true;
}

static void read_directory(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, bool plus)
{
	struct caller c = caller_of(req);
	struct page p = { .req = req, .size = size, .plus = plus };
	struct listing l = { .emit = add_entry, .ctx = &p, .caller = &c, .after = off };
	int r = -ENOMEM;

	p.data = malloc(size);
	if (p.data != NULL)
		r = tree_list(fs_of(req), node_from_ino(ino), &l);
	if (r < 0)
		reply_err(req, r);
	else
		fuse_reply_buf(req, p.data, p.used);
	free(p.data);
}

static void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	(void)fi;
	read_directory(req, ino, size, off, false);
}

static void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
			   struct fuse_file_info *fi)
{
	(void)fi;
	read_directory(req, ino, size, off, true);
}

/* ------------------------------------------------------------- open files */

static int open_node(struct fs *fs, const struct caller *c, struct node n,
		     struct fuse_file_info *fi)
{
	struct stat st;
	int r;

	fi->fh = 0;
	/* Nothing can have changed that close() would have to tell. */
	fi->noflush = (fi->flags & O_ACCMODE) == O_RDONLY;
	if (n.kind == NODE_FILE) {
		fi->keep_cache = 1;
		return file_open(fs, c, n.row, fi->flags, &fi->fh);
	}
	r = tree_stat(fs, n, &st);
	if (r == 0)
		r = shown_open(fs, c, n, fi->flags, &fi->fh);
	fi->direct_io = r == 0 && fi->fh != 0;
	return r;
}

/* The kernel has the handle now, or whoever waited for it is gone and will never close it. */
static void opened(struct fs *fs, struct node n, uint64_t fh, int sent)
{
	if (fh == 0)
		return;
	if (sent == -ENOENT)
		file_release(fs, n, fh);
	else
		handles_sure(fs->handles, fh);
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node n = node_from_ino(ino);
	struct caller c = caller_of(req);
	struct fs *fs = fs_of(req);
	int r;

	r = open_node(fs, &c, n, fi);
	if (r < 0)
		reply_err(req, r);
	else
		opened(fs, n, fi->fh, fuse_reply_open(req, fi));
}

static void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	struct fuse_bufvec out = FUSE_BUFVEC_INIT(size);
	struct content c = { .fd = -1 };
	int r;

	(void)fi;
	r = tree_content(fs_of(req), node_from_ino(ino), &c);
	if (r < 0) {
		reply_err(req, r);
		return;
	}
	if (c.fd >= 0) {
		out.buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK;
		out.buf[0].fd = c.fd;
		out.buf[0].pos = off;
		fuse_reply_data(req, &out, FUSE_BUF_NO_SPLICE);
	} else if ((size_t)off >= c.text.len) {
		fuse_reply_buf(req, NULL, 0);
	} else {
		size_t left = c.text.len - off;

		fuse_reply_buf(req, c.text.data + off, left < size ? left : size);
	}
	content_release(&c);
}

static void op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct node n = node_from_ino(ino);
	struct fs *fs = fs_of(req);
	int r;

	r = n.kind == NODE_FILE ? file_write(fs, n.row, fi->fh, data, size, off) :
				  shown_write(fs, n, fi->fh, data, size, off);
	if (r < 0)
		reply_err(req, r);
	else
		fuse_reply_write(req, size);
}

static void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct node n = node_from_ino(ino);

	reply_err(req, n.kind == NODE_FILE ? file_flush(fs_of(req), n.row, fi->fh) : 0);
}

static void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	struct node n = node_from_ino(ino);
	struct fs *fs = fs_of(req);

	(void)datasync;
	reply_err(req, n.kind == NODE_FILE ? file_sync(fs, n.row, fi->fh) : shown_sync(fs, n));
}

static void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	if (fi->fh != 0)
		file_release(fs_of(req), node_from_ino(ino), fi->fh);
	fuse_reply_err(req, 0);
}

/* The publisher says which submission it writes for. */
static void op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned cmd, void *arg,
		     struct fuse_file_info *fi, unsigned flags, const void *in, size_t in_size,
		     size_t out_size)
{
	uint64_t submission;
	int r = -ENOTTY;

	(void)arg;
	(void)out_size;
	if (cmd == RESULT_IOC_FOR && !(flags & FUSE_IOCTL_DIR) && in_size == sizeof(submission)) {
		memcpy(&submission, in, sizeof(submission));
		r = shown_write_for(fs_of(req), node_from_ino(ino), fi->fh, submission);
	}
	if (r < 0)
		reply_err(req, r);
	else
		fuse_reply_ioctl(req, 0, NULL, 0);
}

/* ------------------------------------------------------------- attributes */

static int set_owner(struct fs *fs, struct node n, const struct stat *to, int what)
{
	struct stat now;
	int r = tree_stat(fs, n, &now);

	if (r == 0 && ((what & FUSE_SET_ATTR_UID && to->st_uid != now.st_uid) ||
		       (what & FUSE_SET_ATTR_GID && to->st_gid != now.st_gid)))
		r = -EPERM;
	return r;
}

static int set_times(struct fs *fs, struct node n, const struct stat *to, int what)
{
	struct timespec t[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_OMIT } };

	if (what & FUSE_SET_ATTR_ATIME)
		t[0] = to->st_atim;
	if (what & FUSE_SET_ATTR_MTIME)
		t[1] = to->st_mtim;
	if (what & FUSE_SET_ATTR_ATIME_NOW)
		t[0].tv_nsec = UTIME_NOW;
	if (what & FUSE_SET_ATTR_MTIME_NOW)
		t[1].tv_nsec = UTIME_NOW;
	return file_utimens(fs, n.row, t);
}

static int set_attr(struct fs *fs, const struct caller *c, struct node n, const struct stat *to,
		    int what, const struct fuse_file_info *fi)
{
	static const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME |
				 FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW;
	uint64_t fh = fi != NULL ? fi->fh : 0;
	int r = 0;

	if (shown_is(n))
		return what & FUSE_SET_ATTR_SIZE ? shown_truncate(fs, n, fh, to->st_size) : -EPERM;
	if (n.kind != NODE_FILE)
		return -EPERM;
	if (what & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID))
		r = set_owner(fs, n, to, what);
	if (r == 0 && what & FUSE_SET_ATTR_SIZE)
		r = file_truncate(fs, c, n.row, fi != NULL, fh, to->st_size);
	if (r == 0 && what & FUSE_SET_ATTR_MODE)
		r = file_chmod(fs, n.row, to->st_mode);
	if (r == 0 && what & times)
		r = set_times(fs, n, to, what);
	return r;
}

static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *to, int what,
		       struct fuse_file_info *fi)
{
	struct node n = node_from_ino(ino);
	struct caller c = caller_of(req);
	int r = set_attr(fs_of(req), &c, n, to, what, fi);

	if (r < 0)
		reply_err(req, r);
	else
		reply_attr(req, n);
}

/* ------------------------------------------------------------- names */

static int make_file(struct fs *fs, const struct caller *c, struct node dir, const char *name,
		     mode_t mode, struct file_row *ret)
{
	if (dir.kind == NODE_NONE)
		return -ESTALE;
	if (dir.kind != NODE_SUB || !(S_ISREG(mode) || (mode & S_IFMT) == 0))
		return -EPERM;
	return file_create(fs, c, dir.row, name, mode, ret);
}

static void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
	struct caller c = caller_of(req);
	struct fuse_entry_param e;
	struct file_row row;
	int r;

	(void)rdev;
	r = make_file(fs_of(req), &c, node_from_ino(parent), name, mode, &row);
	if (r == 0)
		r = fill_entry(fs_of(req), (struct node){ NODE_FILE, row.id }, &e);
	if (r < 0)
		reply_err(req, r);
	else
		fuse_reply_entry(req, &e);
}

static void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		      struct fuse_file_info *fi)
{
	struct node dir = node_from_ino(parent), n = { NODE_FILE, 0 };
	struct caller c = caller_of(req);
	struct fs *fs = fs_of(req);
	struct fuse_entry_param e;
	struct file_row row;
	int r;

	r = make_file(fs, &c, dir, name, mode, &row);
	if (r == -EEXIST && !(fi->flags & O_EXCL))	/* another was first */
		r = store_file_lookup(fs->store, dir.row, name, &row);
	if (r == 0) {
		n.row = row.id;
		r = open_node(fs, &c, n, fi);
	}
	if (r < 0) {
		reply_err(req, r);
		return;
	}
	r = fill_entry(fs, n, &e);
	if (r < 0) {
		file_release(fs, n, fi->fh);
		reply_err(req, r);
		return;
	}
	opened(fs, n, fi->fh, fuse_reply_create(req, &e, fi));
}

/* Whatever is not a source is not the student's to remove or rename. */
static int only_sources(struct fs *fs, struct node dir, const char *name, const struct caller *c)
{
	struct node n;
	int r;

	if (dir.kind != NODE_SUB)
		return dir.kind == NODE_NONE ? -ESTALE : -EPERM;
	r = tree_lookup(fs, dir, name, c, &n);
	return r == 0 && n.kind != NODE_FILE ? -EPERM : 0;
}

static void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct node dir = node_from_ino(parent);
	struct caller c = caller_of(req);
	int r;

	r = only_sources(fs_of(req), dir, name, &c);
	reply_err(req, r < 0 ? r : file_unlink(fs_of(req), &c, dir.row, name));
}

static void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_parent,
		      const char *to_name, unsigned flags)
{
	struct node dir = node_from_ino(parent), to = node_from_ino(to_parent);
	struct caller c = caller_of(req);
	char source[NAME_MAX + 1];
	enum result_kind kind;
	int r = 0;

	if (flags & ~RENAME_NOREPLACE)
		r = -EINVAL;
	else if (names_result(to_name, &kind, source))
		r = -EPERM;	/* mv(1) tells a tale about EINVAL */
	if (r == 0)
		r = only_sources(fs_of(req), dir, name, &c);
	if (r == 0)
		r = only_sources(fs_of(req), to, to_name, &c);
	if (r == 0)
		r = file_rename(fs_of(req), &c, dir.row, name, to.row, to_name,
				flags & RENAME_NOREPLACE);
	reply_err(req, r);
}

/* Folders as submissions come later; links never: a name is one submission. */
static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent;
	(void)name;
	(void)mode;
	fuse_reply_err(req, EPERM);
}

static void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target;
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	(void)ino;
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

const struct fuse_lowlevel_ops serve_ops = {
	.init = op_init,
	.statfs = op_statfs,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.readdirplus = op_readdirplus,
	.open = op_open,
	.create = op_create,
	.read = op_read,
	.write = op_write,
	.flush = op_flush,
	.fsync = op_fsync,
	.release = op_release,
	.ioctl = op_ioctl,
	.mknod = op_mknod,
	.unlink = op_unlink,
	.rename = op_rename,
	.mkdir = op_mkdir,
	.rmdir = op_rmdir,
	.symlink = op_symlink,
	.link = op_link,
};
