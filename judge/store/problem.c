#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "judge/store/db.h"

#define PROBLEM_COLUMNS	"id, name, title, changed_us, open_us, close_us, source_bytes, installed, " \
			"feedback"
#define PACKAGE_COLUMNS	"id, name, digest, why"
#define PFILE_COLUMNS	"id, problem, parent, name, dir, digest, size, changed_us"

static void problem_from_row(sqlite3_stmt *st, void *ret)
{
	struct problem_row *row = ret;

	row->id = sqlite3_column_int64(st, 0);
	db_text(st, 1, row->name, sizeof(row->name));
	db_text(st, 2, row->title, sizeof(row->title));
	row->changed_us = sqlite3_column_int64(st, 3);
	row->open_us = sqlite3_column_int64(st, 4);
	row->close_us = sqlite3_column_int64(st, 5);
	row->source_bytes = sqlite3_column_int64(st, 6);
	row->installed = sqlite3_column_int64(st, 7) != 0;
	row->feedback = sqlite3_column_int64(st, 8);
}

static void pfile_from_row(sqlite3_stmt *st, void *ret)
{
	struct pfile_row *row = ret;

	row->id = sqlite3_column_int64(st, 0);
	row->problem = sqlite3_column_int64(st, 1);
	row->parent = sqlite3_column_int64(st, 2);
	db_text(st, 3, row->name, sizeof(row->name));
	row->dir = sqlite3_column_int64(st, 4) != 0;
	db_text(st, 5, row->blob.digest.hex, sizeof(row->blob.digest.hex));
	row->blob.size = sqlite3_column_int64(st, 6);
	row->changed_us = sqlite3_column_int64(st, 7);
}

static void package_from_row(sqlite3_stmt *st, void *ret)
{
	struct package_row *row = ret;

	row->id = sqlite3_column_int64(st, 0);
	db_text(st, 1, row->name, sizeof(row->name));
	db_text(st, 2, row->digest, sizeof(row->digest));
	row->broken = sqlite3_column_type(st, 3) != SQLITE_NULL;
	db_text(st, 3, row->why, sizeof(row->why));
}

int store_problem_by_id(struct store *s, int64_t id, struct problem_row *ret)
{
	return db_get(s, problem_from_row, ret,
		      "SELECT " PROBLEM_COLUMNS " FROM problem WHERE id = ?1", I(id));
}

int store_problem_by_name(struct store *s, const char *name, struct problem_row *ret)
{
	return db_get(s, problem_from_row, ret,
		      "SELECT " PROBLEM_COLUMNS " FROM problem WHERE name = ?1", T(name));
}

int store_list_problems(struct store *s, int64_t after,
			bool (*fn)(void *ctx, const struct problem_row *row), void *ctx)
{
	return DB_LIST(s, problem_row, problem_from_row, id, after, fn, ctx,
		       "SELECT " PROBLEM_COLUMNS " FROM problem WHERE id > ?1"
		       " ORDER BY id LIMIT ?2");
}

int store_problem_spec(struct store *s, int64_t id, struct buf *ret)
{
	struct buf spec = { 0 };
	int r;

	r = db_get(s, db_row_buf, &spec, "SELECT spec FROM problem WHERE id = ?1", I(id));
	if (r == 0) {
		buf_add(ret, buf_text(&spec), spec.len);
		if (spec.failed || ret->failed)
			r = -ENOMEM;
	}
	buf_release(&spec);
	return r;
}

/* ------------------------------------------------------------- files */

int store_pfile_by_id(struct store *s, int64_t id, struct pfile_row *ret)
{
	return db_get(s, pfile_from_row, ret,
		      "SELECT " PFILE_COLUMNS " FROM pfile WHERE id = ?1", I(id));
}

int store_pfile_lookup(struct store *s, int64_t problem, int64_t parent, const char *name,
		       struct pfile_row *ret)
{
	return db_get(s, pfile_from_row, ret, "SELECT " PFILE_COLUMNS " FROM pfile"
		      " WHERE problem = ?1 AND parent = ?2 AND name = ?3",
		      I(problem), I(parent), T(name));
}

int store_list_pfiles(struct store *s, int64_t problem, int64_t parent, int64_t after,
		      bool (*fn)(void *ctx, const struct pfile_row *row), void *ctx)
{
	return DB_LIST(s, pfile_row, pfile_from_row, id, after, fn, ctx,
		       "SELECT " PFILE_COLUMNS " FROM pfile"
		       " WHERE problem = ?3 AND parent = ?4 AND id > ?1 ORDER BY id LIMIT ?2",
		       I(problem), I(parent));
}

