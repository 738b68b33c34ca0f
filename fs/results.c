#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/units.h"
#include "fs/access.h"
#include "fs/results.h"

#define TEXT_MAX	(16u << 20)

/* One lock for the files of the root, which have no row: that of the file 0. */
#define ROOT_LOCK	0

static const char soon[] = "The judge is starting; this is written in a moment.\n";

/* ------------------------------------------------------------- made of the rows */

/* Why a write was refused, in a student's words. */
static const struct reason {
	int error;
	const char *text;
	enum limit { LIMIT_NONE, LIMIT_SOURCE, LIMIT_QUOTA } limit;	/* is named after it */
} reasons[] = {
	{ EFBIG,  "it is larger than a source may be here: ", LIMIT_SOURCE },
	{ EDQUOT, "remove old files from sub/, all together may have ", LIMIT_QUOTA },
	{ ENOSPC, "the judge's disk is full", LIMIT_NONE },
	{ EROFS,  "the problem is closed", LIMIT_NONE },
	{ EACCES, "the problem is not open", LIMIT_NONE },
	{ 0,      "it could not be written whole", LIMIT_NONE },
};

static void not_taken(struct fs *fs, const struct file_row *row, int error, struct buf *ret)
{
	const struct reason *why = reasons;
	struct where w = { .place.id = 0 };
	char limit[32] = "";

	while (why->error != error && why->error != 0)
		why++;
	if (why->limit == LIMIT_SOURCE && access_where(fs, row->place, &w) == 0)
		format_size(w.problem.source_bytes, limit);
	if (why->limit == LIMIT_QUOTA)
		format_size(fs->settings.quota_bytes, limit);
	buf_printf(ret, "The last copy was not taken: %s%s.\n", why->text, limit);
}

/* Nothing under this name is judged now: why, and what was judged before. */
static void draft_verdict(struct fs *fs, const struct file_row *row, int error, struct buf *ret)
{
	struct submission_row last;
	struct stat st;

	buf_puts(ret, "Not judged\n\n");
	if (error == 0 && !intake_idle(fs, row->id))
		buf_puts(ret, "The file is still being written: it is judged when it is closed.\n");
	else if (error == 0 && spool_stat(fs, row->id, &st) == 0 && st.st_size == 0)
		buf_puts(ret, "The file is empty: there is nothing to judge.\n");
	else
		not_taken(fs, row, error, ret);
	if (store_submission_newest(fs->store, row->place, row->name, &last) == 0)
		buf_printf(ret, "Attempt %" PRId64 ", the last under this name, stands in "
			   "history/%" PRId64 ".\n", last.number, last.number);
	else
		buf_puts(ret, "Nothing was handed in under this name yet.\n");
}

static void json(struct fs *fs, const struct file_row *row, const char *state, struct buf *ret)
{
	struct user_row user = { .name = "" };
	struct place_row place = { .problem_name = "" };

	store_user_by_id(fs->store, row->user, &user);
	store_place_by_id(fs->store, row->place, &place);
	buf_printf(ret, "{\"final\":false,\"state\":\"%s\",\"id\":%" PRId64 ",\"problem\":", state,
		   row->state == FILE_CLEAN ? row->submission : 0);
	buf_json(ret, place.problem_name);
	buf_puts(ret, ",\"user\":");
	buf_json(ret, user.name);
	buf_puts(ret, ",\"file\":");
	buf_json(ret, row->name);
	buf_puts(ret, ",\"verdict\":null}\n");
}

/* What a result says by the rows and a draft's @error; -ENOENT where there is none. */
static int made(struct fs *fs, const struct file_row *row, int error, enum result_kind kind,
		struct buf *ret)
{
	bool queued = row->state == FILE_RECEIVED;
	int r;

	if (row->state == FILE_CLEAN && row->submission != 0) {
		r = store_shown(fs->store, row->submission, kind, ret);
		if (r != -ENOENT)
			return r;
		queued = true;
	}
	if (kind == RESULT_COMPILE)
		return -ENOENT;
	if (kind == RESULT_JSON)
		json(fs, row, queued ? "queued" : "draft", ret);
	else if (queued)
		buf_puts(ret, "Queued, 0 before it\n");
	else
		draft_verdict(fs, row, error, ret);
	return ret->failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------- files in STATE/results */

static int open_text(struct fs *fs, const char *name, int flags)
{
	int fd = openat(store_results_dir(fs->store), name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

static struct timespec after(struct timespec t)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec > t.tv_sec || (now.tv_sec == t.tv_sec && now.tv_nsec > t.tv_nsec))
		return now;
	if (++t.tv_nsec == 1000000000)
		t = (struct timespec){ t.tv_sec + 1, 0 };
	return t;
}

/* data NULL: only the size changes, to @at. */
static int change_text(struct fs *fs, const char *name, const void *data, size_t len, off_t at)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct stat st;
	int fd, r = 0;

	fd = open_text(fs, name, O_RDWR | O_CREAT);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		r = -errno;
	if (r == 0 && data != NULL)
		r = io_pwrite(fd, data, len, at);
	if (r == 0 && (data == NULL || at == 0) && ftruncate(fd, at + len) < 0)
		r = -errno;
	times[1] = after(st.st_mtim);
	if (r == 0 && futimens(fd, times) < 0)
		r = -errno;
	io_close(fd);
	return r;
}

