/*
 * check.h - is the output right?
 *
 *	r = check_text(&problem->check, &test->args, ans, ans_len, out, out_len, &result, &diag);
 *	r = check_program(checker, test, &limits, &env, out_fd, &result, &diag);
 *	check_result_release(&result);
 *
 * check_text() is pure: it looks at two pieces of memory, needs no locale, and takes time
 * linear in their length whatever a student has printed.
 */
#ifndef JUDGE_CHECK_H
#define JUDGE_CHECK_H

#include "base/base.h"
#include "judge/problem.h"
#include "judge/verdict.h"
#include "sandbox/box.h"

struct check_result {
	enum verdict verdict;		/* AC, PE, WA; JE: see staff_message */
	char *message;			/* teammessage.txt; NULL */
	char *staff_message;		/* judgemessage.txt, cause of a JE; NULL */
	char *difference;		/* "line 2, column 5: expected '7', got '8'"; NULL */
};

void check_result_release(struct check_result *r);	/* accepts empty */

/**
 * check_flags() - flags of the Kattis default validator, on top of what @c says
 * @words:	case_sensitive, space_change_sensitive, float_tolerance E,
 *		float_relative_tolerance E, float_absolute_tolerance E
 * Return: 0; -EINVAL with the word in @diag, @c is then half changed.
 */
int check_flags(struct check *c, const struct strv *words, struct diag *diag);

/**
 * check_text() - compare by CHECK_TOKENS, CHECK_LINES or CHECK_BYTES
 * @args:	flags of this test, see check_flags(); used by CHECK_TOKENS only
 *
 * Tokens: numbers of the answer decide. With a tolerance set, a token of the answer that is a
 * decimal number (no "nan", "inf", hexadecimal) is met by any number near enough, all other
 * tokens by the same text. Without one every token is text.
 *
 * Return: 0; -EINVAL for flags that are none; -ENOMEM.
 */
int check_text(const struct check *c, const struct strv *args, const void *ans, size_t ans_len,
	       const void *out, size_t out_len, struct check_result *ret, struct diag *diag);

struct compiled;
struct judge_env;

/**
 * check_program() - ask a Kattis output validator (42 right, 43 wrong)
 * @checker:	the compiled validator; never sees anything of the submission but its output
 * @out_fd:	the output; its offset is moved
 *
 * Any other end of the validator is VERDICT_JE with its cause.
 *
 * Return: 0; -EPIPE, -ECANCELED, -ENOMEM; another -errno when the sandbox failed.
 */
int check_program(const struct compiled *checker, const struct test *t,
		  const struct limits *limits, const struct judge_env *env, int out_fd,
		  struct check_result *ret, struct diag *diag);

/**
 * check_input() - ask an input validator (42 valid); its @args are those of the test's group
 * Return: 0 with *ret_why NULL when it is valid, else why not, to be freed; an error as of
 * check_program().
 */
int check_input(const struct compiled *validator, const struct blob_ref *in,
		const struct strv *args, const struct limits *limits,
		const struct judge_env *env, char **ret_why, struct diag *diag);

/** check_end() - what the end of an output validator means: AC, WA, or JE with its cause; pure */
enum verdict check_end(const struct box_report *report, const struct limits *limits,
		       const char *said, char **ret_cause);

#endif
