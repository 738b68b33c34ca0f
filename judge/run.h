/*
 * run.h - one compiled program on one input
 *
 *	r = run_program(compiled, &limits, &env, in_fd, answer_size, &run, &diag);
 *	if (run.verdict == VERDICT_AC) ...	it ended well: now check run.out_fd
 *	run_release(&run);
 */
#ifndef JUDGE_RUN_H
#define JUDGE_RUN_H

#include "base/base.h"
#include "judge/problem.h"
#include "judge/verdict.h"
#include "sandbox/box.h"

struct compiled;
struct judge_env;

struct run {
	enum verdict verdict;		/* AC: ended well; RE, TLE, ILE, MLE, OLE, SV */
	int64_t cpu_us, wall_us, memory_bytes;
	int exit_code, signal;		/* signal 0: exited; exit_code -1 when it did not */
	char *message;			/* how it ended, when not well */
	int out_fd;			/* what it printed; no process that could write is left */
	int64_t out_bytes;
	char *said;			/* the end of what it wrote to stderr, cleaned; NULL */
	bool near;			/* TLE, but by so little that another run may be faster */
};

/**
 * run_program() - in the box's "run" profile
 *
 * With limits->confirm the program may use confirm_percent more CPU time than its limit before
 * it is killed: one that ends by itself between the two is near. So what is slow by chance can be
 * told from slow, and what never ends costs one run.
 *
 * @in_fd:	the input: see run_input(); its offset is moved
 * @expected_bytes: about how much will be printed: that much of the output is not charged
 *		to the program's memory
 * Return: 0; -EPIPE, -ECANCELED, -ENOMEM; another -errno when the sandbox failed.
 */
int run_program(const struct compiled *c, const struct limits *limits,
		const struct judge_env *env, int in_fd, int64_t expected_bytes, struct run *ret,
		struct diag *diag);
void run_release(struct run *r);

/*
 * The parts of run_program(), for a program whose streams are somebody's (interact.h).
 * @err: run_stderr(); @printed: bytes that it wrote to stdout
 */
int run_stderr(void);			/* a descriptor or -errno */
int run_spec(const struct compiled *c, const struct limits *limits, const struct judge_env *env,
	     int err, struct box_spec *ret);
int run_take(const struct compiled *c, const struct box_spec *spec,
	     const struct box_report *report, const struct limits *limits, int64_t printed,
	     struct run *ret, struct diag *diag);

/**
 * run_input() - bytes of a blob as a program may have them for its stdin
 * A sealed memfd of its own: so /dev/stdin can be opened again, its pages are the judge's, and
 * nothing that a program does to it reaches the blob. Return: a descriptor or -errno.
 */
int run_input(const struct blob_ref *blob, const struct judge_env *env, struct diag *diag);

/**
 * run_verdict() - what the end of a run means; pure
 * @written:	size of the largest file that it printed to
 * @ret_message: how it ended, NULL for AC; to be freed
 * One that used more CPU time than it had is TLE, however it ended but by a forbidden call.
 * One that was there until the wall limit is ILE, unless it used half of its CPU time or was
 * not asleep even then: what others did on its core is no idleness of its own.
 */
enum verdict run_verdict(const struct box_report *report, const struct limits *limits,
			 int64_t written, char **ret_message);

/** run_is_near() - pure; a TLE by the wall limit, for whatever took the core away, is near too */
bool run_is_near(const struct box_report *report, const struct limits *limits,
		 enum verdict verdict);

/**
 * run_explain() - the end of a run in the words of its language; pure
 * Changes verdict and message: RE becomes MLE when the language says so on stderr; an MLE
 * names the problem's limit and what the language adds; an RE for want of threads says that.
 * @err:	the end of its stderr, any bytes
 * Return: 0; -ENOMEM.
 */
int run_explain(struct run *run, const struct compiled *c, const struct limits *limits,
		const char *err, size_t len);

/* In the message of a run that could start no more threads or processes. */
#define RUN_NO_PROCESSES	"no more processes or threads could be started"

/** signal_words() - "Segmentation fault"; never NULL */
const char *signal_words(int signal);

#endif
