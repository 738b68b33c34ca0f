#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "judge/store/db.h"

void submission_from_row(sqlite3_stmt *st, void *ret)
{
	struct submission_row *row = ret;

	row->id = sqlite3_column_int64(st, 0);
	row->file = sqlite3_column_int64(st, 1);
	row->user = sqlite3_column_int64(st, 2);
	row->problem = sqlite3_column_int64(st, 3);
	row->place = sqlite3_column_int64(st, 4);
	db_text(st, 5, row->name, sizeof(row->name));
	db_text(st, 6, row->language, sizeof(row->language));
	db_text(st, 7, row->blob.digest.hex, sizeof(row->blob.digest.hex));
	row->blob.size = sqlite3_column_int64(st, 8);
	row->number = sqlite3_column_int64(st, 9);
	row->state = sqlite3_column_int64(st, 10);
	row->attempt = sqlite3_column_int64(st, 11);
	row->received_us = sqlite3_column_int64(st, 12);
	row->judged_us = sqlite3_column_int64(st, 13);
	row->verdict = sqlite3_column_int64(st, 14);
	row->change = sqlite3_column_int64(st, 15);
	row->published = sqlite3_column_int64(st, 16);
}

int store_submission(struct store *s, int64_t id, struct submission_row *ret)
{
	return db_get(s, submission_from_row, ret,
		      "SELECT " SUBMISSION_COLUMNS " FROM submission WHERE id = ?1", I(id));
}

int store_submission_by_number(struct store *s, int64_t place, int64_t number,
			       struct submission_row *ret)
{
	return db_get(s, submission_from_row, ret, "SELECT " SUBMISSION_COLUMNS " FROM submission"
		      " WHERE place = ?1 AND number = ?2", I(place), I(number));
}

int store_list_submissions(struct store *s, int64_t place, int64_t after,
			   bool (*fn)(void *ctx, const struct submission_row *row), void *ctx)
{
	return DB_LIST(s, submission_row, submission_from_row, id, after, fn, ctx,
		       "SELECT " SUBMISSION_COLUMNS " FROM submission"
		       " WHERE place = ?3 AND id > ?1 ORDER BY id LIMIT ?2", I(place));
}

int store_list_all(struct store *s, int64_t after,
		   bool (*fn)(void *ctx, const struct submission_row *row), void *ctx)
{
	return DB_LIST(s, submission_row, submission_from_row, id, after, fn, ctx,
		       "SELECT " SUBMISSION_COLUMNS " FROM submission WHERE id > ?1"
		       " ORDER BY id LIMIT ?2");
}

int store_list_judge_errors(struct store *s, int64_t after,
			    bool (*fn)(void *ctx, const struct submission_row *row), void *ctx)
{
	_Static_assert(SUBMISSION_DONE == 2 && VERDICT_JE == 11, "the numbers in the rows");

	return DB_LIST(s, submission_row, submission_from_row, id, after, fn, ctx,
		       "SELECT " SUBMISSION_COLUMNS " FROM submission"
		       " WHERE state = 2 AND verdict = 11 AND id > ?1 ORDER BY id LIMIT ?2");
}

int store_queue(struct store *s, int64_t after_id,
		bool (*fn)(void *ctx, const struct submission_row *row), void *ctx)
{
	return DB_LIST(s, submission_row, submission_from_row, id, after_id, fn, ctx,
		       "SELECT " SUBMISSION_COLUMNS " FROM submission"
		       " WHERE state < 2 AND id > ?1 ORDER BY id LIMIT ?2");
}

int store_unpublished(struct store *s, bool (*fn)(void *ctx, const struct submission_row *row),
		      void *ctx)
{
	return DB_LIST(s, submission_row, submission_from_row, change, 0, fn, ctx,
		       "SELECT " SUBMISSION_COLUMNS " FROM submission"
		       " WHERE state = 2 AND published < change AND change > ?1"
		       " ORDER BY change LIMIT ?2");
}

