/*
 * job.h - the boundary: a self-contained job in, an outcome out
 *
 *	r = job_judge(&job, &env, &outcome, &diag);
 *
 * The same call stands behind the daemon's workers, `judgectl judge` and
 * `judgectl verify`. A job names its bytes by digest; the env brings the
 * blobs, the box and the clock.
 */
#ifndef JUDGE_JOB_H
#define JUDGE_JOB_H

#include "base/base.h"
#include "base/buf.h"
#include "judge/problem.h"
#include "sandbox/box.h"

#define JOB_VERSION	1

struct job {
	int64_t id;			/* of the submission; 0 in one-shot use, negative when a problem is
					   calibrated */
	int64_t attempt;
	const struct problem *problem;	/* judging part only when decoded: no files, no references */
	struct program program;
	bool run_all;			/* every test, whatever fails: calibration, `verify` */
};

struct test_result {
	char *name, *group;
	bool sample;
	enum verdict verdict;		/* SK: not run */
	int64_t cpu_us, wall_us, memory_bytes;
	int exit_code, signal;		/* signal 0: exited */
	int runs;			/* more than 1: it was near the time limit, see run.h */
	int64_t slowest_us;		/* CPU time of the slowest of them; the others' are of the one
					   that counts */
	char *message;			/* teammessage, or how it ended ("killed by signal 11 (Segmentation
					   fault)", "socket() is not allowed"); NULL */
	char *staff_message;		/* judgemessage, cause of a JE; never shown to students; NULL */
	char *difference;		/* first difference: "line 2, column 5: expected '7', got '8'"; NULL */
	char *said;			/* samples only: the end of what it wrote to stderr, cleaned; NULL */
};

struct outcome {
	enum verdict verdict;
	char *test;			/* name of the test that decided, or NULL */
	char *message;			/* cause of JE or CE ("no 'main' was made"), language refused; NULL */
	double score, max_score;	/* pass-fail: 1 of 1 or 0 of 1 */
	char *compile_text;		/* all the compiler said, cleaned and cut; NULL */
	int64_t compile_cpu_us;
	bool compile_failed;
	int64_t cpu_us, wall_us, memory_bytes;	/* the slowest, the greatest */
	struct test_result *tests;	/* every test of the problem, in its order */
	size_t ntests;
	char *lang_id, *lang_name, *lang_version;
};

enum job_stage { JOB_COMPILING, JOB_RUNNING };

struct judge_env {
	struct blobs *blobs;
	struct box *box;
	struct compile_cache *cache;	/* compile.h; may be NULL */
	struct objects *objects;	/* objects.h; may be NULL */
	struct prepared *prepared;	/* prepare.h; may be NULL */
	int cancel_fd;			/* readable: stop with -ECANCELED; or -1 */
	/* "Compiling" (@test is 0), "Running test K of N" (@test is K); may be NULL */
	void (*progress)(void *ctx, enum job_stage stage, size_t test, size_t ntests);
	void *ctx;
};

/**
 * job_judge() - compile, run every test, check
 * @ret:	filled on success; a fault of the judge's own while judging (checker crashed,
 *		sandbox failed) is a success with VERDICT_JE and its cause in ret->message.
 * Return: 0; -ECANCELED; -EPIPE when the box is gone; -ENOMEM.
 */
int job_judge(const struct job *job, const struct judge_env *env, struct outcome *ret,
	      struct diag *diag);
void outcome_release(struct outcome *o);	/* accepts empty */

/**
 * outcome_refused() - the outcome of what can not be compiled at all: CE, every test SK
 * @why:	"language 'Haskell' is not allowed here: C, C++"; job_judge() itself says so when the
 *		problem does not allow job->program.lang
 * @lang:	or NULL
 * Return: 0; -ENOMEM.
 */
int outcome_refused(const struct problem *p, const struct lang *lang, const char *why,
		    struct outcome *ret);

/** problem_calibrate() - cpu limit from the accepted references, by judging them all
 * Sets p->limits.cpu_us. Return: 0; -EINVAL when there is none, or one is not accepted
 * within 60 s per test; diag names it.
 */
int problem_calibrate(struct problem *p, const struct judge_env *env, struct diag *diag);

/** problem_limit_from() - the rule itself: slowest accepted run -> limit */
int64_t problem_limit_from(const struct problem *p, int64_t slowest_us);

/* Its steps, for who has the references judged elsewhere. */
void problem_unlimit(struct problem *p);	/* time to spare while the limit is not known */
int problem_reference_time(const struct reference *ref, const struct outcome *o,
			   int64_t *slowest_us, struct diag *diag);	/* -EINVAL: not accepted */
int problem_limit_measured(struct problem *p, int64_t slowest_us, struct diag *diag); /* < 0: none was */

/* The one encoding: JSON, with "version". Decoding trusts nothing. */
int job_encode(const struct job *job, struct buf *ret);
int job_decode(const char *text, size_t len, struct job **ret, struct diag *diag);
void job_free(struct job *job);			/* of job_decode() */
int outcome_encode(const struct outcome *o, struct buf *ret);
int outcome_decode(const char *text, size_t len, struct outcome *ret, struct diag *diag);

/**
 * outcome_fits() - whether an outcome that was decoded can be one of this job
 * Its tests are the problem's in their order, its language is the program's, and what it says
 * as a whole does not contradict them. Return: 0; -EINVAL with what does not fit.
 */
int outcome_fits(const struct outcome *o, const struct job *job, struct diag *diag);

/* For people and programs (DESIGN.md sections 3 and 4). */
struct report_about {			/* what the store knows; zero / NULL in one-shot use */
	int64_t id;
	const char *problem, *user, *file_name, *contact;
	int64_t attempt, submitted_us, judged_us;
	enum feedback feedback;
	bool final;
};

void report_verdict(const struct outcome *o, const struct report_about *a, struct buf *ret);
void report_json(const struct outcome *o, const struct report_about *a, struct buf *ret);

/** report_memory() - a peak in words; a kernel counts in batches, so a small one is "< 256 KiB" */
void report_memory(int64_t bytes, char ret[32]);

#endif
