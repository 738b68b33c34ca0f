#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "judge/store/db.h"

#define APPLICATION_ID	0x4a444746	/* "JDGF", for file(1) */
#define PROBE_ROOM	(INT64_C(4) << 20)	/* bytes that are free when there is room again */
#define BUSY_MS		20000

/* Row N brings a database of version N to N + 1. Rows that were released never change. */
static const char *const migrations[] = {
	"CREATE TABLE counter ("
	"	name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO counter VALUES ('change', 0);"

	"CREATE TABLE user ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	uid INTEGER NOT NULL UNIQUE,"
	"	name TEXT NOT NULL UNIQUE) STRICT;"

	"CREATE TABLE problem ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	name TEXT NOT NULL UNIQUE,"
	"	title TEXT NOT NULL,"
	"	changed_us INTEGER NOT NULL,"
	"	open_us INTEGER NOT NULL, close_us INTEGER NOT NULL,"
	"	source_bytes INTEGER NOT NULL,"
	"	installed INTEGER NOT NULL,"
	"	feedback INTEGER NOT NULL,"
	"	spec TEXT NOT NULL) STRICT;"

	/* What lies in STATE/problems, as it was last read. why: NULL when it is shown. */
	"CREATE TABLE package ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	name TEXT NOT NULL UNIQUE,"
	"	digest TEXT NOT NULL,"
	"	why TEXT) STRICT;"

	"CREATE TABLE pfile ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	problem INTEGER NOT NULL REFERENCES problem,"
	"	parent INTEGER NOT NULL,"		/* 0: PROBLEM/ itself */
	"	name TEXT NOT NULL,"
	"	dir INTEGER NOT NULL,"
	"	digest TEXT NOT NULL, size INTEGER NOT NULL,"
	"	changed_us INTEGER NOT NULL,"
	"	seen INTEGER NOT NULL,"			/* by the running installation */
	"	UNIQUE (problem, parent, name)) STRICT;"

	"CREATE TABLE place ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	user INTEGER NOT NULL REFERENCES user,"
	"	problem INTEGER NOT NULL REFERENCES problem,"
	"	changed_us INTEGER NOT NULL,"
	"	numbers INTEGER NOT NULL,"		/* the last history/N given out */
	"	UNIQUE (user, problem)) STRICT;"

	"CREATE TABLE file ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	place INTEGER NOT NULL REFERENCES place,"
	"	user INTEGER NOT NULL REFERENCES user,"
	"	name TEXT NOT NULL,"
	"	judged INTEGER NOT NULL, gone INTEGER NOT NULL,"
	"	mode INTEGER NOT NULL, size INTEGER NOT NULL,"
	"	atime_us INTEGER NOT NULL, mtime_us INTEGER NOT NULL, ctime_us INTEGER NOT NULL,"
	"	state INTEGER NOT NULL,"
	"	received_us INTEGER NOT NULL,"
	"	submission INTEGER NOT NULL,"
	"	compile_shown INTEGER NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX file_name ON file (place, name) WHERE gone = 0;"
	"CREATE INDEX file_place ON file (place, id);"
	"CREATE INDEX file_user ON file (user);"
	"CREATE INDEX file_received ON file (id) WHERE state = 1;"
	"CREATE INDEX file_gone ON file (id) WHERE gone = 1;"
	"CREATE INDEX file_submission ON file (submission) WHERE submission > 0;"

	/* file: may be forgotten long since. */
	"CREATE TABLE submission ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	file INTEGER NOT NULL,"
	"	user INTEGER NOT NULL REFERENCES user,"
	"	problem INTEGER NOT NULL REFERENCES problem,"
	"	place INTEGER NOT NULL REFERENCES place,"
	"	name TEXT NOT NULL,"
	"	language TEXT NOT NULL,"
	"	digest TEXT NOT NULL, size INTEGER NOT NULL,"
	"	number INTEGER NOT NULL,"
	"	state INTEGER NOT NULL,"
	"	attempt INTEGER NOT NULL,"
	"	worker INTEGER, deadline_us INTEGER,"	/* the lease, while RUNNING */
	"	received_us INTEGER NOT NULL, submitted_us INTEGER NOT NULL,"
	"	judged_us INTEGER NOT NULL,"
	"	verdict INTEGER NOT NULL,"
	"	change INTEGER NOT NULL UNIQUE,"
	"	published INTEGER NOT NULL,"
	"	UNIQUE (place, number)) STRICT;"
	"CREATE INDEX submission_name ON submission (place, name, id);"
	"CREATE INDEX submission_open ON submission (id) WHERE state < 2;"
	"CREATE INDEX submission_judge_error ON submission (id) WHERE state = 2 AND verdict = 11;"
	"CREATE INDEX submission_unpublished ON submission (change)"
	"	WHERE state = 2 AND published < change;"

	/* Every outcome that ever counted: one a submission, one more for each rejudging. */
	"CREATE TABLE outcome ("
	"	submission INTEGER NOT NULL REFERENCES submission ON DELETE CASCADE,"
	"	attempt INTEGER NOT NULL,"
	"	verdict INTEGER NOT NULL,"
	"	judged_us INTEGER NOT NULL,"
	"	outcome TEXT NOT NULL,"
	"	PRIMARY KEY (submission, attempt)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE shown ("
	"	submission INTEGER NOT NULL REFERENCES submission ON DELETE CASCADE,"
	"	kind INTEGER NOT NULL,"
	"	text TEXT NOT NULL,"
	"	PRIMARY KEY (submission, kind)) STRICT;"

	"CREATE TABLE request ("
	"	id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	request INTEGER NOT NULL UNIQUE,"
	"	op INTEGER NOT NULL,"
	"	value INTEGER NOT NULL) STRICT;",
};