int store_submission_newest(struct store *s, int64_t place, const char *name,
			    struct submission_row *ret)
{
	return db_get(s, submission_from_row, ret, "SELECT " SUBMISSION_COLUMNS " FROM submission"
		      " WHERE place = ?1 AND name = ?2 ORDER BY id DESC LIMIT 1",
		      I(place), T(name));
}

/* ------------------------------------------------------------- handing in */

static int submission_bump(struct store *s, int64_t id)
{
	int64_t change;
	int r;

	r = db_change(s, &change);
	if (r == 0)
		r = db_exec(s, "UPDATE submission SET change = ?2 WHERE id = ?1",
			    I(id), I(change));
	return r < 0 ? r : 0;
}

/* A new change number: the results beside this file may be another's, so they are published. */
int submission_attach(struct store *s, int64_t file, const struct submission_row *sub)
{
	int r;

	r = db_exec(s, "UPDATE file SET submission = ?2, state = ?3, compile_shown ="
		    " coalesce((SELECT length(CAST(text AS BLOB)) FROM shown"
		    " JOIN submission ON submission.id = shown.submission"
		    " WHERE shown.submission = ?2 AND kind = ?4 AND state = ?5), 0)"
		    " WHERE id = ?1", I(file), I(sub->id), I(FILE_CLEAN), I(RESULT_COMPILE),
		    I(SUBMISSION_DONE));
	return r < 0 ? r : submission_bump(s, sub->id);
}

static int submission_age(struct store *s, int64_t id, int64_t *ret)
{
	int64_t submitted_us;
	int r;

	r = db_get(s, db_row_int, &submitted_us,
		   "SELECT submitted_us FROM submission WHERE id = ?1", I(id));
	if (r == 0)
		*ret = clock_wall_us() - submitted_us;
	return r;
}

static int submission_remove(struct store *s, int64_t id)
{
	int r;

	r = db_exec(s, "UPDATE file SET submission = 0 WHERE submission = ?1", I(id));
	if (r >= 0)
		r = db_exec(s, "DELETE FROM submission WHERE id = ?1", I(id));
	return r < 0 ? r : 0;
}

static int submission_insert(struct store *s, const struct file_row *file,
			     const struct blob_ref *blob, int64_t *ret)
{
	int64_t number, change, id;
	struct place_row place;
	int r;

	r = store_place_by_id(s, file->place, &place);
	if (r == 0)
		r = db_get(s, db_row_int, &number, "UPDATE place SET numbers = numbers + 1"
			   " WHERE id = ?1 RETURNING numbers", I(file->place));
	if (r == 0)
		r = db_change(s, &change);
	if (r == 0)
		r = db_insert(s, &id, "INSERT INTO submission (file, user, problem, place, name,"
			      " language, digest, size, number, state, attempt, received_us,"
			      " submitted_us, judged_us, verdict, change, published)"
			      " SELECT ?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, ?9, 0, received_us,"
			      " ?10, 0, ?11, ?12, 0 FROM file WHERE id = ?1",
			      I(file->id), I(file->user), I(place.problem), I(file->place),
			      T(file->name), T(blob->digest.hex), I(blob->size), I(number),
			      I(SUBMISSION_QUEUED), I(clock_wall_us()), I(VERDICT_SK),
			      I(change));
	if (r == 0)
		r = db_exec(s, "UPDATE file SET submission = ?2, state = ?3, compile_shown = 0"
			    " WHERE id = ?1", I(file->id), I(id), I(FILE_CLEAN));
	if (r >= 0)
		r = db_touch_place(s, file->place);
	if (r == 0)
		*ret = id;
	return r;
}

