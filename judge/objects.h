/*
 * objects.h - what was compiled, in a folder that all workers share and that outlives them
 *
 *	r = objects_open(dirfd, max_bytes, reserve_bytes, &objects);	STATE/objects
 *	c = objects_find(objects, &key, lang);		NULL: compile it
 *	objects_add(objects, &key, c);
 *	objects_free(objects);
 *
 * An entry is a file named by compile_key(): by all that decides what comes out of a compiler, so
 * by content, never by a path. It begins with its own name and the digest of the rest: a file
 * that is cut, changed or under another's name is removed and counts as none. Only workers can
 * read or write the folder; no box has it in sight.
 */
#ifndef JUDGE_OBJECTS_H
#define JUDGE_OBJECTS_H

#include "base/base.h"
#include "base/buf.h"
#include "judge/compile.h"

#define OBJECTS_DIR	"objects"	/* below STATE */
#define OBJECT_MAX	(128 << 20)	/* a larger one is not worth its place */

struct objects;

/**
 * objects_open() - @dirfd stays the caller's
 * @max_bytes:	beyond, those go that were not used for the longest time; 0: all, and none is added
 * @reserve_bytes: nothing is added when less room than this would be left on the disk
 */
int objects_open(int dirfd, int64_t max_bytes, int64_t reserve_bytes, struct objects **ret);
void objects_free(struct objects *o);		/* accepts NULL */

/** objects_find() - compiled_put() it; NULL, also when it is broken; @o may be NULL */
struct compiled *objects_find(struct objects *o, const struct digest *key, const struct lang *lang);

/**
 * objects_add() - unless it failed: what was missing on the host may be there tomorrow
 * Return: 0; -EFBIG, -ENOSPC, -errno: it is not there then; @o may be NULL
 */
int objects_add(struct objects *o, const struct digest *key, const struct compiled *c);

/* compiled.c: what is between memory and file. -EBADMSG for bytes that make no sense. */
int compiled_new(const struct lang *lang, struct compiled **ret);
int compiled_encode(const struct compiled *c, struct buf *ret);
int compiled_decode(const char *data, size_t len, const struct lang *lang, struct compiled **ret);

#endif
