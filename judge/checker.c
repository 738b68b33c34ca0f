/*
 * checker.c - validators that a package brings, each in a box of its own
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "judge/check.h"
#include "judge/compile.h"
#include "judge/job.h"
#include "judge/run.h"

#define MIB		(INT64_C(1) << 20)
#define SECOND		INT64_C(1000000)
#define TEXT_MAX	(4 << 10)	/* of a message of a validator: there may be one a test */
#define RIGHT		42
#define WRONG		43

#define FILE_IN		"judge.in"
#define FILE_ANS	"judge.ans"
#define FEEDBACK	"feedback"

/* ------------------------------------------------------------- ends */

static void end_words(struct buf *b, const struct box_report *report,
		      const struct limits *limits)
{
	char text[32];

	switch (report->end) {
	case BOX_EXITED:
		buf_printf(b, "ended with status %d", report->code);
		break;
	case BOX_SIGNALED:
		buf_printf(b, "was killed by signal %d (%s)", report->code,
			   signal_words(report->code));
		break;
	case BOX_CPU_LIMIT:
	case BOX_WALL_LIMIT:
	case BOX_LINGERED:
		format_duration(limits->check_time_us, text);
		buf_printf(b, "took longer than %s", text);
		break;
	case BOX_MEMORY_LIMIT:
		format_size(limits->check_memory_bytes, text);
		buf_printf(b, "took more memory than %s", text);
		break;
	case BOX_OUTPUT_LIMIT:
		format_size(limits->check_output_bytes, text);
		buf_printf(b, "wrote more than %s", text);
		break;
	case BOX_FORBIDDEN:
		buf_printf(b, "called %s(), which is not allowed", report->syscall);
		break;
	case BOX_NOT_STARTED:
		buf_printf(b, "could not be started: %s", strerror(report->code));
		break;
	case BOX_CANCELLED:
		buf_puts(b, "was cancelled");
		break;
	}
}

/* "the output validator ended with status 1, not 42 or 43; it wrote: ..." */
static char *cause(const char *which, const char *expected, const struct box_report *report,
		   const struct limits *limits, const char *said)
{
	struct buf b = { 0 };

	buf_printf(&b, "the %s ", which);
	end_words(&b, report, limits);
	if (report->end == BOX_EXITED)
		buf_printf(&b, ", not %s", expected);
	if (said && *said)
		buf_printf(&b, "; it wrote: %s", said);
	return buf_steal(&b);
}

enum verdict check_end(const struct box_report *report, const struct limits *limits,
		       const char *said, char **ret_cause)
{
	*ret_cause = NULL;
	if (report->end == BOX_EXITED && report->code == RIGHT)
		return VERDICT_AC;
	if (report->end == BOX_EXITED && report->code == WRONG)
		return VERDICT_WA;
	*ret_cause = cause("output validator", "42 or 43", report, limits, said);
	return VERDICT_JE;
}

/* ------------------------------------------------------------- texts */

/* The beginning of a file, cleaned, without the blanks at its end; NULL when there is none. */
static int take_text(int fd, char **ret)
{
	char *text = malloc(TEXT_MAX);
	struct buf b = { 0 };
	ssize_t n = text ? pread(fd, text, TEXT_MAX, 0) : -1;
	int r = !text ? -ENOMEM : n < 0 ? -errno : 0;

	while (n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	if (r == 0 && n > 0) {
		buf_clean(&b, text, n);
		*ret = buf_steal(&b);
		r = *ret ? 0 : -ENOMEM;
	}
	free(text);
	return r;
}

static int take_feedback(const struct box_report *report, struct check_result *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < report->nfiles; i++) {
		const struct box_file *f = &report->files[i];

		if (strcmp(f->name, FEEDBACK "/judgemessage.txt") == 0)
			r = take_text(f->fd, &ret->staff_message);
		else if (strcmp(f->name, FEEDBACK "/teammessage.txt") == 0)
			r = take_text(f->fd, &ret->message);
	}
	return r;
}

/* ------------------------------------------------------------- a validator's run */

/* One run of a validator: what differs between the kinds is its argv, files and stdin. */
struct validation {
	const struct compiled *program;
	const struct strv *args;
	const struct limits *limits;
	struct box_file files[3];	/* beside its own; descriptors are borrowed */
	size_t nfiles;
	int64_t files_bytes;
	int stdin_fd;
	bool feedback;
	struct box_report report;
	char *said;			/* on stdout and stderr */
};

static void validation_release(struct validation *v)
{
	box_report_release(&v->report);
	free(v->said);
}

/* With what its language's runtime needs, as in the limit of a run. */
static int64_t memory_bytes(const struct validation *v)
{
	return v->limits->check_memory_bytes + v->program->memory_extra_bytes;
}

