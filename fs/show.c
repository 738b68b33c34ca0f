#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "fs/access.h"
#include "fs/file.h"
#include "fs/kinds.h"
#include "fs/results.h"

enum result_kind kind_result(enum node_kind kind)
{
	switch (kind) {
	case NODE_JSON:
	case NODE_ATTEMPT_JSON:
		return RESULT_JSON;
	case NODE_COMPILE:
	case NODE_ATTEMPT_COMPILE:
		return RESULT_COMPILE;
	default:
		return RESULT_VERDICT;
	}
}

static void set_times(struct stat *st, int64_t us)
{
	st->st_mtim = clock_timespec(us);
	st->st_atim = st->st_ctim = st->st_mtim;
}

static void set_owner(struct stat *st, uid_t uid)
{
	st->st_uid = uid;
	st->st_gid = access_gid(uid);
}

/* ------------------------------------------------------------- root and problems */

static bool later(void *ctx, const struct problem_row *row)
{
	int64_t *at = ctx;

	if (row->changed_us > *at)
		*at = row->changed_us;
	return true;
}

int show_root(struct fs *fs, struct node n, struct stat *st)
{
	int64_t at = atomic_load(&fs->users_changed_us);
	int r;

	if (n.row != 0)
		return -ENOENT;
	r = store_list_problems(fs->store, 0, later, &at);
	set_times(st, at);
	return r;
}

int show_root_file(struct fs *fs, struct node n, struct stat *st)
{
	if (n.row != 0)
		return -ENOENT;
	st->st_uid = fs->uid;
	st->st_gid = fs->gid;
	return results_root_stat(fs, tree_name(n.kind), st);
}

int content_root_file(struct fs *fs, struct node n, struct content *ret)
{
	return n.row != 0 ? -ENOENT : results_root_read(fs, tree_name(n.kind), &ret->text);
}

/* Before it opens only its name can be seen. */
static int visible_problem(struct fs *fs, int64_t id, struct problem_row *ret)
{
	int r = store_problem_by_id(fs->store, id, ret);

	return r == 0 && !ret->installed ? -ENOENT : r;
}

int show_problem(struct fs *fs, struct node n, struct stat *st)
{
	struct problem_row row;
	int r = visible_problem(fs, n.row, &row);

	if (r < 0)
		return r;
	if (row.open_us != 0 && clock_wall_us() < row.open_us)
		st->st_mode = S_IFDIR | 0700;
	set_times(st, row.changed_us);
	return 0;
}

int show_pfile(struct fs *fs, struct node n, struct stat *st)
{
	struct pfile_row row;
	struct problem_row problem;
	int r = store_pfile_by_id(fs->store, n.row, &row);

	if (r == 0)
		r = visible_problem(fs, row.problem, &problem);
	if (r < 0)
		return r;
	if (row.dir)
		st->st_mode = S_IFDIR | 0755;
	else
		st->st_size = row.blob.size;
	set_times(st, row.changed_us);
	return 0;
}

static int content_blob(struct fs *fs, const struct blob_ref *blob, struct content *ret)
{
	int fd = blobs_get(store_blobs(fs->store), &blob->digest);

	if (fd < 0)
		return fd == -ENOENT ? -EIO : fd;
	ret->fd = fd;
	return 0;
}

int content_pfile(struct fs *fs, struct node n, struct content *ret)
{
	struct pfile_row row;
	int r = store_pfile_by_id(fs->store, n.row, &row);

	if (r == 0 && row.dir)
		r = -EISDIR;
	return r < 0 ? r : content_blob(fs, &row.blob, ret);
}

int show_link(struct fs *fs, struct node n, struct stat *st)
{
	struct problem_row row;
	int r = visible_problem(fs, node_link_problem(n), &row);

	if (r < 0)
		return r;
	set_owner(st, node_link_uid(n));
	set_times(st, row.changed_us);
	return 0;
}

