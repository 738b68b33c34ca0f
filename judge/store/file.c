#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "judge/store/db.h"

#define REQUESTS_KEPT	4096

enum request_op { REQUEST_CREATE = 1, REQUEST_RENAME, REQUEST_UNLINK };

void file_from_row(sqlite3_stmt *st, void *ret)
{
	struct file_row *row = ret;

	row->id = sqlite3_column_int64(st, 0);
	row->place = sqlite3_column_int64(st, 1);
	row->user = sqlite3_column_int64(st, 2);
	db_text(st, 3, row->name, sizeof(row->name));
	row->judged = sqlite3_column_int64(st, 4) != 0;
	row->gone = sqlite3_column_int64(st, 5) != 0;
	row->mode = sqlite3_column_int64(st, 6);
	row->size = sqlite3_column_int64(st, 7);
	row->atime_us = sqlite3_column_int64(st, 8);
	row->mtime_us = sqlite3_column_int64(st, 9);
	row->ctime_us = sqlite3_column_int64(st, 10);
	row->state = sqlite3_column_int64(st, 11);
	row->submission = sqlite3_column_int64(st, 12);
	row->compile_shown = sqlite3_column_int64(st, 13);
}

void spool_name(int64_t file, char ret[32])
{
	snprintf(ret, 32, "%" PRId64, file);
}

void result_name(int64_t file, enum result_kind kind, char ret[64])
{
	static const char *const suffixes[RESULT_KINDS] = {
		[RESULT_VERDICT] = "verdict",
		[RESULT_JSON] = "result.json",
		[RESULT_COMPILE] = "compile.txt",
	};

	snprintf(ret, 64, "%" PRId64 ".%s", file, suffixes[kind]);
}

/* ------------------------------------------------------------- requests */

/* Return: 0 with what was answered before, -ENOENT when it is new, -errno. */
static int request_find(struct store *s, uint64_t request, enum request_op op, int64_t *ret)
{
	if (request == 0)
		return -ENOENT;
	return db_get(s, db_row_int, ret, "SELECT value FROM request"
		      " WHERE request = ?1 AND op = ?2", I((int64_t)request), I(op));
}

static int request_note(struct store *s, uint64_t request, enum request_op op, int64_t value)
{
	int64_t id;
	int r;

	if (request == 0)
		return 0;
	r = db_insert(s, &id, "INSERT OR REPLACE INTO request (request, op, value)"
		      " VALUES (?1, ?2, ?3)", I((int64_t)request), I(op), I(value));
	if (r == 0)
		r = db_exec(s, "DELETE FROM request WHERE id <= ?1", I(id - REQUESTS_KEPT));
	return r < 0 ? r : 0;
}

int store_requests_clear(struct store *s)
{
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_exec(s, "DELETE FROM request");
	return db_end(s, r < 0 ? r : 0);
}

/* ------------------------------------------------------------- looking */

int store_file_by_id(struct store *s, int64_t id, struct file_row *ret)
{
	return db_get(s, file_from_row, ret,
		      "SELECT " FILE_COLUMNS " FROM file WHERE id = ?1", I(id));
}

int store_file_lookup(struct store *s, int64_t place, const char *name, struct file_row *ret)
{
	return db_get(s, file_from_row, ret, "SELECT " FILE_COLUMNS " FROM file"
		      " WHERE place = ?1 AND name = ?2 AND gone = 0", I(place), T(name));
}

int store_list_files(struct store *s, int64_t place, int64_t after,
		     bool (*fn)(void *ctx, const struct file_row *row), void *ctx)
{
	return DB_LIST(s, file_row, file_from_row, id, after, fn, ctx,
		       "SELECT " FILE_COLUMNS " FROM file"
		       " WHERE place = ?3 AND gone = 0 AND id > ?1 ORDER BY id LIMIT ?2",
		       I(place));
}

int store_files_received(struct store *s, bool (*fn)(void *ctx, const struct file_row *row),
			 void *ctx)
{
	return DB_LIST(s, file_row, file_from_row, id, 0, fn, ctx,
		       "SELECT " FILE_COLUMNS " FROM file"
		       " WHERE state = 1 AND id > ?1 ORDER BY id LIMIT ?2");
}

int store_files_gone(struct store *s, bool (*fn)(void *ctx, const struct file_row *row), void *ctx)
{
	return DB_LIST(s, file_row, file_from_row, id, 0, fn, ctx,
		       "SELECT " FILE_COLUMNS " FROM file"
		       " WHERE gone = 1 AND id > ?1 ORDER BY id LIMIT ?2");
}

int store_user_files(struct store *s, int64_t user,
		     bool (*fn)(void *ctx, const struct file_row *row), void *ctx)
{
	return DB_LIST(s, file_row, file_from_row, id, 0, fn, ctx,
		       "SELECT " FILE_COLUMNS " FROM file"
		       " WHERE user = ?3 AND id > ?1 ORDER BY id LIMIT ?2", I(user));
}

int store_count_files(struct store *s, int64_t user, int64_t *ret)
{
	return db_get(s, db_row_int, ret, "SELECT count(*) FROM file WHERE user = ?1", I(user));
}

