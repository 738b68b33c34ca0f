/*
 * package.h - what the readers of package formats share
 *
 * A reader goes on after a fault, so that a teacher sees all of them at once:
 * package_fault() keeps the first for the caller and adds a line to the report.
 * Every path is relative to the package, and nothing outside of it is opened:
 * a link may lead to another place in the package but not out of it.
 */
#ifndef JUDGE_PACKAGE_PACKAGE_H
#define JUDGE_PACKAGE_PACKAGE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/strv.h"
#include "judge/problem.h"

#define PACKAGE_TEXT_MAX	(1u << 20)	/* a file that is read as text */
#define PACKAGE_PATH_MAX	1024

struct package_constant {
	char *name, *value;
};

struct package {
	int dirfd;
	const struct langs *langs;
	const struct limits *defaults;
	struct blobs *blobs;
	struct problem *p;		/* what is being filled */
	struct buf *report;		/* may be NULL */
	struct diag *diag;
	int r;				/* of the first fault; 0 as long as there is none */
	unsigned faults;
	struct buf *soft;		/* not NULL: a fault is told here and spoils nothing else */
	bool full;			/* the tally below is over: said once */
	int64_t files, bytes;		/* taken in so far */
	int64_t names;			/* seen in folders so far */
	struct package_constant *constants;	/* {{name}}, of Kattis 2025-09 */
	size_t nconstants;
};

/* A format: how it is told, and who reads it. */
struct package_format {
	const char *name;		/* for people: "Polygon" */
	const char *mark;		/* a file at the top */
	void (*read)(struct package *pkg);	/* NULL: not read yet */
};

void kattis_read(struct package *pkg);
void plain_read(struct package *pkg);

/* ------------------------------------------------------- faults and notes */

/** package_fault() - "FILE:LINE: text"; @line 0 leaves it out; Return: -EINVAL */
int package_fault(struct package *pkg, const char *file, int line, const char *fmt, ...)
	PRINTF(4, 5);

/** package_unsupported() - the same for what may be right but is not judged yet: -ENOTSUP */
int package_unsupported(struct package *pkg, const char *file, int line, const char *fmt, ...)
	PRINTF(4, 5);

/** package_error() - a failure of ours or of a file: "FILE: text: strerror(-r)"; Return: @r */
int package_error(struct package *pkg, int r, const char *file, const char *fmt, ...)
	PRINTF(4, 5);

/** package_told() - a fault that has its "FILE:LINE: " already; Return: @r */
int package_told(struct package *pkg, int r, const char *text);

/** package_note() - a line for the report only */
void package_note(struct package *pkg, const char *file, int line, const char *fmt, ...)
	PRINTF(4, 5);

/* ------------------------------------------------------- limits (bounds.c) */

/**
 * limit_bounds() - whether a limit makes sense
 * @key:	of [limits] in problem.ini, or check-time, check-memory, check-output
 * @value:	us, bytes or a count
 * Return: NULL when it does, else the bounds: "1ms to 1h"
 */
const char *limit_bounds(const char *key, double value);

/* ------------------------------------------------------- files */

enum package_kind { PACKAGE_NONE, PACKAGE_FILE, PACKAGE_FOLDER, PACKAGE_OTHER };

/** package_path() - "FOLDER/NAME", only NAME for "" or "."; false when too long (a fault) */
bool package_path(struct package *pkg, const char *folder, const char *name,
		  char ret[PACKAGE_PATH_MAX]);

/** package_kind() - what is there, through links; one that leaves the package is a fault */
enum package_kind package_kind(struct package *pkg, const char *path);

/** package_left_by() - whether this is a link that leaves the package; no fault yet */
bool package_left_by(struct package *pkg, const char *path);

/**
 * package_list() - the names in a folder in natural order, without hidden ones
 * Empty when there is no such folder or it can not be listed (a fault); free with strv_release().
 */
void package_list(struct package *pkg, const char *folder, struct strv *ret);

/** package_walk() - fn() for every file below a folder: natural order, hidden names left out
 * @path:	"FOLDER/a/b"
 */
void package_walk(struct package *pkg, const char *folder,
		  void (*fn)(struct package *pkg, const char *path, void *ctx), void *ctx);

/** package_text() - a file as text without NUL bytes; Return: false and a fault otherwise */
bool package_text(struct package *pkg, const char *path, struct buf *ret);

/** package_read() - any file; 0, -EFBIG beyond PACKAGE_TEXT_MAX, -errno; not there is a fault too */
int package_read(struct package *pkg, const char *path, struct buf *ret);

/** package_head() - up to 64 KiB of its beginning, for tags; "" when it can not be read */
void package_head(struct package *pkg, const char *path, struct buf *ret);

