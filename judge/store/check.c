#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "judge/store/db.h"

/*
 * The invariants: each a sentence, and the ids of the rows that break it. States are those of
 * submission.h (0 queued, 1 running, 2 done) and store.h (0 draft, 1 received, 2 clean).
 */
static const struct { const char *sentence, *sql; } invariants[] = {
	{ "a row refers to one that is not there",
	  "SELECT rowid FROM pragma_foreign_key_check" },
	{ "a submission runs without a lease, or has one and does not run",
	  "SELECT id FROM submission WHERE (state = 1) != (worker IS NOT NULL)"
	  " OR (state = 1) != (deadline_us IS NOT NULL)" },
	{ "one worker has two leases",
	  "SELECT id FROM submission WHERE state = 1 GROUP BY worker HAVING count(*) > 1" },
	{ "a submission runs that was never leased, or is in no known state",
	  "SELECT id FROM submission WHERE (state = 1 AND attempt < 1)"
	  " OR state NOT BETWEEN 0 AND 2" },
	{ "a submission is done without the outcome of its attempt",
	  "SELECT id FROM submission AS s WHERE state = 2 AND NOT EXISTS (SELECT 1 FROM outcome"
	  " WHERE submission = s.id AND attempt = s.attempt AND verdict = s.verdict)" },
	{ "an outcome counted that was not of the submission's attempt",
	  "SELECT s.id FROM submission AS s JOIN outcome AS o ON o.submission = s.id"
	  " WHERE o.attempt > s.attempt OR (s.state = 1 AND o.attempt = s.attempt)" },
	{ "a submission is done without its texts",
	  "SELECT id FROM submission AS s WHERE state = 2 AND"
	  " (SELECT count(*) FROM shown WHERE submission = s.id AND kind < 2) != 2" },
	{ "a change number was given twice or is above the counter",
	  "SELECT id FROM submission WHERE change > (SELECT value FROM counter"
	  " WHERE name = 'change') OR published > change"
	  " UNION SELECT min(id) FROM submission GROUP BY change HAVING count(*) > 1" },
	{ "a history number was given twice or is above the last",
	  "SELECT s.id FROM submission AS s JOIN place AS p ON p.id = s.place"
	  " WHERE s.number > p.numbers OR s.number < 1"
	  " UNION SELECT min(id) FROM submission GROUP BY place, number HAVING count(*) > 1" },
	{ "a submission is not of its place's user and problem",
	  "SELECT s.id FROM submission AS s JOIN place AS p ON p.id = s.place"
	  " WHERE s.user != p.user OR s.problem != p.problem" },
	{ "a file is not of its place's user",
	  "SELECT f.id FROM file AS f JOIN place AS p ON p.id = f.place"
	  " WHERE f.user != p.user" },
	{ "two files have one name",
	  "SELECT min(id) FROM file WHERE gone = 0 GROUP BY place, name HAVING count(*) > 1" },
	{ "a file was received without content, or is in no known state",
	  "SELECT id FROM file WHERE (state = 1 AND size < 1) OR state NOT BETWEEN 0 AND 2" },
	{ "a clean file's content was never handed in",
	  "SELECT id FROM file WHERE state = 2 AND judged AND size > 0 AND gone = 0"
	  " AND submission = 0" },
	{ "a file shows a submission that is not there",
	  "SELECT id FROM file WHERE submission > 0"
	  " AND submission NOT IN (SELECT id FROM submission)" },
	{ "a row id is above the last one given",
	  "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'submission'), 0)"
	  " AS last WHERE last < (SELECT coalesce(max(id), 0) FROM submission)"
	  " UNION SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'file'), 0)"
	  " AS last WHERE last < (SELECT coalesce(max(id), 0) FROM file)" },
	{ "an installed problem has no spec or no README.txt",
	  "SELECT id FROM problem AS p WHERE installed AND (spec = '' OR NOT EXISTS (SELECT 1"
	  " FROM pfile WHERE problem = p.id AND parent = 0 AND name = 'README.txt'))" },
	{ "more requests are kept than needed",
	  "SELECT count(*) FROM request HAVING count(*) > 4096" },
};

struct check_ctx {
	struct store *store;
	struct buf *ret;
	int r;
};