/* ------------------------------------------------------------- SQL in small words */

static int db_errno(struct store *s, int rc, const char *what)
{
	static const struct { int rc, r; } rows[] = {
		{ SQLITE_BUSY, -EAGAIN },	{ SQLITE_LOCKED, -EAGAIN },
		{ SQLITE_CONSTRAINT, -EEXIST },	{ SQLITE_FULL, -ENOSPC },
		{ SQLITE_NOMEM, -ENOMEM },	{ SQLITE_CORRUPT, -EBADMSG },
		{ SQLITE_NOTADB, -EBADMSG },	{ SQLITE_READONLY, -EROFS },
		{ SQLITE_CANTOPEN, -EACCES },	{ SQLITE_TOOBIG, -EFBIG },
		{ SQLITE_AUTH, -EPERM },	{ SQLITE_PERM, -EPERM },
	};
	int r = -EIO;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].rc == (rc & 0xff))
			r = rows[i].r;
	if (r == -EIO && sqlite3_system_errno(s->db) == ENOSPC)
		r = -ENOSPC;
	if (r != -EEXIST)
		log_error("store: %s: %s (%s)", what, sqlite3_errmsg(s->db), sqlite3_errstr(rc));
	return r;
}

/* The statement of this text, ready to be bound; NULL with *ret_r. */
static sqlite3_stmt *db_statement(struct store *s, const char *sql, int *ret_r)
{
	sqlite3_stmt *st = NULL;
	int rc;

	for (size_t i = 0; i < s->nstatements; i++)
		if (s->statements[i].sql == sql)
			return s->statements[i].stmt;
	if (s->nstatements == DB_STATEMENTS) {
		*ret_r = -ENOSPC;
		return NULL;
	}
	rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);
	if (rc != SQLITE_OK) {
		*ret_r = db_errno(s, rc, sql);
		return NULL;
	}
	s->statements[s->nstatements].sql = sql;
	s->statements[s->nstatements++].stmt = st;
	return st;
}

static int db_bind(struct store *s, sqlite3_stmt *st, const struct db_arg *args)
{
	int rc = SQLITE_OK;

	for (int i = 0; args[i].type != DB_END && rc == SQLITE_OK; i++) {
		if (args[i].type == DB_INT)
			rc = sqlite3_bind_int64(st, i + 1, args[i].v.i);
		else if (args[i].v.t != NULL)
			rc = sqlite3_bind_text(st, i + 1, args[i].v.t, -1, SQLITE_STATIC);
		else
			rc = sqlite3_bind_null(st, i + 1);
	}
	return rc == SQLITE_OK ? 0 : db_errno(s, rc, sqlite3_sql(st));
}