static int stat_text(struct fs *fs, const char *name, struct stat *ret)
{
	struct stat st;

	if (fstatat(store_results_dir(fs->store), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	ret->st_size = st.st_size;
	ret->st_atim = st.st_atim;
	ret->st_mtim = st.st_mtim;
	ret->st_ctim = st.st_mtim;
	return 0;
}

static int sync_text(struct fs *fs, const char *name)
{
	int fd = open_text(fs, name, O_RDONLY), r = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (fsync(fd) < 0 || fsync(store_results_dir(fs->store)) < 0)
		r = -errno;
	io_close(fd);
	return r;
}

/* ------------------------------------------------------------- beside a source */

bool results_shown(const struct file_row *row, enum result_kind kind)
{
	return row->judged && !row->gone &&
	       (kind != RESULT_COMPILE || (row->compile_shown > 0 && row->state == FILE_CLEAN));
}

static int read_locked(struct fs *fs, const struct file_row *row, enum result_kind kind,
		       struct buf *ret)
{
	char name[64];
	int r;

	result_name(row->id, kind, name);
	r = io_read_at(store_results_dir(fs->store), name, TEXT_MAX, ret);
	return r == -ENOENT ? made(fs, row, 0, kind, ret) : r;
}

int results_read(struct fs *fs, const struct file_row *row, enum result_kind kind,
		 struct buf *ret)
{
	int r;

	if (!results_shown(row, kind))
		return -ENOENT;
	fs_lock(fs, row->id);
	r = read_locked(fs, row, kind, ret);
	fs_unlock(fs, row->id);
	return r;
}

int results_stat(struct fs *fs, const struct file_row *row, enum result_kind kind,
		 struct stat *ret)
{
	struct buf text = { 0 };
	char name[64];
	int r;

	if (!results_shown(row, kind))
		return -ENOENT;
	result_name(row->id, kind, name);
	fs_lock(fs, row->id);
	r = stat_text(fs, name, ret);
	if (r == -ENOENT) {
		r = made(fs, row, 0, kind, &text);
		ret->st_size = text.len;
		ret->st_mtim = clock_timespec(row->ctime_us);
		ret->st_atim = ret->st_ctim = ret->st_mtim;
	}
	fs_unlock(fs, row->id);
	buf_release(&text);
	return r;
}

static int show(struct fs *fs, const struct file_row *row, int error, enum result_kind kind)
{
	struct buf text = { 0 };
	char name[64];
	int r;

	result_name(row->id, kind, name);
	r = made(fs, row, error, kind, &text);
	if (r == -ENOENT || (r == 0 && kind == RESULT_COMPILE && text.len == 0)) {
		r = unlinkat(store_results_dir(fs->store), name, 0) < 0 && errno != ENOENT ?
			-errno : 0;
		goto out;
	}
	if (r == 0)
		r = change_text(fs, name, buf_text(&text), text.len, 0);
out:
	buf_release(&text);
	return r;
}

int results_draft(struct fs *fs, const struct file_row *row, int error)
{
	int r = 0;

	for (int kind = 0; r == 0 && kind < RESULT_KINDS; kind++)
		r = show(fs, row, error, kind);
	return r;
}

int results_refresh(struct fs *fs, const struct file_row *row)
{
	return results_draft(fs, row, 0);
}

/* The file's content is this submission; none younger is accepted or being written. */
static int check_current(struct fs *fs, int64_t file, enum result_kind kind, uint64_t submission)
{
	struct file_row row;
	int r = store_file_by_id(fs->store, file, &row);

	if (r < 0)
		return r == -ENOENT ? -ESTALE : r;
	if (submission == 0 || (uint64_t)row.submission != submission ||
	    row.state != FILE_CLEAN || !results_shown(&row, kind))
		return -ESTALE;
	return 0;
}

static int write_for(struct fs *fs, int64_t file, enum result_kind kind, uint64_t submission,
		     const void *data, size_t len, off_t at)
{
	char name[64];
	int r;

	result_name(file, kind, name);
	fs_lock(fs, file);
	r = check_current(fs, file, kind, submission);
	if (r == 0)
		r = change_text(fs, name, data, len, at);
	fs_unlock(fs, file);
	return r;
}

int results_write(struct fs *fs, int64_t file, enum result_kind kind, uint64_t submission,
		  const void *data, size_t len, off_t at)
{
	return write_for(fs, file, kind, submission, data, len, at);
}

int results_truncate(struct fs *fs, int64_t file, enum result_kind kind, uint64_t submission,
		     off_t size)
{
	return write_for(fs, file, kind, submission, NULL, 0, size);
}

int results_sync(struct fs *fs, int64_t file, enum result_kind kind)
{
	char name[64];

	result_name(file, kind, name);
	return sync_text(fs, name);
}

/* ------------------------------------------------------------- of the root */

int results_root_stat(struct fs *fs, const char *name, struct stat *ret)
{
	int r;

	fs_lock(fs, ROOT_LOCK);
	r = stat_text(fs, name, ret);
	fs_unlock(fs, ROOT_LOCK);
	if (r != -ENOENT)
		return r;
	ret->st_size = strlen(soon);
	return 0;
}

int results_root_read(struct fs *fs, const char *name, struct buf *ret)
{
	int r;

	fs_lock(fs, ROOT_LOCK);
	r = io_read_at(store_results_dir(fs->store), name, TEXT_MAX, ret);
	fs_unlock(fs, ROOT_LOCK);
	if (r != -ENOENT)
		return r;
	buf_puts(ret, soon);
	return ret->failed ? -ENOMEM : 0;
}

int results_root_write(struct fs *fs, const char *name, const void *data, size_t len, off_t at)
{
	int r;

	fs_lock(fs, ROOT_LOCK);
	r = change_text(fs, name, data, len, at);
	fs_unlock(fs, ROOT_LOCK);
	return r;
}

int results_root_truncate(struct fs *fs, const char *name, off_t size)
{
	return results_root_write(fs, name, NULL, 0, size);
}

int results_root_sync(struct fs *fs, const char *name)
{
	return sync_text(fs, name);
}
