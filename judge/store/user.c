#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "judge/store/db.h"

#define USER_COLUMNS	"id, uid, name"

static void user_from_row(sqlite3_stmt *st, void *ret)
{
	struct user_row *row = ret;

	row->id = sqlite3_column_int64(st, 0);
	row->uid = sqlite3_column_int64(st, 1);
	db_text(st, 2, row->name, sizeof(row->name));
}

int store_user_by_uid(struct store *s, uid_t uid, struct user_row *ret)
{
	return db_get(s, user_from_row, ret,
		      "SELECT " USER_COLUMNS " FROM user WHERE uid = ?1", I(uid));
}

int store_user_by_name(struct store *s, const char *name, struct user_row *ret)
{
	return db_get(s, user_from_row, ret,
		      "SELECT " USER_COLUMNS " FROM user WHERE name = ?1", T(name));
}

int store_user_by_id(struct store *s, int64_t id, struct user_row *ret)
{
	return db_get(s, user_from_row, ret,
		      "SELECT " USER_COLUMNS " FROM user WHERE id = ?1", I(id));
}

static bool user_name_safe(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.+@";
	size_t len = strlen(name);

	return len > 0 && len < sizeof(((struct user_row *)NULL)->name) && name[0] != '.' &&
	       name[0] != '-' && strspn(name, allowed) == len;
}

int store_user_add(struct store *s, uid_t uid, const char *name, struct user_row *ret)
{
	struct user_row row = { .uid = uid };
	int r;

	r = store_user_by_uid(s, uid, ret);
	if (r != -ENOENT)
		return r;
	if (!user_name_safe(name))
		return -EINVAL;
	snprintf(row.name, sizeof(row.name), "%s", name);
	r = db_begin(s);
	if (r < 0)
		return r;
	r = store_user_by_uid(s, uid, &row);
	if (r == -ENOENT)
		r = db_insert(s, &row.id, "INSERT INTO user (uid, name) VALUES (?1, ?2)",
			      I(uid), T(name));
	r = db_end(s, r);
	if (r == 0)
		*ret = row;
	return r;
}

int store_list_users(struct store *s, int64_t after,
		     bool (*fn)(void *ctx, const struct user_row *row), void *ctx)
{
	return DB_LIST(s, user_row, user_from_row, id, after, fn, ctx,
		       "SELECT " USER_COLUMNS " FROM user WHERE id > ?1 ORDER BY id LIMIT ?2");
}

/* ------------------------------------------------------------- places */

#define PLACES	"SELECT place.id, place.user, place.problem, problem.name, place.changed_us" \
		" FROM place JOIN problem ON problem.id = place.problem"

static void place_from_row(sqlite3_stmt *st, void *ret)
{
	struct place_row *row = ret;

	row->id = sqlite3_column_int64(st, 0);
	row->user = sqlite3_column_int64(st, 1);
	row->problem = sqlite3_column_int64(st, 2);
	db_text(st, 3, row->problem_name, sizeof(row->problem_name));
	row->changed_us = sqlite3_column_int64(st, 4);
}

int store_place_by_id(struct store *s, int64_t id, struct place_row *ret)
{
	return db_get(s, place_from_row, ret, PLACES " WHERE place.id = ?1", I(id));
}

static int place_find(struct store *s, int64_t user, int64_t problem, struct place_row *ret)
{
	return db_get(s, place_from_row, ret, PLACES
		      " WHERE place.user = ?1 AND place.problem = ?2", I(user), I(problem));
}

int store_place_get(struct store *s, int64_t user, int64_t problem, bool make,
		    struct place_row *ret)
{
	struct user_row owner;
	struct problem_row of;
	struct place_row row;
	int r;

	r = place_find(s, user, problem, ret);
	if (r != -ENOENT || !make)
		return r;
	r = db_begin(s);
	if (r < 0)
		return r;
	r = store_user_by_id(s, user, &owner);
	if (r == 0)
		r = store_problem_by_id(s, problem, &of);
	if (r == 0)
		r = db_exec(s, "INSERT INTO place (user, problem, changed_us, numbers)"
			    " VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
			    I(user), I(problem), I(clock_wall_us()));
	if (r >= 0)
		r = place_find(s, user, problem, &row);
	r = db_end(s, r);
	if (r == 0)
		*ret = row;
	return r;
}

int store_list_places(struct store *s, int64_t user, int64_t after,
		      bool (*fn)(void *ctx, const struct place_row *row), void *ctx)
{
	return DB_LIST(s, place_row, place_from_row, id, after, fn, ctx,
		       PLACES " WHERE place.user = ?3 AND place.id > ?1"
		       " ORDER BY place.id LIMIT ?2", I(user));
}