int db_rows_args(struct store *s, db_row_fn *row, void *ret, size_t size, int max,
		 const char *sql, const struct db_arg *args)
{
	sqlite3_stmt *st;
	int r = 0, n = 0, rc = SQLITE_DONE;

	pthread_mutex_lock(&s->lock);
	st = db_statement(s, sql, &r);
	if (st == NULL)
		goto out;
	r = db_bind(s, st, args);
	if (r == 0) {
		while (n < max && (rc = sqlite3_step(st)) == SQLITE_ROW)
			row(st, (char *)ret + size * n++);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			r = db_errno(s, rc, sql);
	}
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
out:
	pthread_mutex_unlock(&s->lock);
	return r < 0 ? r : n;
}

int db_get_args(struct store *s, db_row_fn *row, void *ret, const char *sql,
		const struct db_arg *args)
{
	int n = db_rows_args(s, row, ret, 0, 1, sql, args);

	return n < 0 ? n : n == 0 ? -ENOENT : 0;
}

static void no_row(sqlite3_stmt *st, void *ret)
{
	(void)st;
	(void)ret;
}

int db_exec_args(struct store *s, const char *sql, const struct db_arg *args)
{
	int r;

	pthread_mutex_lock(&s->lock);
	r = db_rows_args(s, no_row, NULL, 0, 1, sql, args);
	if (r >= 0)
		r = sqlite3_changes(s->db);
	pthread_mutex_unlock(&s->lock);
	return r;
}

int db_insert_args(struct store *s, int64_t *ret_id, const char *sql, const struct db_arg *args)
{
	int r;

	pthread_mutex_lock(&s->lock);
	r = db_exec_args(s, sql, args);
	if (r >= 0)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	pthread_mutex_unlock(&s->lock);
	return r < 0 ? r : 0;
}

int db_begin(struct store *s)
{
	int r;

	pthread_mutex_lock(&s->lock);
	r = db_exec(s, "BEGIN IMMEDIATE");
	if (r < 0)
		pthread_mutex_unlock(&s->lock);
	return r < 0 ? r : 0;
}

int db_end(struct store *s, int r)
{
	int e;

	if (r >= 0) {
		e = db_exec(s, "COMMIT");
		if (e < 0)
			r = e;
	}
	/* Some faults have rolled back by themselves. */
	if (r < 0 && !sqlite3_get_autocommit(s->db))
		db_exec(s, "ROLLBACK");
	pthread_mutex_unlock(&s->lock);
	return r;
}

void db_text(sqlite3_stmt *st, int column, char *ret, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	snprintf(ret, size, "%s", text != NULL ? text : "");
}

void db_row_int(sqlite3_stmt *st, void *ret)
{
	*(int64_t *)ret = sqlite3_column_int64(st, 0);
}

void db_row_buf(sqlite3_stmt *st, void *ret)
{
	const char *text = (const char *)sqlite3_column_text(st, 0);

	if (text != NULL)
		buf_add(ret, text, sqlite3_column_bytes(st, 0));
}

int db_change(struct store *s, int64_t *ret)
{
	return db_get(s, db_row_int, ret, "UPDATE counter SET value = value + 1"
		      " WHERE name = 'change' RETURNING value");
}

int db_touch_place(struct store *s, int64_t place)
{
	int r = db_exec(s, "UPDATE place SET changed_us = max(changed_us + 1, ?2) WHERE id = ?1",
			I(place), I(clock_wall_us()));

	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------- opening */

static const struct { const char *name; mode_t mode; } folders[] = {
	{ "db", 0700 }, { "spool", 0700 }, { "results", 0700 }, { "blobs", 02750 },
};

static int open_folder(int dirfd, const char *name, struct diag *diag)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? diag_fail(diag, -errno, "open %s", name) : fd;
}

static int make_folders(int dirfd, struct diag *diag)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		int r;

		if (faccessat(dirfd, folders[i].name, F_OK, 0) == 0)
			continue;
		r = io_mkdir(dirfd, folders[i].name, folders[i].mode);
		/* The umask and the set-group-id bit: mkdir alone loses both. */
		if (r == 0 && fchmodat(dirfd, folders[i].name, folders[i].mode, 0) < 0)
			r = -errno;
		if (r < 0)
			return diag_fail(diag, r, "make %s", folders[i].name);
	}
	return 0;
}