/** package_blob() - take a file in; Return: false and a fault otherwise */
bool package_blob(struct package *pkg, const char *path, struct blob_ref *ret);

/* ------------------------------------------------------- constants (constants.c) */

/** package_constant() - from now on {{NAME}} stands for this; false when that is no name */
bool package_constant(struct package *pkg, const char *name, const char *value);
void package_constants_release(struct package *pkg);

/** package_fill() - replace the constants of a text; Return: whether there was any */
bool package_fill(const struct package *pkg, struct buf *text);

/** package_filled_blob() - package_blob() with the constants of a text filled in */
bool package_filled_blob(struct package *pkg, const char *path, struct blob_ref *ret);

/* ------------------------------------------------------- names (names.c) */

/** name_natural() - "2" before "10" */
int name_natural(const char *a, const char *b);

/** name_good() - a letter, digit or _, then also - and .; not a name that Windows keeps for itself */
bool name_good(const char *name);
bool path_good(const char *path);	/* every part */
bool source_path_good(const char *path);	/* "a.c++" is one too */

/** path_base() - behind the last slash; path_suffix() - behind the last dot of that, "" */
const char *path_base(const char *path);
const char *path_suffix(const char *path);

/** path_stem() - @path without an ending like ".in"; false when it has another */
bool path_stem(const char *path, const char *ending, char ret[PACKAGE_PATH_MAX]);

/* ------------------------------------------------------- the problem being filled */

/** package_grow() - room for one more, zeroed, at the end of an array; NULL and a fault: no memory */
void *package_grow(struct package *pkg, void *array, size_t *n, size_t size);

/** package_set() - replace a text of the problem */
void package_set(struct package *pkg, char **field, const char *text);

/** package_test() - a test of these two files, at the end; NULL on a fault */
struct test *package_test(struct package *pkg, const char *name, const char *group, bool sample,
			  const char *in, const char *ans);

/** package_includes() - include/LANG/... */
void package_includes(struct package *pkg);

/* ------------------------------------------------------- what is shown (shown.c) */

/** package_show() - a file in the mount below PROBLEM/ */
void package_show(struct package *pkg, const char *shown, const char *path);

/** package_show_samples() - samples/NAME.in and .ans of every sample, where not shown yet */
void package_show_samples(struct package *pkg);

/** package_show_statement() - this one instead of all statement.* */
void package_show_statement(struct package *pkg, const char *path);

/** package_attachments() - all below attachments/ */
void package_attachments(struct package *pkg);

/**
 * package_statements() - STEM.LANG.EXT of a folder as statement.LANG.EXT, and the pictures there
 * Without LANG where only one language is there; TeX only where there is nothing else.
 * Return: whether there was one that is not TeX.
 */
bool package_statements(struct package *pkg, const char *folder, const char *stem);

/* ------------------------------------------------------- programs (program.c) */

/**
 * package_program() - a source file, or a folder of them
 * @lang:	id or alias that must be taken, NULL: by first line, then suffix
 * @ret_why:	why it can not be run here: language, tools, a bad name, a link that leaves the
 *		package; NULL when it can; free() it
 * Return: true with @ret filled, without ->lang when *ret_why is set; false on a fault of the
 * whole package.
 */
bool package_program(struct package *pkg, const char *path, const char *lang,
		     struct program *ret, char **ret_why);

/** package_checker() - the same for a validator, where every why is a fault */
bool package_checker(struct package *pkg, const char *path, struct program *ret);

/** program_start() - the source of this name (its class, for Java) comes first; false: there is none */
bool program_start(struct program *prog, const char *entry);

/** package_submissions() - submissions/ with what folder, tag and submissions.yaml promise */
void package_submissions(struct package *pkg);

/* What a reference submission must get: struct reference. */
struct promise {
	const char *name;		/* of a folder, or the word of a tag */
	unsigned allowed, also;
	bool defines_time;
	const char *language, *entry;	/* of submissions.yaml, or NULL */
};

/* submissions.yaml (expect.c) */
struct ynode;

/** expect_read() - NULL: there is none, or a fault */
struct ynode *expect_read(struct package *pkg);

/**
 * expect_apply() - what it says of one submission
 * @path:	below submissions/: "accepted/a.py"
 * @promise:	what the folder promises, all when it is none of the known; changed
 * Return: whether it says anything of it.
 */
bool expect_apply(struct package *pkg, const struct ynode *root, const char *path,
		  struct promise *promise);

/* ------------------------------------------------------- problem.ini (ini.c) */

struct package_ini;

/** ini_read() - problem.ini, when there is one; *ret NULL: none, or a fault */
void ini_read(struct package *pkg, struct package_ini **ret);

/** ini_apply() - over what the package said */
void ini_apply(struct package *pkg, const struct package_ini *ini);
void ini_free(struct package_ini *ini);

#endif