/* ------------------------------------------------------------- names */

static int file_name_check(const char *name)
{
	if (strlen(name) >= sizeof(((struct file_row *)NULL)->name))
		return -ENAMETOOLONG;
	if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return -EINVAL;
	return 0;
}

/* Made before the row is seen by anybody; what a crash leaves is emptied by the next of its id. */
static int spool_make(struct store *s, int64_t id)
{
	char name[32];
	int fd;

	spool_name(id, name);
	fd = openat(s->spool, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	io_close(fd);
	return 0;
}

static int file_insert(struct store *s, int64_t place, const char *name, bool judged, mode_t mode,
		       int64_t *ret_id)
{
	int64_t now = clock_wall_us(), id;
	struct place_row in;
	struct file_row old;
	int r;

	r = store_place_by_id(s, place, &in);
	if (r < 0)
		return r;
	r = store_file_lookup(s, place, name, &old);
	if (r != -ENOENT)
		return r < 0 ? r : -EEXIST;
	r = db_insert(s, &id, "INSERT INTO file (place, user, name, judged, gone, mode, size,"
		      " atime_us, mtime_us, ctime_us, state, received_us, submission,"
		      " compile_shown) VALUES (?1, ?2, ?3, ?4, 0, ?5, 0, ?6, ?6, ?6, ?7, 0, 0, 0)",
		      I(place), I(in.user), T(name), I(judged), I(mode & 07777), I(now),
		      I(FILE_DRAFT));
	if (r == 0)
		r = spool_make(s, id);
	if (r == 0)
		r = db_touch_place(s, place);
	if (r == 0)
		*ret_id = id;
	return r;
}

int store_file_create(struct store *s, uint64_t request, int64_t place, const char *name,
		      bool judged, mode_t mode, struct file_row *ret)
{
	struct file_row row;
	int64_t id;
	int r;

	r = file_name_check(name);
	if (r < 0)
		return r;
	r = db_begin(s);
	if (r < 0)
		return r;
	r = request_find(s, request, REQUEST_CREATE, &id);
	if (r == -ENOENT) {
		r = file_insert(s, place, name, judged, mode, &id);
		if (r == 0)
			r = request_note(s, request, REQUEST_CREATE, id);
	}
	if (r == 0)
		r = store_file_by_id(s, id, &row);
	r = db_end(s, r);
	if (r == 0)
		*ret = row;
	return r;
}

static int file_set_gone(struct store *s, int64_t id)
{
	int r = db_exec(s, "UPDATE file SET gone = 1, ctime_us = ?2 WHERE id = ?1",
			I(id), I(clock_wall_us()));

	return r < 0 ? r : 0;
}

/*
 * The content of a clean file under its new name: that of the newest submission there, or one
 * more to be judged. DRAFT and RECEIVED files go on by themselves.
 */
static int file_renamed_content(struct store *s, const struct file_row *file, int64_t place,
				const char *name)
{
	struct submission_row own, newest;
	int r;

	if (file->state != FILE_CLEAN || file->size == 0)
		return 0;
	r = file->submission > 0 ? store_submission(s, file->submission, &own) : -ENOENT;
	if (r == 0) {
		r = store_submission_newest(s, place, name, &newest);
		if (r == 0 && strcmp(own.blob.digest.hex, newest.blob.digest.hex) == 0)
			return submission_attach(s, file->id, &newest);
	}
	if (r < 0 && r != -ENOENT)
		return r;
	r = db_exec(s, "UPDATE file SET state = ?2, received_us = ?3 WHERE id = ?1",
		    I(file->id), I(FILE_RECEIVED), I(clock_wall_us()));
	return r < 0 ? r : 0;
}

static int file_rename(struct store *s, int64_t id, int64_t to_place, const char *to_name,
		       bool judged, bool no_replace, int64_t *ret_replaced)
{
	struct file_row file, old = { .id = 0 };
	struct place_row to;
	int r;

	r = store_file_by_id(s, id, &file);
	if (r == 0 && file.gone)
		r = -ENOENT;
	if (r == 0)
		r = store_place_by_id(s, to_place, &to);
	if (r < 0)
		return r;
	if (to.user != file.user)
		return -EXDEV;
	r = store_file_lookup(s, to_place, to_name, &old);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0 && no_replace)
		return -EEXIST;
	*ret_replaced = r == 0 && old.id != id ? old.id : 0;
	if (r == 0 && old.id == id)
		return 0;
	r = old.id > 0 ? file_set_gone(s, old.id) : 0;
	if (r == 0)
		r = db_exec(s, "UPDATE file SET place = ?2, name = ?3, judged = ?4, ctime_us = ?5"
			    " WHERE id = ?1", I(id), I(to_place), T(to_name), I(judged),
			    I(clock_wall_us()));
	if (r >= 0 && judged)
		r = file_renamed_content(s, &file, to_place, to_name);
	if (r >= 0)
		r = db_touch_place(s, file.place);
	if (r == 0 && to_place != file.place)
		r = db_touch_place(s, to_place);
	return r;
}

