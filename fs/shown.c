#include <errno.h>
#include <fcntl.h>

#include "fs/kinds.h"
#include "fs/results.h"
#include "fs/shown.h"

static bool is_result(struct node n)
{
	return n.kind == NODE_VERDICT || n.kind == NODE_JSON || n.kind == NODE_COMPILE;
}

static bool is_root_file(struct node n)
{
	return n.kind == NODE_README || n.kind == NODE_LANGUAGES || n.kind == NODE_QUEUE ||
	       n.kind == NODE_HEALTH;
}

bool shown_is(struct node n)
{
	return is_result(n) || is_root_file(n);
}

int shown_open(struct fs *fs, const struct caller *c, struct node n, int flags, uint64_t *ret_fh)
{
	struct handle h = { .node = node_ino(n), .request = c->request, .uid = c->uid,
			    .flags = HANDLE_WRITER | HANDLE_JUDGE };
	bool again;

	if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_TRUNC)) {
		*ret_fh = 0;
		return 0;
	}
	if (c->uid != fs->uid || !shown_is(n))
		return -EACCES;
	if (flags & O_TRUNC)
		return -EINVAL;		/* a reader would find it empty */
	return handles_take(fs->handles, &h, c->again, ret_fh, &again);
}

int shown_write_for(struct fs *fs, struct node n, uint64_t fh, uint64_t submission)
{
	if (!is_result(n) || handles_write_for(fs->handles, fh, submission) < 0)
		return -ENOTTY;
	return 0;
}

int shown_write(struct fs *fs, struct node n, uint64_t fh, const void *data, size_t len, off_t at)
{
	struct handle h;
	int r = handles_get(fs->handles, fh, &h);

	if (r < 0)
		return r;
	if (is_root_file(n))
		return results_root_write(fs, tree_name(n.kind), data, len, at);
	return results_write(fs, n.row, kind_result(n.kind), h.submission, data, len, at);
}

int shown_truncate(struct fs *fs, struct node n, uint64_t fh, off_t size)
{
	struct handle h;

	if (handles_get(fs->handles, fh, &h) < 0)
		return -EACCES;		/* truncate(2), without a handle */
	if (is_root_file(n))
		return results_root_truncate(fs, tree_name(n.kind), size);
	return results_truncate(fs, n.row, kind_result(n.kind), h.submission, size);
}

int shown_sync(struct fs *fs, struct node n)
{
	if (is_result(n))
		return results_sync(fs, n.row, kind_result(n.kind));
	return is_root_file(n) ? results_root_sync(fs, tree_name(n.kind)) : 0;
}
