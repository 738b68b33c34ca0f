#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "fs/access.h"
#include "fs/kinds.h"
#include "fs/names.h"
#include "fs/results.h"

/*
 * The cookie of a row's entry is its inode number: rows come in the order of their ids, so a
 * listing goes on rightly after the last cookie, whatever was removed in between.
 */
static int64_t rows_after(const struct listing *l)
{
	return l->after < (1 << 8) ? 0 : node_from_ino(l->after).row - 1;
}

static bool emit(struct listing *l, const char *name, enum node_kind kind, int64_t row)
{
	struct node n = { kind, row };

	return node_ino(n) <= l->after || l->emit(l->ctx, name, n, node_ino(n));
}

/* ------------------------------------------------------------- problems */

int find_problem(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		 struct node *ret)
{
	struct problem_row row;
	int r = store_problem_by_name(fs->store, name, &row);

	(void)dir;
	(void)c;
	if (r == 0 && !row.installed)
		r = -ENOENT;
	if (r == 0)
		*ret = (struct node){ NODE_PROBLEM, row.id };
	return r;
}

static bool each_problem(void *ctx, const struct problem_row *row)
{
	return !row->installed || emit(ctx, row->name, NODE_PROBLEM, row->id);
}

int list_problems(struct fs *fs, struct node dir, struct listing *l)
{
	(void)dir;
	return store_list_problems(fs->store, rows_after(l), each_problem, l);
}

/* PROBLEM/ itself, or a folder in it. */
static int pfile_dir(struct fs *fs, struct node dir, int64_t *ret_problem, int64_t *ret_parent)
{
	struct pfile_row row;
	int r;

	*ret_problem = dir.row;
	*ret_parent = 0;
	if (dir.kind == NODE_PROBLEM)
		return 0;
	r = store_pfile_by_id(fs->store, dir.row, &row);
	if (r == 0 && !row.dir)
		r = -ENOTDIR;
	if (r < 0)
		return r;
	*ret_problem = row.problem;
	*ret_parent = row.id;
	return 0;
}

int find_pfile(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	       struct node *ret)
{
	int64_t problem, parent;
	struct pfile_row row;
	int r = pfile_dir(fs, dir, &problem, &parent);

	(void)c;
	if (r == 0)
		r = store_pfile_lookup(fs->store, problem, parent, name, &row);
	if (r == 0)
		*ret = (struct node){ NODE_PFILE, row.id };
	return r;
}

/* A package's own file of this name stands back. */
static bool each_pfile(void *ctx, const struct pfile_row *row)
{
	if (row->parent == 0 && (strcmp(row->name, tree_name(NODE_SUB_LINK)) == 0 ||
				 strcmp(row->name, tree_name(NODE_HISTORY_LINK)) == 0))
		return true;
	return emit(ctx, row->name, NODE_PFILE, row->id);
}

int list_pfiles(struct fs *fs, struct node dir, struct listing *l)
{
	int64_t problem, parent;
	int r = pfile_dir(fs, dir, &problem, &parent);

	return r < 0 ? r : store_list_pfiles(fs->store, problem, parent, rows_after(l),
					     each_pfile, l);
}

int up_root(struct fs *fs, struct node n, struct node *ret)
{
	(void)fs;
	(void)n;
	*ret = (struct node){ NODE_ROOT, 0 };
	return 0;
}

int up_pfile(struct fs *fs, struct node n, struct node *ret)
{
	struct pfile_row row;
	int r = store_pfile_by_id(fs->store, n.row, &row);

	if (r < 0)
		return r;
	*ret = row.parent != 0 ? (struct node){ NODE_PFILE, row.parent } :
				 (struct node){ NODE_PROBLEM, row.problem };
	return 0;
}

int up_link(struct fs *fs, struct node n, struct node *ret)
{
	(void)fs;
	*ret = (struct node){ NODE_PROBLEM, node_link_problem(n) };
	return 0;
}

/* ------------------------------------------------------------- users and places */

int find_user(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	      struct node *ret)
{
	struct user_row row;
	int r = store_user_by_name(fs->store, name, &row);

	(void)dir;
	if (r == -ENOENT && access_may_be(c->uid, name)) {
		r = access_user(fs, c->uid, &row);
		if (r == 0 && strcmp(row.name, name) != 0)
			r = -ENOENT;
	}
	if (r == 0)
		*ret = (struct node){ NODE_USER, row.id };
	return r;
}

static bool each_user(void *ctx, const struct user_row *row)
{
	return emit(ctx, row->name, NODE_USER, row->id);
}

int list_users(struct fs *fs, struct node dir, struct listing *l)
{
	(void)dir;
	return store_list_users(fs->store, rows_after(l), each_user, l);
}

int up_user(struct fs *fs, struct node n, struct node *ret)
{
	(void)fs;
	(void)n;
	*ret = (struct node){ NODE_USERS, 0 };
	return 0;
}