static int file_submit(struct store *s, int64_t id, const struct blob_ref *blob, int64_t young_us,
		       int64_t *ret_id, int64_t *ret_replaced)
{
	struct submission_row newest;
	struct file_row file;
	int64_t age = -1;
	bool known;
	int r;

	r = store_file_by_id(s, id, &file);
	if (r < 0)
		return r;
	if (file.state == FILE_DRAFT)
		return -ESTALE;		/* written to since it was complete */
	r = store_submission_newest(s, file.place, file.name, &newest);
	if (r < 0 && r != -ENOENT)
		return r;
	known = r == 0;
	if (known && strcmp(newest.blob.digest.hex, blob->digest.hex) == 0) {
		if (file.submission == newest.id) {
			r = db_exec(s, "UPDATE file SET state = ?2 WHERE id = ?1",
				    I(id), I(FILE_CLEAN));
			return r < 0 ? r : 0;
		}
		return submission_attach(s, id, &newest);
	}
	if (file.state != FILE_RECEIVED)
		return -ESTALE;
	/* A verdict that was given stays: else a quick hand could try answers without a trace. */
	if (known && !file.gone && newest.state != SUBMISSION_DONE) {
		r = submission_age(s, newest.id, &age);
		if (r == 0 && age >= 0 && age < young_us) {
			r = submission_remove(s, newest.id);
			*ret_replaced = newest.id;
		}
		if (r < 0)
			return r;
	}
	return submission_insert(s, &file, blob, ret_id);
}

int store_submit(struct store *s, int64_t file, const struct blob_ref *blob, int64_t young_us,
		 int64_t *ret_id, int64_t *ret_replaced)
{
	int64_t id = 0, replaced = 0;
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_end(s, file_submit(s, file, blob, young_us, &id, &replaced));
	if (r < 0)
		return r;
	*ret_id = id;
	if (ret_replaced != NULL)
		*ret_replaced = replaced;
	return 0;
}

/* ------------------------------------------------------------- judging */

/* The row, when @event can happen to it; @attempt < 0: whichever. */
static int submission_expect(struct store *s, int64_t id, int64_t attempt,
			     enum submission_event event, struct submission_row *ret)
{
	int r = store_submission(s, id, ret);

	if (r < 0)
		return r == -ENOENT ? -ESTALE : r;
	if (attempt >= 0 && attempt != ret->attempt)
		return -ESTALE;
	return submission_next(ret->state, event);
}

int store_lease(struct store *s, int64_t id, const char *language, int worker,
		int64_t deadline_us, int64_t *ret_attempt)
{
	struct submission_row row;
	int r;

	if (strlen(language) >= sizeof(row.language))
		return -EINVAL;
	r = db_begin(s);
	if (r < 0)
		return r;
	r = submission_expect(s, id, -1, EVENT_LEASE, &row);
	if (r >= 0)
		r = db_exec(s, "UPDATE submission SET state = ?2, attempt = attempt + 1,"
			    " worker = ?3, deadline_us = ?4, language = ?5 WHERE id = ?1",
			    I(id), I(r), I(worker), I(deadline_us), T(language));
	r = db_end(s, r < 0 ? r : 0);
	if (r == 0)
		*ret_attempt = row.attempt + 1;
	return r;
}

int store_tries(struct store *s, int64_t id, int64_t *ret)
{
	return db_get(s, db_row_int, ret, "SELECT attempt - coalesce((SELECT max(attempt)"
		      " FROM outcome WHERE submission = ?1), 0) FROM submission WHERE id = ?1",
		      I(id));
}

int store_requeue(struct store *s, int64_t id, int64_t attempt)
{
	struct submission_row row;
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = submission_expect(s, id, attempt, EVENT_LOST, &row);
	if (r >= 0)
		r = db_exec(s, "UPDATE submission SET state = ?2, worker = NULL,"
			    " deadline_us = NULL WHERE id = ?1", I(id), I(r));
	return db_end(s, r < 0 ? r : 0);
}

static int submission_rejudge(struct store *s, int64_t id)
{
	struct submission_row row;
	int r;

	r = submission_expect(s, id, -1, EVENT_REJUDGE, &row);
	if (r >= 0)
		r = db_exec(s, "UPDATE submission SET state = ?2 WHERE id = ?1", I(id), I(r));
	if (r >= 0)
		r = db_exec(s, "UPDATE file SET compile_shown = 0 WHERE submission = ?1", I(id));
	if (r >= 0)
		r = submission_bump(s, id);
	return r < 0 ? r : db_touch_place(s, row.place);
}