static int db_open(struct store *s, struct diag *diag)
{
	static const char setup[] =
		"PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL;"
		"PRAGMA foreign_keys = ON;"
		"PRAGMA trusted_schema = OFF;"
		"PRAGMA temp_store = MEMORY;";
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/db/judge.db", s->dir);
	rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			     SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(s->db, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, setup, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return diag_fail(diag, s->db == NULL ? -ENOMEM : db_errno(s, rc, "open"),
				 "db/judge.db: %s",
				 s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
	return 0;
}

static int db_migrate(struct store *s, struct diag *diag)
{
	int64_t version = 0, latest = ARRAY_SIZE(migrations);
	char pragma[96];
	int r, rc;

	r = db_get(s, db_row_int, &version, "PRAGMA user_version");
	if (r < 0)
		return diag_fail(diag, r, "db/judge.db");
	if (version == latest)
		return 0;
	r = db_begin(s);	/* Now it stands still: another may have been first. */
	if (r < 0)
		return diag_fail(diag, r, "db/judge.db");
	r = db_get(s, db_row_int, &version, "PRAGMA user_version");
	if (r == 0 && version > latest)
		r = diag_fail(diag, -EBADMSG, "db/judge.db is of version %" PRId64
			      ", newer than this program's %" PRId64, version, latest);
	for (; r == 0 && version < latest; version++) {
		rc = sqlite3_exec(s->db, migrations[version], NULL, NULL, NULL);
		snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %" PRId64
			 "; PRAGMA application_id = %d", version + 1, APPLICATION_ID);
		if (rc == SQLITE_OK)
			rc = sqlite3_exec(s->db, pragma, NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			r = diag_fail(diag, db_errno(s, rc, "migrate"),
				      "db/judge.db: to version %" PRId64, version + 1);
	}
	return db_end(s, r);
}

int store_open(int dirfd, struct store **ret, struct diag *diag)
{
	pthread_mutexattr_t recursive;
	struct store *s = NULL;
	int r, blobs = -1;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->spool = s->results = -1;
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&s->lock, &recursive);
	pthread_mutexattr_destroy(&recursive);

	s->dir = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	if (s->dir < 0) {
		r = diag_fail(diag, -errno, "state folder");
		goto out;
	}
	r = make_folders(s->dir, diag);
	if (r < 0)
		goto out;
	r = s->spool = open_folder(s->dir, "spool", diag);
	if (r >= 0)
		r = s->results = open_folder(s->dir, "results", diag);
	if (r >= 0)
		r = blobs = open_folder(s->dir, "blobs", diag);
	if (r < 0)
		goto out;
	r = blobs_open_dir(blobs, &s->blobs);
	if (r < 0) {
		diag_fail(diag, r, "open blobs");
		goto out;
	}
	r = db_open(s, diag);
	if (r == 0)
		r = db_migrate(s, diag);
	if (r < 0)
		goto out;
	*ret = s;
	s = NULL;		/* transferred */
out:
	io_close(blobs);
	store_close(s);
	return r;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->nstatements; i++)
		sqlite3_finalize(s->statements[i].stmt);
	sqlite3_close(s->db);
	blobs_free(s->blobs);
	io_close(s->dir);
	io_close(s->spool);
	io_close(s->results);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int store_probe(struct store *s)
{
	struct statvfs fs;
	int r;

	/* One row finds its place in what the log has already; what comes after it does not. */
	if (fstatvfs(s->results, &fs) < 0)
		return -errno;
	if ((int64_t)fs.f_bavail * (int64_t)fs.f_frsize < PROBE_ROOM)
		return -ENOSPC;
	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_exec(s, "UPDATE counter SET value = value WHERE name = 'change'");
	return db_end(s, r < 0 ? r : 0);
}

struct blobs *store_blobs(struct store *s)
{
	return s->blobs;
}

int store_spool_dir(struct store *s)
{
	return s->spool;
}

int store_results_dir(struct store *s)
{
	return s->results;
}
