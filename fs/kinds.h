/*
 * kinds.h - the functions that the table in tree.c is made of
 *
 * show_*	attributes that differ from those of the row: owner, size, times.
 *		-ENOENT when there is no such thing (any more).
 * content_*	what a file holds
 * find_*	a name among the children that rows of the store make
 * list_*	those children, from the row of the cookie on
 * up_*		the parent of such a child
 */
#ifndef FS_KINDS_H
#define FS_KINDS_H

#include "fs/tree.h"

struct kind {
	enum node_kind parent;		/* with a name: stands there, on the parent's row */
	const char *name;
	mode_t mode;			/* S_IF* and permissions */
	bool by_caller;			/* its row is the caller's: node_link() */
	bool may_lack;			/* show it before it is listed: it may not be there */
	double entry_s, attr_s;
	int (*show)(struct fs *fs, struct node n, struct stat *st);
	int (*content)(struct fs *fs, struct node n, struct content *ret);
	int (*find)(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		    struct node *ret);
	int (*list)(struct fs *fs, struct node dir, struct listing *l);
	int (*up)(struct fs *fs, struct node n, struct node *ret);
};

/* show.c */
int show_root(struct fs *fs, struct node n, struct stat *st);
int show_root_file(struct fs *fs, struct node n, struct stat *st);
int show_problem(struct fs *fs, struct node n, struct stat *st);
int show_pfile(struct fs *fs, struct node n, struct stat *st);
int show_link(struct fs *fs, struct node n, struct stat *st);
int show_users(struct fs *fs, struct node n, struct stat *st);
int show_user(struct fs *fs, struct node n, struct stat *st);
int show_place(struct fs *fs, struct node n, struct stat *st);
int show_file(struct fs *fs, struct node n, struct stat *st);
int show_result(struct fs *fs, struct node n, struct stat *st);
int show_attempt(struct fs *fs, struct node n, struct stat *st);
int show_attempt_source(struct fs *fs, struct node n, struct stat *st);
int show_attempt_result(struct fs *fs, struct node n, struct stat *st);

int content_root_file(struct fs *fs, struct node n, struct content *ret);
int content_pfile(struct fs *fs, struct node n, struct content *ret);
int content_link(struct fs *fs, struct node n, struct content *ret);
int content_file(struct fs *fs, struct node n, struct content *ret);
int content_result(struct fs *fs, struct node n, struct content *ret);
int content_attempt_source(struct fs *fs, struct node n, struct content *ret);
int content_attempt_result(struct fs *fs, struct node n, struct content *ret);

/* list.c */
int find_problem(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		 struct node *ret);
int find_pfile(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	       struct node *ret);
int find_user(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	      struct node *ret);
int find_place(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	       struct node *ret);
int find_file(struct fs *fs, struct node dir, const char *name, const struct caller *c,
	      struct node *ret);
int find_attempt(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		 struct node *ret);
int find_source(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		struct node *ret);

int list_problems(struct fs *fs, struct node dir, struct listing *l);
int list_pfiles(struct fs *fs, struct node dir, struct listing *l);
int list_users(struct fs *fs, struct node dir, struct listing *l);
int list_places(struct fs *fs, struct node dir, struct listing *l);
int list_files(struct fs *fs, struct node dir, struct listing *l);
int list_attempts(struct fs *fs, struct node dir, struct listing *l);
int list_source(struct fs *fs, struct node dir, struct listing *l);

int up_root(struct fs *fs, struct node n, struct node *ret);
int up_pfile(struct fs *fs, struct node n, struct node *ret);
int up_link(struct fs *fs, struct node n, struct node *ret);
int up_user(struct fs *fs, struct node n, struct node *ret);
int up_place(struct fs *fs, struct node n, struct node *ret);
int up_file(struct fs *fs, struct node n, struct node *ret);
int up_attempt(struct fs *fs, struct node n, struct node *ret);
int up_source(struct fs *fs, struct node n, struct node *ret);

/** kind_result() - NODE_VERDICT or NODE_ATTEMPT_VERDICT -> RESULT_VERDICT, ... */
enum result_kind kind_result(enum node_kind kind);

#endif