/* A name keeps its row, so that its inode stays what it was. */
static int pfile_put(struct store *s, int64_t problem, int64_t parent, const char *name,
		     const struct blob_ref *blob, int64_t now, int64_t *ret_id)
{
	static const struct blob_ref none;
	const struct blob_ref *b = blob != NULL ? blob : &none;
	struct pfile_row old;
	int r;

	if (name[0] == '\0' || strlen(name) >= sizeof(old.name) || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return -EINVAL;
	r = store_pfile_lookup(s, problem, parent, name, &old);
	if (r == 0 && old.dir != (blob == NULL)) {
		r = db_exec(s, "DELETE FROM pfile WHERE id = ?1", I(old.id));
		if (r >= 0)
			r = -ENOENT;
	}
	if (r == -ENOENT)
		return db_insert(s, ret_id, "INSERT INTO pfile (problem, parent, name, dir,"
				 " digest, size, changed_us, seen)"
				 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
				 I(problem), I(parent), T(name), I(blob == NULL),
				 T(b->digest.hex), I(b->size), I(now));
	if (r < 0)
		return r;
	if (strcmp(old.blob.digest.hex, b->digest.hex) == 0)
		now = old.changed_us;
	r = db_exec(s, "UPDATE pfile SET digest = ?2, size = ?3, changed_us = ?4, seen = 1"
		    " WHERE id = ?1", I(old.id), T(b->digest.hex), I(b->size), I(now));
	*ret_id = old.id;
	return r < 0 ? r : 0;
}

/* "samples/1.in": the folder, then the file in it. */
static int pfile_put_path(struct store *s, int64_t problem, const struct problem_file *file,
			  int64_t now)
{
	char *path = strdup(file->path), *rest = path, *slash;
	int64_t parent = 0;
	int r = 0;

	if (path == NULL)
		return -ENOMEM;
	while (r == 0 && (slash = strchr(rest, '/')) != NULL) {
		*slash = '\0';
		r = pfile_put(s, problem, parent, rest, NULL, now, &parent);
		rest = slash + 1;
	}
	if (r == 0)
		r = pfile_put(s, problem, parent, rest, &file->blob, now, &parent);
	free(path);
	return r;
}

static int pfiles_replace(struct store *s, int64_t problem, const struct problem *p,
			  const struct blob_ref *readme, int64_t now)
{
	struct problem_file first = { .path = "README.txt", .blob = *readme };
	int r;

	r = db_exec(s, "UPDATE pfile SET seen = 0 WHERE problem = ?1", I(problem));
	for (size_t i = 0; r >= 0 && i < p->nfiles; i++)
		r = pfile_put_path(s, problem, &p->files[i], now);
	if (r >= 0)		/* last: ours, whatever the package has under this name */
		r = pfile_put_path(s, problem, &first, now);
	if (r >= 0)
		r = db_exec(s, "DELETE FROM pfile WHERE problem = ?1 AND seen = 0", I(problem));
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------- installing */

static int package_note(struct store *s, const char *name, const char *digest, const char *why)
{
	int r = db_exec(s, "INSERT INTO package (name, digest, why) VALUES (?1, ?2, ?3)"
			" ON CONFLICT (name) DO UPDATE SET digest = ?2, why = ?3",
			T(name), T(digest), T(why));

	return r < 0 ? r : 0;
}

int store_problem_install(struct store *s, const struct problem *p, const char *spec,
			  const char *readme, const char *digest, struct problem_row *ret)
{
	int64_t now = clock_wall_us(), id = 0;
	struct blob_ref readme_blob;
	struct problem_row row;
	int r;

	if (strlen(p->id) >= sizeof(row.name))
		return -EINVAL;
	r = blobs_put_data(s->blobs, readme, strlen(readme), &readme_blob);
	if (r < 0)
		return r;
	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_get(s, db_row_int, &id, "INSERT INTO problem (name, title, changed_us, open_us,"
		   " close_us, source_bytes, installed, feedback, spec)"
		   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8)"
		   " ON CONFLICT (name) DO UPDATE SET title = ?2,"
		   " changed_us = max(changed_us + 1, ?3), open_us = ?4, close_us = ?5,"
		   " source_bytes = ?6, installed = 1, feedback = ?7, spec = ?8 RETURNING id",
		   T(p->id), T(p->title != NULL ? p->title : p->id), I(now), I(p->open_us),
		   I(p->close_us), I(p->limits.source_bytes), I(p->feedback), T(spec));
	if (r == 0)
		r = pfiles_replace(s, id, p, &readme_blob, now);
	if (r == 0)
		r = package_note(s, p->id, digest, NULL);
	if (r == 0)
		r = store_problem_by_id(s, id, &row);
	r = db_end(s, r);
	if (r == 0 && ret != NULL)
		*ret = row;
	return r;
}

int store_problem_remove(struct store *s, const char *name)
{
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	r = db_exec(s, "DELETE FROM package WHERE name = ?1", T(name));
	if (r >= 0)
		r = db_exec(s, "UPDATE problem SET installed = 0,"
			    " changed_us = max(changed_us + 1, ?2)"
			    " WHERE name = ?1 AND installed = 1", T(name), I(clock_wall_us()));
	return db_end(s, r < 0 ? r : 0);
}

int store_problem_broken(struct store *s, const char *name, const char *digest, const char *why)
{
	int r;

	r = db_begin(s);
	if (r < 0)
		return r;
	return db_end(s, package_note(s, name, digest, why));
}

int store_package(struct store *s, const char *name, struct package_row *ret)
{
	return db_get(s, package_from_row, ret,
		      "SELECT " PACKAGE_COLUMNS " FROM package WHERE name = ?1", T(name));
}

int store_list_packages(struct store *s, int64_t after,
			bool (*fn)(void *ctx, const struct package_row *row), void *ctx)
{
	return DB_LIST(s, package_row, package_from_row, id, after, fn, ctx,
		       "SELECT " PACKAGE_COLUMNS " FROM package WHERE id > ?1"
		       " ORDER BY id LIMIT ?2");
}
