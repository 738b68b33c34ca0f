/*
 * store.h - everything that must survive: SQLite (WAL, synchronous=FULL) and files
 *
 *	STATE/db/judge.db	the rows below
 *	STATE/spool/FILE	the working copy of a name in sub/: what a program reads and writes
 *	STATE/blobs/ab/REST	what was accepted and the bytes of problems, immutable
 *	STATE/results/FILE.KIND	what the mount shows beside a source: written by the publisher
 *				through the mount, so by judgefs-serve; can be rebuilt from the rows
 *	STATE/results/NAME	the same for files of the root: README.txt, queue.txt, ...
 *
 * judgefs-serve and judgefs-sched each open the store once (one connection a
 * thread). A function is one transaction; when it returns 0 that which it says is on the disk.
 * Row ids are never used again, so an inode made of one stays valid for ever.
 *
 * Two tables carry a student's work. A `file` is a name in sub/ that lives as the
 * student's programs wish: it is written over, renamed, removed. A `submission` is
 * one content of it that was handed in: immutable but for its state and outcome.
 *
 *	file:       DRAFT -> (flush/fsync of non-empty content) RECEIVED -> (complete) clean
 *	submission: QUEUED -> RUNNING -> DONE, by the table in submission.h
 */
#ifndef JUDGE_STORE_H
#define JUDGE_STORE_H

#include <sys/ioctl.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/buf.h"
#include "judge/blob.h"
#include "judge/problem.h"
#include "judge/submission.h"

struct store;

/**
 * store_open() - open STATE, making and migrating what is not there
 * @dirfd:	STATE; dup'ed
 * Return: 0; -EBADMSG when the database is damaged or newer than us; -errno.
 */
int store_open(int dirfd, struct store **ret, struct diag *diag);
void store_close(struct store *s);
/** store_probe() - 0 when something can be written; -ENOSPC also when little room is left */
int store_probe(struct store *s);
struct blobs *store_blobs(struct store *s);	/* belongs to @s */
int store_spool_dir(struct store *s);		/* descriptors of @s */
int store_results_dir(struct store *s);

/* ------------------------------------------------------------- users, problems */

struct user_row {
	int64_t id;
	uid_t uid;
	char name[64];			/* passwd name, else the uid's digits */
};

int store_user_by_uid(struct store *s, uid_t uid, struct user_row *ret);	/* -ENOENT */
int store_user_by_name(struct store *s, const char *name, struct user_row *ret);
int store_user_by_id(struct store *s, int64_t id, struct user_row *ret);
/** store_user_add() - or find; @name must be a safe file name (checked: -EINVAL) that no other
 * uid has (-EEXIST: take the digits) */
int store_user_add(struct store *s, uid_t uid, const char *name, struct user_row *ret);

/* Shown problems: loaded, complete, calibrated. */
struct problem_row {
	int64_t id;
	char name[65];
	char title[256];
	int64_t changed_us;		/* mtime of its directory */
	int64_t open_us, close_us;	/* 0: always */
	int64_t source_bytes;		/* refused beyond: EFBIG */
	bool installed;			/* false: removed from STATE/problems; kept for history */
	enum feedback feedback;
};

int store_problem_by_id(struct store *s, int64_t id, struct problem_row *ret);
int store_problem_by_name(struct store *s, const char *name, struct problem_row *ret);

/** store_problem_install() - show a loaded problem, or a newer version of it
 * @spec:	job_encode()d problem for judging; replaces the old one; queued submissions use it
 * @digest:	of the package's state on disk, to see changes
 */
int store_problem_install(struct store *s, const struct problem *p, const char *spec,
			  const char *readme, const char *digest, struct problem_row *ret);
int store_problem_remove(struct store *s, const char *name);
/** store_problem_broken() - note why a folder of STATE/problems is not shown; NULL clears */
int store_problem_broken(struct store *s, const char *name, const char *digest, const char *why);
int store_problem_spec(struct store *s, int64_t id, struct buf *ret);