static int validation_argv(const struct validation *v, struct strv *ret)
{
	int r = compiled_argv(v->program, memory_bytes(v), ret);

	if (r == 0 && v->feedback)
		r = strv_add(ret, BOX_DIR "/" FILE_IN);
	if (r == 0 && v->feedback)
		r = strv_add(ret, BOX_DIR "/" FILE_ANS);
	if (r == 0 && v->feedback)
		r = strv_add(ret, BOX_DIR "/" FEEDBACK "/");
	for (size_t i = 0; r == 0 && i < v->args->n; i++)
		r = strv_add(ret, v->args->v[i]);
	return r;
}

static int validation_spec(const struct validation *v, struct box_spec *spec)
{
	const struct compiled *c = v->program;
	const struct limits *limits = v->limits;

	spec->files = calloc(c->nfiles + v->nfiles + 1, sizeof(*spec->files));
	if (!spec->files)
		return -ENOMEM;
	for (size_t i = 0; i < c->nfiles; i++)
		spec->files[spec->nfiles++] = c->files[i];
	for (size_t i = 0; i < v->nfiles; i++)
		spec->files[spec->nfiles++] = v->files[i];
	spec->profile = "checker";
	spec->exe_fd = c->exe_fd;
	spec->env = c->env;		/* borrowed */
	spec->stdin_fd = v->stdin_fd;
	spec->collect = v->feedback;
	spec->limits = (struct box_limits){
		.cpu_us = limits->check_time_us,
		.wall_us = 2 * limits->check_time_us + 5 * SECOND,
		.memory_bytes = memory_bytes(v),
		.output_bytes = limits->check_output_bytes,
		.processes = 64,
		.files = 256,
		.disk_bytes = 2 * limits->check_output_bytes + 16 * MIB + c->bytes +
			      v->files_bytes,
	};
	return validation_argv(v, &spec->argv);
}

static int validation_run(struct validation *v, const struct judge_env *env, struct diag *diag)
{
	struct box_spec spec = { .cancel_fd = env->cancel_fd };
	int said = io_memfd("validator", "", 0), r;

	r = said < 0 ? said : fcntl(said, F_SETFL, O_APPEND) < 0 ? -errno : 0;
	if (r == 0 && lseek(v->stdin_fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = validation_spec(v, &spec);
	if (r < 0) {
		r = diag_fail(diag, r, "prepare a validator");
		goto out;
	}
	spec.stdout_fd = spec.stderr_fd = said;
	r = box_run(env->box, &spec, &v->report, diag);
	if (r == 0 && v->report.end == BOX_CANCELLED)
		r = -ECANCELED;
	if (r == 0)
		r = take_text(said, &v->said);
out:
	free(spec.files);
	strv_release(&spec.argv);
	io_close(said);
	return r;
}

/* ------------------------------------------------------------- the two kinds */

int check_program(const struct compiled *checker, const struct test *t,
		  const struct limits *limits, const struct judge_env *env, int out_fd,
		  struct check_result *ret, struct diag *diag)
{
	struct check_result res = { 0 };
	int in = -1, ans = -1, r;
	char *why = NULL;
	struct validation v = {
		.program = checker, .args = &t->args, .limits = limits, .stdin_fd = out_fd,
		.feedback = true, .files_bytes = t->in.size + t->ans.size,
	};

	in = blobs_get(env->blobs, &t->in.digest);
	ans = blobs_get(env->blobs, &t->ans.digest);
	if (in < 0 || ans < 0) {
		r = diag_fail(diag, in < 0 ? in : ans, "read the test's files");
		goto out;
	}
	v.files[0] = (struct box_file){ .name = FILE_IN, .fd = in, .mode = 0444 };
	v.files[1] = (struct box_file){ .name = FILE_ANS, .fd = ans, .mode = 0444 };
	v.files[2] = (struct box_file){ .name = FEEDBACK, .fd = -1, .mode = S_IFDIR | 0777 };
	v.nfiles = 3;
	r = validation_run(&v, env, diag);
	if (r == 0)
		r = take_feedback(&v.report, &res);
	if (r < 0)
		goto out;
	res.verdict = check_end(&v.report, limits, v.said, &why);
	if (why) {
		/* It tells more than what the validator had written by then. */
		free(res.staff_message);
		res.staff_message = why;
	}
	*ret = res;
	res = (struct check_result){ 0 };
out:
	io_close(in);
	io_close(ans);
	validation_release(&v);
	check_result_release(&res);
	return r;
}

int check_input(const struct compiled *validator, const struct blob_ref *in,
		const struct strv *args, const struct limits *limits,
		const struct judge_env *env, char **ret_why, struct diag *diag)
{
	struct validation v = { .program = validator, .args = args, .limits = limits,
				.stdin_fd = -1 };
	bool valid;
	int r;

	v.stdin_fd = run_input(in, env, diag);
	if (v.stdin_fd < 0)
		return v.stdin_fd;
	r = validation_run(&v, env, diag);
	if (r == 0) {
		valid = v.report.end == BOX_EXITED && v.report.code == RIGHT;
		*ret_why = valid ? NULL :
			   cause("input validator", "42", &v.report, limits, v.said);
	}
	io_close(v.stdin_fd);
	validation_release(&v);
	return r;
}
