/*
 * store_db.h - SQL in small words, for the files of the store alone
 *
 *	r = db_begin(s);
 *	if (r < 0)
 *		return r;
 *	r = db_exec(s, "UPDATE user SET name = ?2 WHERE id = ?1", I(id), T(name));
 *	return db_end(s, r < 0 ? r : 0);
 *
 * Statements are prepared once per connection and found again by the address
 * of their text: only string literals may be passed. The store's mutex is
 * recursive; each call below takes it, db_begin() keeps it until db_end().
 */
#ifndef JUDGE_STORE_DB_H
#define JUDGE_STORE_DB_H

#include <pthread.h>
#include <sqlite3.h>

#include "judge/store.h"

#define DB_STATEMENTS	128

struct store {
	sqlite3 *db;
	pthread_mutex_t lock;
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} statements[DB_STATEMENTS];
	size_t nstatements;
	struct blobs *blobs;
	int dir, spool, results;
};

struct db_arg {
	enum { DB_END, DB_INT, DB_TEXT } type;
	union {
		int64_t i;
		const char *t;
	} v;
};

#define I(x)	((struct db_arg){ DB_INT, { .i = (x) } })
#define T(x)	((struct db_arg){ DB_TEXT, { .t = (x) } })	/* NULL is NULL */
#define DB_ARGS(...)	\
	(&((const struct db_arg[]){ { DB_END, { 0 } }, ##__VA_ARGS__, { DB_END, { 0 } } })[1])

typedef void db_row_fn(sqlite3_stmt *st, void *ret);

int db_begin(struct store *s);		/* BEGIN IMMEDIATE */
int db_end(struct store *s, int r);	/* COMMIT when @r >= 0, else ROLLBACK; Return: @r or why not */

/** db_exec() - Return: the number of changed rows or -errno (-EEXIST: a constraint) */
#define db_exec(s, sql, ...)	db_exec_args(s, sql, DB_ARGS(__VA_ARGS__))
int db_exec_args(struct store *s, const char *sql, const struct db_arg *args);

/** db_insert() - Return: 0 with the row's id or -errno */
#define db_insert(s, ret_id, sql, ...)	db_insert_args(s, ret_id, sql, DB_ARGS(__VA_ARGS__))
int db_insert_args(struct store *s, int64_t *ret_id, const char *sql, const struct db_arg *args);

/** db_get() - the first row by @row into @ret; Return: 0, -ENOENT, -errno */
#define db_get(s, row, ret, sql, ...)	db_get_args(s, row, ret, sql, DB_ARGS(__VA_ARGS__))
int db_get_args(struct store *s, db_row_fn *row, void *ret, const char *sql,
		const struct db_arg *args);
db_row_fn db_row_int;			/* int64_t */
db_row_fn db_row_buf;			/* struct buf, appended */

/** db_rows() - up to @max rows into an array; Return: their number or -errno */
#define db_rows(s, row, ret, size, max, sql, ...)	\
	db_rows_args(s, row, ret, size, max, sql, DB_ARGS(__VA_ARGS__))
int db_rows_args(struct store *s, db_row_fn *row, void *ret, size_t size, int max,
		 const char *sql, const struct db_arg *args);

/*
 * DB_LIST() - call fn for every row, in chunks
 * ?1 is the cursor (the field `cursor` of the last row), ?2 the chunk's size, then more. The
 * store is not locked while fn runs, so that fn may use it.
 */
#define DB_CHUNK	64
#define DB_LIST(s, type, row, cursor, after, fn, ctx, sql, ...) ({			\
	struct type rows_[DB_CHUNK];							\
	int64_t after_ = (after);							\
	bool go_ = true;								\
	int n_ = DB_CHUNK;								\
											\
	while (go_ && n_ == DB_CHUNK) {							\
		n_ = db_rows(s, row, rows_, sizeof(rows_[0]), DB_CHUNK, sql, I(after_),	\
			     I(DB_CHUNK), ##__VA_ARGS__);				\
		for (int i_ = 0; i_ < n_ && go_; i_++) {				\
			after_ = rows_[i_].cursor;					\
			go_ = fn(ctx, &rows_[i_]);					\
		}									\
	}										\
	n_ < 0 ? n_ : 0;								\
})

/* Columns for row functions. */
void db_text(sqlite3_stmt *st, int column, char *ret, size_t size);

/** db_change() - the next number of the store-wide change counter; within a transaction */
int db_change(struct store *s, int64_t *ret);

/** db_touch_place() - changed_us grows */
int db_touch_place(struct store *s, int64_t place);

/* Rows that more than one file reads. */
#define FILE_COLUMNS	"id, place, user, name, judged, gone, mode, size, atime_us, mtime_us, " \
			"ctime_us, state, submission, compile_shown"
#define SUBMISSION_COLUMNS "id, file, user, problem, place, name, language, digest, size, number, " \
			"state, attempt, received_us, judged_us, verdict, change, published"
db_row_fn file_from_row, submission_from_row;

/** submission_attach() - @file's content is that of @sub: show it beside the file */
int submission_attach(struct store *s, int64_t file, const struct submission_row *sub);

void spool_name(int64_t file, char ret[32]);

#endif