/* A folder of STATE/problems as it was last read: shown, or broken and why. */
struct package_row {
	int64_t id;
	char name[256];
	char digest[129];
	bool broken;
	char why[1024];
};

int store_package(struct store *s, const char *name, struct package_row *ret);	/* -ENOENT */
int store_list_packages(struct store *s, int64_t after,
			bool (*fn)(void *ctx, const struct package_row *row), void *ctx);

/* Files of a problem in the mount: README.txt, statement.*, samples/..., attachments/... */
struct pfile_row {
	int64_t id, problem, parent;	/* parent: pfile id of the folder; 0: PROBLEM/ itself */
	char name[256];
	bool dir;
	struct blob_ref blob;
	int64_t changed_us;
};

int store_pfile_by_id(struct store *s, int64_t id, struct pfile_row *ret);
int store_pfile_lookup(struct store *s, int64_t problem, int64_t parent, const char *name,
		       struct pfile_row *ret);

/* A user's folder for a problem: users/NAME/PROBLEM. */
struct place_row {
	int64_t id, user, problem;
	char problem_name[65];
	int64_t changed_us;		/* grows when anything below sub/ or history/ does */
};

int store_place_by_id(struct store *s, int64_t id, struct place_row *ret);
int store_place_get(struct store *s, int64_t user, int64_t problem, bool make,
		    struct place_row *ret);		/* -ENOENT without @make */

/* ------------------------------------------------------------- listing
 * Directory cookies are row ids: @after is the last row seen, 0 at first; rows come in
 * ascending order of id, so a listing goes on rightly over removals and restarts.
 * The callback returns false to stop.
 */
int store_list_users(struct store *s, int64_t after,
		     bool (*fn)(void *ctx, const struct user_row *row), void *ctx);
int store_list_problems(struct store *s, int64_t after,
			bool (*fn)(void *ctx, const struct problem_row *row), void *ctx);
int store_list_pfiles(struct store *s, int64_t problem, int64_t parent, int64_t after,
		      bool (*fn)(void *ctx, const struct pfile_row *row), void *ctx);
int store_list_places(struct store *s, int64_t user, int64_t after,
		      bool (*fn)(void *ctx, const struct place_row *row), void *ctx);

/* ------------------------------------------------------------- files in sub/ */

enum file_state {
	FILE_DRAFT,			/* nothing promised yet */
	FILE_RECEIVED,			/* size and bytes are durable: will be judged */
	FILE_CLEAN,			/* its content is a submission */
};

struct file_row {
	int64_t id, place, user;
	char name[256];
	bool judged;			/* false: debris of an editor, never judged */
	bool gone;			/* unlinked or renamed over; lives while a handle does */
	mode_t mode;			/* 07777 */
	int64_t size, atime_us, mtime_us, ctime_us;
	enum file_state state;
	int64_t submission;		/* newest one made of it, 0: none */
	int64_t compile_shown;		/* > 0: NAME.compile.txt is shown */
};

int store_file_by_id(struct store *s, int64_t id, struct file_row *ret);
int store_file_lookup(struct store *s, int64_t place, const char *name, struct file_row *ret);
int store_list_files(struct store *s, int64_t place, int64_t after,
		     bool (*fn)(void *ctx, const struct file_row *row), void *ctx);

/*
 * Changes name the FUSE request they answer, because a request is executed again when
 * judgefs-serve died under it: a @request that was done already gives the recorded result and
 * changes nothing. 0 = no request (never recorded). The newest 4096 are kept.
 *
 * A RECEIVED file was accepted: it stays RECEIVED whatever happens to its name, gone or not,
 * until it is submitted (with the name it has then) or written to. So that what was accepted
 * is judged under the name it was accepted with, the caller submits a RECEIVED file before it
 * renames it, removes it, renames over it or lets it be written to.
 */