int store_file_rename(struct store *s, uint64_t request, int64_t id, int64_t to_place,
		      const char *to_name, bool judged, bool no_replace, int64_t *ret_replaced)
{
	int64_t replaced = 0;
	int r;

	r = file_name_check(to_name);
	if (r < 0)
		return r;
	r = db_begin(s);
	if (r < 0)
		return r;
	r = request_find(s, request, REQUEST_RENAME, &replaced);
	if (r == -ENOENT) {
		r = file_rename(s, id, to_place, to_name, judged, no_replace, &replaced);
		if (r == 0)
			r = request_note(s, request, REQUEST_RENAME, replaced);
	}
	r = db_end(s, r);
	if (r == 0 && ret_replaced != NULL)
		*ret_replaced = replaced;
	return r;
}

int store_file_unlink(struct store *s, uint64_t request, int64_t place, const char *name,
		      int64_t *ret_id)
{
	struct file_row file;
	int64_t id = 0;
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = request_find(s, request, REQUEST_UNLINK, &id);
	if (r == -ENOENT) {
		r = store_file_lookup(s, place, name, &file);
		if (r == 0)
			r = file_set_gone(s, file.id);
		if (r == 0)
			r = db_touch_place(s, place);
		if (r == 0)
			r = request_note(s, request, REQUEST_UNLINK, file.id);
		if (r == 0)
			id = file.id;
	}
	r = db_end(s, r);
	if (r == 0 && ret_id != NULL)
		*ret_id = id;
	return r;
}

static void remove_leftovers(struct store *s, int64_t id)
{
	char name[64];

	spool_name(id, name);
	unlinkat(s->spool, name, 0);
	for (int kind = 0; kind < RESULT_KINDS; kind++) {
		result_name(id, kind, name);
		unlinkat(s->results, name, 0);
	}
}

int store_file_forget(struct store *s, int64_t id)
{
	struct file_row file;
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = store_file_by_id(s, id, &file);
	if (r == 0 && (!file.gone || file.state == FILE_RECEIVED))
		r = -EBUSY;
	if (r == 0) {
		/* First: a row without files is found and forgotten again. */
		remove_leftovers(s, id);
		r = db_exec(s, "DELETE FROM file WHERE id = ?1", I(id));
	}
	return db_end(s, r < 0 ? r : 0);
}

/* ------------------------------------------------------------- content */

int store_file_attr(struct store *s, int64_t id, int what, const struct file_row *from)
{
	struct file_row row;
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = store_file_by_id(s, id, &row);
	if (r == 0)
		r = db_exec(s, "UPDATE file SET mode = ?2, atime_us = ?3, mtime_us = ?4,"
			    " ctime_us = ?5 WHERE id = ?1", I(id),
			    I(what & FILE_SET_MODE ? from->mode & 07777 : row.mode),
			    I(what & FILE_SET_ATIME ? from->atime_us : row.atime_us),
			    I(what & FILE_SET_MTIME ? from->mtime_us : row.mtime_us),
			    I(clock_wall_us()));
	return db_end(s, r < 0 ? r : 0);
}

int store_file_dirty(struct store *s, int64_t id)
{
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_exec(s, "UPDATE file SET state = ?2, ctime_us = ?3 WHERE id = ?1",
		    I(id), I(FILE_DRAFT), I(clock_wall_us()));
	return db_end(s, r < 0 ? r : r == 0 ? -ENOENT : 0);
}

/* The spool's name must be as durable as its bytes; once it is there it stays. */
static int spool_sync_name(struct store *s, int64_t received_us)
{
	return received_us == 0 && fsync(s->spool) < 0 ? -errno : 0;
}

int store_file_received(struct store *s, int64_t id, int64_t size, int64_t mtime_us)
{
	int64_t received_us, now = clock_wall_us();
	int r;

	if (size <= 0)
		return -EINVAL;
	r = db_get(s, db_row_int, &received_us, "SELECT received_us FROM file WHERE id = ?1", I(id));
	if (r == 0)
		r = spool_sync_name(s, received_us);
	if (r < 0)
		return r;
	r = db_begin(s);
	if (r < 0)
		return r;
	/* Nobody judges debris: kept is all that it wants, and it is no submission's content. */
	r = db_exec(s, "UPDATE file SET size = ?2, mtime_us = ?3, ctime_us = ?4, received_us = ?4,"
		    " state = CASE WHEN judged THEN ?5 ELSE ?6 END,"
		    " submission = CASE WHEN judged THEN submission ELSE 0 END WHERE id = ?1",
		    I(id), I(size), I(mtime_us), I(now), I(FILE_RECEIVED), I(FILE_CLEAN));
	return db_end(s, r < 0 ? r : r == 0 ? -ENOENT : 0);
}

int store_file_clean(struct store *s, int64_t id)
{
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_exec(s, "UPDATE file SET state = ?2 WHERE id = ?1", I(id), I(FILE_CLEAN));
	return db_end(s, r < 0 ? r : r == 0 ? -ENOENT : 0);
}