/* The owner's first step into a place makes it; root's too: ganesha asks as root for others. */
int find_place(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	       struct node *ret)
{
	struct problem_row problem;
	struct place_row place;
	struct user_row user;
	int r;

	r = store_user_by_id(fs->store, dir.row, &user);
	if (r == 0)
		r = store_problem_by_name(fs->store, name, &problem);
	if (r == 0)
		r = store_place_get(fs->store, user.id, problem.id,
				    problem.installed && (c->uid == user.uid || c->uid == 0),
				    &place);
	if (r == 0)
		*ret = (struct node){ NODE_PLACE, place.id };
	return r;
}

static bool each_place(void *ctx, const struct place_row *row)
{
	return emit(ctx, row->problem_name, NODE_PLACE, row->id);
}

int list_places(struct fs *fs, struct node dir, struct listing *l)
{
	return store_list_places(fs->store, dir.row, rows_after(l), each_place, l);
}

int up_place(struct fs *fs, struct node n, struct node *ret)
{
	struct place_row row;
	int r = store_place_by_id(fs->store, n.row, &row);

	if (r == 0)
		*ret = (struct node){ NODE_USER, row.user };
	return r;
}

/* ------------------------------------------------------------- sub/ */

static const struct { enum node_kind node; enum result_kind result; } beside[] = {
	{ NODE_VERDICT, RESULT_VERDICT },
	{ NODE_JSON, RESULT_JSON },
	{ NODE_COMPILE, RESULT_COMPILE },
};

int find_file(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	      struct node *ret)
{
	enum result_kind kind;
	char source[256];
	struct file_row row;
	int r;

	(void)c;
	if (!names_result(name, &kind, source)) {
		r = store_file_lookup(fs->store, dir.row, name, &row);
		if (r == 0)
			*ret = (struct node){ NODE_FILE, row.id };
		return r;
	}
	r = store_file_lookup(fs->store, dir.row, source, &row);
	if (r == 0 && !results_shown(&row, kind))
		r = -ENOENT;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(beside); i++)
		if (beside[i].result == kind)
			*ret = (struct node){ beside[i].node, row.id };
	return r;
}

static bool each_file(void *ctx, const struct file_row *row)
{
	char name[512];

	if (!emit(ctx, row->name, NODE_FILE, row->id))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		if (!results_shown(row, beside[i].result))
			continue;
		snprintf(name, sizeof(name), "%s%s", row->name, names_suffix(beside[i].result));
		if (!emit(ctx, name, beside[i].node, row->id))
			return false;
	}
	return true;
}

int list_files(struct fs *fs, struct node dir, struct listing *l)
{
	return store_list_files(fs->store, dir.row, rows_after(l), each_file, l);
}

int up_file(struct fs *fs, struct node n, struct node *ret)
{
	struct file_row row;
	int r = store_file_by_id(fs->store, n.row, &row);

	if (r == 0)
		*ret = (struct node){ NODE_SUB, row.place };
	return r;
}

/* ------------------------------------------------------------- history/ */

int find_attempt(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		 struct node *ret)
{
	struct submission_row row;
	int64_t number;
	int r;

	(void)c;
	if (name[0] == '0' || parse_count(name, &number) < 0)
		return -ENOENT;
	r = store_submission_by_number(fs->store, dir.row, number, &row);
	if (r == 0)
		*ret = (struct node){ NODE_ATTEMPT, row.id };
	return r;
}

static bool each_attempt(void *ctx, const struct submission_row *row)
{
	char name[32];

	snprintf(name, sizeof(name), "%" PRId64, row->number);
	return emit(ctx, name, NODE_ATTEMPT, row->id);
}

int list_attempts(struct fs *fs, struct node dir, struct listing *l)
{
	return store_list_submissions(fs->store, dir.row, rows_after(l), each_attempt, l);
}

int up_attempt(struct fs *fs, struct node n, struct node *ret)
{
	struct submission_row row;
	int r = store_submission(fs->store, n.row, &row);

	if (r == 0)
		*ret = (struct node){ NODE_HISTORY, row.place };
	return r;
}

int find_source(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		struct node *ret)
{
	struct submission_row row;
	int r = store_submission(fs->store, dir.row, &row);

	(void)c;
	if (r == 0 && strcmp(row.name, name) != 0)
		r = -ENOENT;
	if (r == 0)
		*ret = (struct node){ NODE_ATTEMPT_SOURCE, row.id };
	return r;
}

int list_source(struct fs *fs, struct node dir, struct listing *l)
{
	struct submission_row row;
	int r = store_submission(fs->store, dir.row, &row);

	if (r == 0)
		emit(l, row.name, NODE_ATTEMPT_SOURCE, row.id);
	return r;
}

int up_source(struct fs *fs, struct node n, struct node *ret)
{
	(void)fs;
	*ret = (struct node){ NODE_ATTEMPT, n.row };
	return 0;
}