/** store_file_create() - -EEXIST; the spool file is made empty */
int store_file_create(struct store *s, uint64_t request, int64_t place, const char *name,
		      bool judged, mode_t mode, struct file_row *ret);
/** store_file_rename() - within or between places of one user (-EXDEV); an old @to_name is gone then.
 * @judged: whether the new name is one to judge. The renamed file keeps its id. If it is CLEAN
 * and its content is not the newest submission under the new name it becomes RECEIVED (when
 * not empty); a DRAFT stays one until it is received. */
int store_file_rename(struct store *s, uint64_t request, int64_t id, int64_t to_place,
		      const char *to_name, bool judged, bool no_replace, int64_t *ret_replaced);
int store_file_unlink(struct store *s, uint64_t request, int64_t place, const char *name,
		      int64_t *ret_id);
/** store_file_forget() - the last handle of a `gone` file is closed: row, spool and results are
 * removed; -EBUSY when it is not gone, or RECEIVED: submit it first */
int store_file_forget(struct store *s, int64_t id);
/** store_file_attr() - any of mode, times (us), by mask; size changes go through the spool */
enum { FILE_SET_MODE = 1, FILE_SET_ATIME = 2, FILE_SET_MTIME = 4 };
int store_file_attr(struct store *s, int64_t id, int what, const struct file_row *from);
/** store_file_dirty() - the content changes now: state DRAFT (from CLEAN or RECEIVED).
 * Called at the first write or truncation after a commit, before it. Not durable by itself. */
int store_file_dirty(struct store *s, int64_t id);
/** store_file_received() - acceptance: the spool was fsynced, @size > 0; durable on return.
 * A file that is not to be judged becomes CLEAN instead of RECEIVED. */
int store_file_received(struct store *s, int64_t id, int64_t size, int64_t mtime_us);
/** store_file_clean() - content is what was last judged under the name: nothing to do */
int store_file_clean(struct store *s, int64_t id);
/** store_files_received() - all in state RECEIVED, gone ones too: after a start they are submitted */
int store_files_received(struct store *s, bool (*fn)(void *ctx, const struct file_row *row),
			 void *ctx);
int store_files_gone(struct store *s, bool (*fn)(void *ctx, const struct file_row *row), void *ctx);
/** store_requests_clear() - a new connection: request ids begin anew */
int store_requests_clear(struct store *s);
/** store_user_files() - all of one user, gone ones too; store_count_files() - their number */
int store_user_files(struct store *s, int64_t user,
		     bool (*fn)(void *ctx, const struct file_row *row), void *ctx);
int store_count_files(struct store *s, int64_t user, int64_t *ret);

/* ------------------------------------------------------------- submissions */

struct submission_row {
	int64_t id, file, user, problem, place;
	char name[256];			/* of the file when it was handed in */
	char language[64];		/* id, "" = not known: refused by its verdict */
	struct blob_ref blob;
	int64_t number;			/* history/NUMBER, from 1 in a place */
	enum submission_state state;
	int64_t attempt;		/* of judging, grows with each lease */
	int64_t received_us, judged_us;
	enum verdict verdict;		/* when DONE */
	int64_t change;			/* store-wide, grows with every visible change */
	int64_t published;		/* change that the mount shows */
};

/**
 * store_submit() - a complete content becomes a submission, QUEUED
 * @young_us:	the newest submission under the file's name is replaced (it and its history leave
 *		no trace, *ret_replaced = its id) when it was handed in less than this ago and
 *		has no verdict yet
 * Nothing is made (and *ret_id = 0) when the content is that of the newest submission under this
 * name; that one is the file's then, and what it shows is published again if it is DONE: ring the
 * bell in any case. Sets the file CLEAN in the same transaction.
 * Return: 0; -ESTALE: the file is DRAFT (written to since it was complete); -ENOENT; -errno.
 */
int store_submit(struct store *s, int64_t file, const struct blob_ref *blob, int64_t young_us,
		 int64_t *ret_id, int64_t *ret_replaced);