/* Whoever asks for the way to a place has come by: it is there when they arrive. */
int content_link(struct fs *fs, struct node n, struct content *ret)
{
	struct problem_row problem;
	struct place_row place;
	struct user_row user;
	int r;

	r = visible_problem(fs, node_link_problem(n), &problem);
	if (r == 0)
		r = access_user(fs, node_link_uid(n), &user);
	if (r == 0)
		r = store_place_get(fs->store, user.id, problem.id, true, &place);
	if (r < 0)
		return r;
	buf_printf(&ret->text, "../users/%s/%s/%s", user.name, problem.name, tree_name(n.kind));
	return ret->text.failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------- users and their places */

int show_users(struct fs *fs, struct node n, struct stat *st)
{
	if (n.row != 0)
		return -ENOENT;
	set_times(st, atomic_load(&fs->users_changed_us));
	return 0;
}

static bool later_place(void *ctx, const struct place_row *row)
{
	int64_t *at = ctx;

	if (row->changed_us > *at)
		*at = row->changed_us;
	return true;
}

int show_user(struct fs *fs, struct node n, struct stat *st)
{
	struct user_row row;
	int64_t at = 0;
	int r = store_user_by_id(fs->store, n.row, &row);

	if (r == 0)
		r = store_list_places(fs->store, row.id, 0, later_place, &at);
	if (r < 0)
		return r;
	set_owner(st, row.uid);
	set_times(st, at);
	return 0;
}

int show_place(struct fs *fs, struct node n, struct stat *st)
{
	struct place_row row;
	struct user_row user;
	int r = store_place_by_id(fs->store, n.row, &row);

	if (r == 0)
		r = store_user_by_id(fs->store, row.user, &user);
	if (r < 0)
		return r;
	set_owner(st, user.uid);
	set_times(st, row.changed_us);
	return 0;
}

/* ------------------------------------------------------------- sources and results */

int show_file(struct fs *fs, struct node n, struct stat *st)
{
	struct file_row row;
	int r = store_file_by_id(fs->store, n.row, &row);

	return r < 0 ? r : file_stat(fs, &row, st);
}

int content_file(struct fs *fs, struct node n, struct content *ret)
{
	int fd = spool_open(fs, n.row, O_RDONLY);

	if (fd < 0)
		return fd;
	ret->fd = fd;
	return 0;
}

int show_result(struct fs *fs, struct node n, struct stat *st)
{
	struct file_row row;
	int r = store_file_by_id(fs->store, n.row, &row);

	if (r < 0)
		return r;
	st->st_uid = fs->uid;
	st->st_gid = fs->gid;
	return results_stat(fs, &row, kind_result(n.kind), st);
}

int content_result(struct fs *fs, struct node n, struct content *ret)
{
	struct file_row row;
	int r = store_file_by_id(fs->store, n.row, &row);

	return r < 0 ? r : results_read(fs, &row, kind_result(n.kind), &ret->text);
}

/* ------------------------------------------------------------- history */

static int show_submission(struct fs *fs, int64_t id, struct stat *st, struct submission_row *ret)
{
	struct user_row user;
	int r = store_submission(fs->store, id, ret);

	if (r == 0)
		r = store_user_by_id(fs->store, ret->user, &user);
	if (r < 0)
		return r;
	set_owner(st, user.uid);
	set_times(st, ret->judged_us != 0 ? ret->judged_us : ret->received_us);
	return 0;
}

int show_attempt(struct fs *fs, struct node n, struct stat *st)
{
	struct submission_row row;

	return show_submission(fs, n.row, st, &row);
}

int show_attempt_source(struct fs *fs, struct node n, struct stat *st)
{
	struct submission_row row;
	int r = show_submission(fs, n.row, st, &row);

	if (r < 0)
		return r;
	st->st_size = row.blob.size;
	set_times(st, row.received_us);
	return 0;
}

int content_attempt_source(struct fs *fs, struct node n, struct content *ret)
{
	struct submission_row row;
	int r = store_submission(fs->store, n.row, &row);

	return r < 0 ? r : content_blob(fs, &row.blob, ret);
}

/* While it is being judged: what is shown beside the source, when that is still this one's. */
static int shown_beside(struct fs *fs, const struct submission_row *sub, enum result_kind kind,
			struct buf *ret, struct stat *st)
{
	struct file_row file;
	int r;

	r = store_file_by_id(fs->store, sub->file, &file);
	if (r == 0 && (file.submission != sub->id || file.state != FILE_CLEAN))
		r = -ENOENT;
	if (r == 0 && st != NULL)
		r = results_stat(fs, &file, kind, st);
	if (r == 0)
		r = results_read(fs, &file, kind, ret);
	if (r != -ENOENT)
		return r;
	if (kind == RESULT_COMPILE)
		return -ENOENT;
	buf_puts(ret, kind == RESULT_JSON ? "{\"final\":false}\n" : "Queued, 0 before it\n");
	return 0;
}

static int attempt_result(struct fs *fs, const struct submission_row *row, enum result_kind kind,
			  struct buf *ret, struct stat *st)
{
	int r = store_shown(fs->store, row->id, kind, ret);

	if (r == -ENOENT)
		r = shown_beside(fs, row, kind, ret, st);
	if (r == 0 && kind == RESULT_COMPILE && ret->len == 0)
		r = -ENOENT;
	return r == 0 && ret->failed ? -ENOMEM : r;
}

int show_attempt_result(struct fs *fs, struct node n, struct stat *st)
{
	struct submission_row row;
	struct buf text = { 0 };
	int r = show_submission(fs, n.row, st, &row);

	st->st_uid = fs->uid;
	st->st_gid = fs->gid;
	if (r == 0)
		r = attempt_result(fs, &row, kind_result(n.kind), &text, st);
	st->st_size = text.len;
	buf_release(&text);
	return r;
}

int content_attempt_result(struct fs *fs, struct node n, struct content *ret)
{
	struct submission_row row;
	int r = store_submission(fs->store, n.row, &row);

	return r < 0 ? r : attempt_result(fs, &row, kind_result(n.kind), &ret->text, NULL);
}
