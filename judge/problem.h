/*
 * problem.h - what every package format is read into
 *
 *	r = problem_load(dirfd, "hello", &settings, blobs, &problem, &report, &diag);
 *
 * A problem is complete when it is loaded: every test's bytes are in @blobs,
 * every key was understood or is refused with file and line. judge/package/
 * has one reader per format.
 */
#ifndef JUDGE_PROBLEM_H
#define JUDGE_PROBLEM_H

#include "base/base.h"
#include "base/buf.h"
#include "base/strv.h"
#include "judge/blob.h"
#include "judge/lang.h"
#include "judge/verdict.h"

#define LIMITS_MAX_CONFIRM	9

struct limits {
	int64_t cpu_us;			/* of one test; 0: from the accepted submissions */
	int64_t wall_us;		/* 0: 3 x CPU + 1 s */
	int64_t memory_bytes, output_bytes;
	int64_t processes, files;
	int64_t source_bytes;		/* all files of a submission */
	int64_t compile_time_us, compile_memory_bytes;
	int64_t check_time_us, check_memory_bytes, check_output_bytes;
	int64_t confirm, confirm_percent;	/* a run that takes at most so much longer than
						   cpu_us is repeated so often; 0: never */
};

/* [limits LANGUAGE] of problem.ini; 0 = not said */
struct lang_limits {
	char *lang;
	int64_t cpu_us, wall_us, memory_bytes;
};

struct source {
	char *name;			/* relative, no "..": "main.cpp", "util/a.h" */
	struct blob_ref blob;
};

struct program {			/* a validator, or a submission */
	const struct lang *lang;	/* borrowed from langs; owned copy in a decoded job */
	struct source *sources;		/* the first is the main one */
	size_t nsources;
};

enum check_type {
	CHECK_TOKENS,			/* the Kattis default validator, all its flags */
	CHECK_LINES,			/* trailing blanks and trailing newlines ignored; else PE/WA */
	CHECK_BYTES,
	CHECK_PROGRAM,			/* Kattis 42/43: program input answer feedback/ args < output */
	CHECK_INTERACTIVE,		/* the same, but it talks with the program while that runs */
};

struct check {
	enum check_type type;
	struct program program;		/* CHECK_PROGRAM, CHECK_INTERACTIVE */
	bool case_sensitive, space_sensitive;
	double absolute, relative;	/* < 0: numbers are compared as text */
	bool presentation;		/* tell PE from WA where only blanks differ */
};

struct test {
	char *name;			/* "secret/group1/01", "sample/1", "1" */
	char *group;			/* "secret/group1"; "" */
	bool sample;
	struct blob_ref in, ans;
	struct strv args;		/* all of the validator's, also those of every test: arguments of
					   its program, flags of CHECK_TOKENS */
	struct strv in_args;		/* of the input validators */
};

enum feedback { FEEDBACK_FULL, FEEDBACK_SAMPLES, FEEDBACK_VERDICT, FEEDBACK_NONE };

/* What the mount shows below PROBLEM/ beside README.txt. */
struct problem_file {
	char *path;			/* "statement.pdf", "samples/1.in", "attachments/x.zip" */
	struct blob_ref blob;
};

/* A reference submission and what it must get. */
struct reference {
	char *path;			/* "submissions/accepted/a.cpp" */
	struct program program;		/* program.lang NULL: see problem */
	char *skip;			/* why it can not be judged here (language missing), or NULL */
	unsigned allowed;		/* bits 1 << enum verdict of the final verdict */
	unsigned also;			/* right as well when some test got one of @allowed: "some
					   test exceeds the time", though an earlier one is wrong */
	bool defines_time;		/* its slowest test counts for the time limit */
};

/* A program that says whether an input is as the statement promises: 42 on its stdin. */
struct validator {
	char *path;			/* "input_validators/validate.py" */
	struct program program;		/* program.lang NULL: see skip */
	char *skip;			/* why it can not be run here, or NULL */
};

struct problem {
	char *id;			/* folder name: ASCII letters digits _ - . */
	char *title, *author, *source_url, *license;
	char *format;			/* "kattis legacy", "plain" */
	struct limits limits;
	struct lang_limits *lang_limits;
	size_t nlang_limits;
	double time_multiplier;		/* cpu_us = slowest accepted x this, rounded up to time_resolution */
	int64_t time_resolution_us;
	struct check check;
	struct test *tests;		/* in judging order: samples first, then by name */
	size_t ntests;
	bool run_all;			/* go on after the first failed test */
	struct strv languages;		/* allowed; empty = all */
	enum feedback feedback;
	int64_t open_us, close_us;	/* wall; 0 = always */
	struct source *includes;	/* include/LANG/... : "LANG/file"; added before compiling */
	size_t nincludes;
	struct problem_file *files;
	size_t nfiles;
	struct reference *references;
	size_t nreferences;
	struct validator *input_validators;	/* for `judgectl verify`; no part of a job */
	size_t ninput_validators;
};

/** check_has_program() - whether it is a program of the package that decides */
static inline bool check_has_program(const struct check *c)
{
	return c->type == CHECK_PROGRAM || c->type == CHECK_INTERACTIVE;
}

/**
 * problem_load() - read a package folder of any known format
 * @dirfd:	the package; stays the caller's
 * @report:	what was found and every fault, a line each, "FILE:LINE: text"; may be NULL
 * @diag:	the first fault
 *
 * Return: 0; -EINVAL with a fault; -ENOTSUP for a kind that is not judged yet
 * (scoring, multi-pass), named in @diag; -errno.
 */
int problem_load(int dirfd, const char *id, const struct langs *langs,
		 const struct limits *defaults, struct blobs *blobs, struct problem **ret,
		 struct buf *report, struct diag *diag);
void problem_free(struct problem *p);

/** program_release() - its sources; the language stays its owner's; accepts empty */
void program_release(struct program *p);

/** limits_default() - 1 s, 256 MiB, 8 MiB of output and so on */
void limits_default(struct limits *ret);

/**
 * problem_limits() - of one run in a language; wall filled in
 * A time that [limits LANGUAGE] says is taken as it is, else the problem's by the language's
 * factor and extra. The memory is always the problem's (or said one) and the language's extra.
 */
void problem_limits(const struct problem *p, const struct lang *lang, struct limits *ret);

/** limits_compile() - a language's own limits of compiling take the place of those in @l */
void limits_compile(struct limits *l, const struct lang *lang);

/** problem_readme() - PROBLEM/README.txt: title, limits, languages, deadline, how to submit;
 *	made anew when the problem opens and closes: a closed one says so instead */
void problem_readme(const struct problem *p, const struct langs *langs, struct buf *ret);

/**
 * problem_id_twin() - another folder whose name differs from @id only in case
 * Mac and Windows clients could not tell them apart. @ret: its name; @dirfd: of all packages
 */
bool problem_id_twin(int dirfd, const char *id, char ret[65]);

/** problem_id_valid() - ASCII letters, digits, "_", "-", "."; not first a dot; 1..64; no reserved name */
bool problem_id_valid(const char *id);

#endif