int store_submission(struct store *s, int64_t id, struct submission_row *ret);
int store_submission_by_number(struct store *s, int64_t place, int64_t number,
			       struct submission_row *ret);
/** store_submission_newest() - under this name; -ENOENT */
int store_submission_newest(struct store *s, int64_t place, const char *name,
			    struct submission_row *ret);
int store_list_submissions(struct store *s, int64_t place, int64_t after,
			   bool (*fn)(void *ctx, const struct submission_row *row), void *ctx);

/** store_list_all() - of every place */
int store_list_all(struct store *s, int64_t after,
		   bool (*fn)(void *ctx, const struct submission_row *row), void *ctx);

/** store_list_judge_errors() - DONE ones whose verdict is JE: for staff to mend and rejudge */
int store_list_judge_errors(struct store *s, int64_t after,
			    bool (*fn)(void *ctx, const struct submission_row *row), void *ctx);

/** store_queue() - QUEUED and RUNNING ones, oldest first: the scheduler's start */
int store_queue(struct store *s, int64_t after_id,
		bool (*fn)(void *ctx, const struct submission_row *row), void *ctx);

/** store_lease() - QUEUED -> RUNNING, attempt + 1; -ESTALE when it is not QUEUED
 * @language:	id, "" when it is not known
 */
int store_lease(struct store *s, int64_t id, const char *language, int worker,
		int64_t deadline_us, int64_t *ret_attempt);
/** store_tries() - attempts since its last outcome: lost, given up for another, or running now */
int store_tries(struct store *s, int64_t id, int64_t *ret);
/** store_requeue() - RUNNING with this attempt -> QUEUED; -ESTALE otherwise */
int store_requeue(struct store *s, int64_t id, int64_t attempt);
/** store_rejudge() - DONE -> QUEUED; the old outcome is kept in its log row; -ESTALE */
int store_rejudge(struct store *s, int64_t id);
/** store_rejudge_problem() - the same for all of a problem that are DONE, or for none of them */
int store_rejudge_problem(struct store *s, int64_t problem, int64_t *ret_count);

/**
 * store_done() - RUNNING with this attempt -> DONE, with what is shown
 * @shown[]: text of each result kind, NULL or "" for none
 * Return: 0; -ESTALE: the outcome is of another attempt or the row is gone: dropped.
 */
enum result_kind { RESULT_VERDICT, RESULT_JSON, RESULT_COMPILE, RESULT_KINDS };
int store_done(struct store *s, int64_t id, int64_t attempt, enum verdict verdict,
	       const char *outcome, const char *const shown[RESULT_KINDS]);

/** store_shown() - the text of a DONE submission; "" for none; -ENOENT while not DONE */
int store_shown(struct store *s, int64_t id, enum result_kind kind, struct buf *ret);

/** store_unpublished() - DONE ones whose change the mount does not show yet, oldest change first */
int store_unpublished(struct store *s, bool (*fn)(void *ctx, const struct submission_row *row),
		      void *ctx);
int store_published(struct store *s, int64_t id, int64_t change);	/* -ENOENT: replaced */

/*
 * The publisher opens MOUNT/users/NAME/PROBLEM/sub/FILE.verdict for writing, says with this ioctl
 * (argument: const uint64_t *) which submission it writes for, does one pwrite, one ftruncate, and
 * closes (fsync before, when the verdict is final). judgefs-serve keeps the number with the handle and
 * answers ESTALE to a write for any other than the file's newest submission: an outcome that is late
 * never covers the state of a younger content. For the files of the root no ioctl is needed.
 */
#define RESULT_IOC_FOR	_IOW('J', 1, uint64_t)

/** result_name() - "12.verdict", name in STATE/results of a file's or a submission's */
void result_name(int64_t file, enum result_kind kind, char ret[64]);

/** store_check() - the invariants of docs/ARCHITECTURE.md; every breach a line in @ret */
int store_check(struct store *s, struct buf *ret);

#endif
