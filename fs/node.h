/*
 * node.h - what an inode number says: a row of the store and which view of it
 *
 *	ino = row id << 8 | kind
 *
 * Pure arithmetic, so there is no table of inodes, nothing to forget, and a
 * handle that an NFS client kept means the same after any restart. Numbers of
 * kinds are for ever: add at the end, never use one again.
 */
#ifndef FS_NODE_H
#define FS_NODE_H

#include <sys/types.h>

#include "base/base.h"

enum node_kind {
	NODE_NONE,
	NODE_ROOT = 1,			/* FUSE wants 1, so its row is 0 */

	/* Numbers below 16 are not used: they are cookies of "." and "..", and NFS's own. */
	NODE_README = 16,		/* files of the root: row 0 */
	NODE_LANGUAGES,
	NODE_QUEUE,
	NODE_HEALTH,

	NODE_PROBLEM,			/* row: problem */
	NODE_PFILE,			/* row: pfile; file or folder of a package */
	NODE_SUB_LINK,			/* row: problem and uid, see node_link() */
	NODE_HISTORY_LINK,

	NODE_USERS,			/* row 0 */
	NODE_USER,			/* row: user */
	NODE_PLACE,			/* row: place; users/NAME/PROBLEM */
	NODE_SUB,			/* row: place */
	NODE_HISTORY,

	NODE_FILE,			/* row: file; what a student wrote */
	NODE_VERDICT,			/* row: file; what is shown beside it */
	NODE_JSON,
	NODE_COMPILE,

	NODE_ATTEMPT,			/* row: submission; history/N */
	NODE_ATTEMPT_SOURCE,
	NODE_ATTEMPT_VERDICT,
	NODE_ATTEMPT_JSON,
	NODE_ATTEMPT_COMPILE,

	NODE_KINDS
};

struct node {
	enum node_kind kind;		/* NODE_NONE: no number of ours */
	int64_t row;
};

/** node_ino() - the inode number; never 0 for a node of a kind */
uint64_t node_ino(struct node n);

/** node_from_ino() - NODE_NONE for what node_ino() never makes */
struct node node_from_ino(uint64_t ino);

/**
 * node_link() - the link of one problem that one user sees
 * Return: NODE_NONE when @problem is beyond 24 bits.
 */
struct node node_link(enum node_kind kind, int64_t problem, uid_t uid);
int64_t node_link_problem(struct node n);
uid_t node_link_uid(struct node n);

#endif