int store_rejudge(struct store *s, int64_t id)
{
	int r;

	r = db_begin(s);
	return r < 0 ? r : db_end(s, submission_rejudge(s, id));
}

struct rejudging {
	struct store *store;
	int64_t count;
	int r;
};

static bool rejudge_one(void *ctx, const struct submission_row *row)
{
	struct rejudging *all = ctx;

	all->r = submission_rejudge(all->store, row->id);
	all->count++;
	return all->r == 0;
}

int store_rejudge_problem(struct store *s, int64_t problem, int64_t *ret_count)
{
	struct rejudging all = { .store = s };
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = DB_LIST(s, submission_row, submission_from_row, id, 0, rejudge_one, &all,
		    "SELECT " SUBMISSION_COLUMNS " FROM submission"
		    " WHERE problem = ?3 AND state = 2 AND id > ?1 ORDER BY id LIMIT ?2",
		    I(problem));
	r = db_end(s, r < 0 ? r : all.r);
	if (r == 0)
		*ret_count = all.count;
	return r;
}

static int shown_replace(struct store *s, int64_t id, const char *const shown[RESULT_KINDS])
{
	int r = db_exec(s, "DELETE FROM shown WHERE submission = ?1", I(id));

	for (int kind = 0; r >= 0 && kind < RESULT_KINDS; kind++)
		if (shown[kind] != NULL && shown[kind][0] != '\0')
			r = db_exec(s, "INSERT INTO shown (submission, kind, text)"
				    " VALUES (?1, ?2, ?3)", I(id), I(kind), T(shown[kind]));
	return r < 0 ? r : 0;
}

int store_done(struct store *s, int64_t id, int64_t attempt, enum verdict verdict,
	       const char *outcome, const char *const shown[RESULT_KINDS])
{
	const char *compile = shown[RESULT_COMPILE];
	int64_t now = clock_wall_us();
	struct submission_row row;
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = submission_expect(s, id, attempt, EVENT_OUTCOME, &row);
	if (r >= 0)
		r = db_exec(s, "UPDATE submission SET state = ?2, verdict = ?3, judged_us = ?4,"
			    " worker = NULL, deadline_us = NULL WHERE id = ?1",
			    I(id), I(r), I(verdict), I(now));
	if (r >= 0)
		r = db_exec(s, "INSERT INTO outcome (submission, attempt, verdict, judged_us,"
			    " outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
			    I(id), I(attempt), I(verdict), I(now), T(outcome));
	if (r >= 0)
		r = shown_replace(s, id, shown);
	if (r >= 0)
		r = db_exec(s, "UPDATE file SET compile_shown = ?2 WHERE submission = ?1",
			    I(id), I(compile != NULL ? strlen(compile) : 0));
	if (r >= 0)
		r = submission_bump(s, id);
	if (r >= 0)
		r = db_touch_place(s, row.place);
	return db_end(s, r < 0 ? r : 0);
}

int store_shown(struct store *s, int64_t id, enum result_kind kind, struct buf *ret)
{
	struct buf text = { 0 };
	int r;

	r = db_get(s, db_row_buf, &text, "SELECT text FROM submission"
		   " LEFT JOIN shown ON shown.submission = submission.id AND kind = ?2"
		   " WHERE submission.id = ?1 AND state = ?3",
		   I(id), I(kind), I(SUBMISSION_DONE));
	if (r == 0) {
		buf_add(ret, buf_text(&text), text.len);
		if (text.failed || ret->failed)
			r = -ENOMEM;
	}
	buf_release(&text);
	return r;
}

int store_published(struct store *s, int64_t id, int64_t change)
{
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_exec(s, "UPDATE submission SET published = max(published, min(?2, change))"
		    " WHERE id = ?1", I(id), I(change));
	return db_end(s, r < 0 ? r : r == 0 ? -ENOENT : 0);
}