static void check_row(sqlite3_stmt *st, void *ret)
{
	buf_printf(ret, " %" PRId64, (int64_t)sqlite3_column_int64(st, 0));
}

static int check_invariants(struct store *s, struct buf *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(invariants); i++) {
		struct buf ids = { 0 };
		int n = db_rows(s, check_row, &ids, 0, 20, invariants[i].sql);

		if (n > 0)
			buf_printf(ret, "%s:%s%s\n", invariants[i].sentence, buf_text(&ids),
				   n == 20 ? " ..." : "");
		if (ids.failed)
			n = -ENOMEM;
		buf_release(&ids);
		if (n < 0)
			return n;
	}
	return 0;
}

/* SQLite's own view of its file: "ok" or faults. */
static void quick_row(sqlite3_stmt *st, void *ret)
{
	const char *text = (const char *)sqlite3_column_text(st, 0);

	if (text != NULL && strcmp(text, "ok") != 0)
		buf_printf(ret, "database: %s\n", text);
}

static void check_blob(struct check_ctx *c, const char *of, int64_t id,
		       const struct blob_ref *blob)
{
	struct digest digest;
	int64_t size = 0;
	int fd, r;

	fd = blobs_get(c->store->blobs, &blob->digest);
	r = fd < 0 ? fd : digest_fd(fd, &digest, &size);
	io_close(fd);
	if (r == -ENOENT)
		buf_printf(c->ret, "%s %" PRId64 " has no blob\n", of, id);
	else if (r < 0)
		buf_printf(c->ret, "%s %" PRId64 ": its blob: %s\n", of, id, strerror(-r));
	else if (size != blob->size || strcmp(digest.hex, blob->digest.hex) != 0)
		buf_printf(c->ret, "%s %" PRId64 ": its blob has other content\n", of, id);
}

static bool check_submission(void *ctx, const struct submission_row *row)
{
	check_blob(ctx, "submission", row->id, &row->blob);
	return true;
}

static bool check_pfile(void *ctx, const struct pfile_row *row)
{
	struct check_ctx *c = ctx;

	if (!row->dir) {
		check_blob(ctx, "problem file", row->id, &row->blob);
		return true;
	}
	c->r = store_list_pfiles(c->store, row->problem, row->id, 0, check_pfile, ctx);
	return c->r == 0;
}

static bool check_problem(void *ctx, const struct problem_row *row)
{
	struct check_ctx *c = ctx;

	if (row->installed)
		c->r = store_list_pfiles(c->store, row->id, 0, 0, check_pfile, ctx);
	return c->r == 0;
}

/* What was accepted lies in the spool, whole, until it is a submission. */
static bool check_spool(void *ctx, const struct file_row *row)
{
	struct check_ctx *c = ctx;
	struct file_row now;
	struct stat st;
	char name[32];
	bool there;

	spool_name(row->id, name);
	there = fstatat(c->store->spool, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	/* Beside a running judge: only what has stood still meanwhile is a breach. */
	if (store_file_by_id(c->store, row->id, &now) < 0 || now.state != row->state ||
	    now.ctime_us != row->ctime_us)
		return true;
	if (!there && !(row->gone && row->state != FILE_RECEIVED))
		buf_printf(c->ret, "file %" PRId64 " has no spool\n", row->id);
	else if (there && row->state == FILE_RECEIVED && st.st_size != row->size)
		buf_printf(c->ret, "file %" PRId64 ": %" PRId64 " bytes were accepted,"
			   " %lld are there\n", row->id, row->size, (long long)st.st_size);
	return true;
}

int store_check(struct store *s, struct buf *ret)
{
	struct check_ctx c = { s, ret, 0 };
	int r;

	r = db_rows(s, quick_row, ret, 0, 20, "PRAGMA quick_check(20)");
	if (r >= 0)
		r = check_invariants(s, ret);
	if (r == 0)
		r = store_list_all(s, 0, check_submission, &c);
	if (r == 0)
		r = DB_LIST(s, file_row, file_from_row, id, 0, check_spool, &c,
			    "SELECT " FILE_COLUMNS " FROM file WHERE id > ?1 ORDER BY id LIMIT ?2");
	if (r == 0)
		r = store_list_problems(s, 0, check_problem, &c);
	if (r == 0)
		r = c.r;
	return r == 0 && ret->failed ? -ENOMEM : r;
}
