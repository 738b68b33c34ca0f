/*
 * prepare.h - what is made once for a compiler and then read by every compile and run
 *
 *	r = prepared_open(dirfd, &prepared, &diag);		STATE/prepared
 *	r = prepare_clean(prepared, langs, cancel_fd, &diag);	once, by who may write there
 *	r = prepare_all(prepared, langs, &env, said, ctx, &diag);
 *	env.prepared = prepared;				and then compile_program() finds it
 *	prepared_free(prepared);
 *
 * A precompiled header, say, by the [prepare] of a language. Its commands run in the box's
 * "compile" profile, on files of the operator's; what they leave lies in a folder that is named
 * by all that decides what is in it (lang->prepared). The whole is bound read-only into every box
 * at PREPARED_AT, so nothing is copied and all share one page cache. It is only there for speed:
 * what is missing, broken or fails changes no verdict.
 *
 *	DIGEST/.list		"SIZE SHA256 NAME" of each file; renamed into place with them
 *	DIGEST/NAME ...
 *	DIGEST/X.unless		words; where a source has one of them, {prepared}/X is not for it;
 *				with "#" before it, where a source defines it
 *	DIGEST.failed		why the last attempt failed
 */
#ifndef JUDGE_PREPARE_H
#define JUDGE_PREPARE_H

#include "base/base.h"
#include "base/buf.h"
#include "judge/lang.h"

#define PREPARED_DIR	"prepared"	/* below STATE */
#define PREPARE_NICE	10		/* of judgefs-prepare: at 19 a busy judge would never get to it */
#define PREPARED_AT	"/prepared"	/* in a box */

struct judge_env;
struct prepared;

/** prepared_open() - @dirfd stays the caller's */
int prepared_open(int dirfd, struct prepared **ret, struct diag *diag);
void prepared_free(struct prepared *p);		/* accepts NULL */

/** prepared_there() - whether what this language prepares lies there in full size; @p may be NULL */
bool prepared_there(const struct prepared *p, const struct lang *lang);

/**
 * prepared_unless() - of what is there, the names that a source is not fit for
 * @text:	of all its files, one after the other
 * @ret:	"lean" for DIGEST/lean.unless, appended
 */
int prepared_unless(const struct prepared *p, const struct lang *lang, const char *text, size_t len,
		    struct strv *ret);

enum prepared_state { PREPARED_NOTHING, PREPARED_READY, PREPARED_NOT_YET, PREPARED_FAILED };

/** prepared_state() - for people; @why: of a failure, appended */
enum prepared_state prepared_state(const struct prepared *p, const struct lang *lang,
				   struct buf *why);

/**
 * prepare_clean() - remove what belongs to none of these languages, as they are by now
 * prepare_all() - make what is not there or does not have its digest any more
 * @langs:	probed
 * @env:	box and cancel_fd are used
 * @said:	told of each language that was looked at; @why is NULL unless it failed
 * Another one that is at it is waited for.
 * Return: 0, also when some failed; -EPIPE, -ECANCELED, -ENOMEM; -errno of the folder.
 */
int prepare_clean(struct prepared *p, const struct langs *langs, int cancel_fd, struct diag *diag);
typedef void prepare_said_fn(void *ctx, const struct lang *lang, bool made, const char *why);
int prepare_all(struct prepared *p, const struct langs *langs, const struct judge_env *env,
		prepare_said_fn *said, void *ctx, struct diag *diag);

/* Between the two files: an entry, as its .list names what is in it. */
struct prepared_file {
	char *name;
	int64_t size;
	char sha256[65];
};
int prepared_dir(const struct prepared *p);
int prepared_list(int dir, struct prepared_file **ret, size_t *ret_n);
void prepared_list_release(struct prepared_file *files, size_t n);

#endif
