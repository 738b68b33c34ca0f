/*
 * tree.h - the tree of the mount as a table of kinds
 *
 * A row of the table says where a kind of node stands, with what mode, for
 * how long the kernel may believe what it was told, and which functions show
 * it. A file more in the mount is a row and a function.
 */
#ifndef FS_TREE_H
#define FS_TREE_H

#include <sys/stat.h>

#include "fs/fs.h"

/* What a file holds: a descriptor, or a text. */
struct content {
	int fd;				/* -1: the text */
	struct buf text;
};

void content_release(struct content *c);

/* One directory's listing. emit() returns false when it has no room. */
struct listing {
	bool (*emit)(void *ctx, const char *name, struct node n, uint64_t cookie);
	void *ctx;
	const struct caller *caller;
	uint64_t after;			/* cookie of the last entry seen; 0 at first */
};

/** tree_stat() - all attributes; -ESTALE for a node that the store does not know */
int tree_stat(struct fs *fs, struct node n, struct stat *ret);

/** tree_lookup() - also "." and ".."; -ENOENT, -ENOTDIR, -ESTALE */
int tree_lookup(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		struct node *ret);

/** tree_list() - entries after a cookie, cookies grow; with "." and ".." */
int tree_list(struct fs *fs, struct node dir, struct listing *l);

/** tree_content() - of a file, for reading; release it */
int tree_content(struct fs *fs, struct node n, struct content *ret);

/** tree_link() - target of a link */
int tree_link(struct fs *fs, struct node n, struct buf *ret);

/** tree_times() - for how many seconds the kernel may keep the name, the attributes */
void tree_times(struct node n, double *ret_entry, double *ret_attr);

/** tree_name() - the fixed name of a kind ("README.txt"), or NULL */
const char *tree_name(enum node_kind kind);

/** tree_type() - S_IFDIR, S_IFREG, S_IFLNK; 0 for a node that the store does not know */
mode_t tree_type(struct fs *fs, struct node n);

#endif
