#include "judge/validator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "judge/compile.h"
#include "judge/job.h"
#include "judge/run.h"

#define MIB		(INT64_C(1) << 20)
#define SECOND		INT64_C(1000000)
#define TEXT_MAX	(4 << 10)	/* of a message of a validator: there may be one a test */

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

char *validation_cause(const char *which, const char *expected, const struct box_report *report,
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

int validation_feedback(const struct validation *v, struct check_result *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->report.nfiles; i++) {
		const struct box_file *f = &v->report.files[i];

		if (strcmp(f->name, FEEDBACK "/judgemessage.txt") == 0)
			r = take_text(f->fd, &ret->staff_message);
		else if (strcmp(f->name, FEEDBACK "/teammessage.txt") == 0)
			r = take_text(f->fd, &ret->message);
	}
	return r;
}

/* ------------------------------------------------------------- a run */

int validation_test(struct validation *v, const struct test *t, const struct judge_env *env,
		    struct diag *diag)
{
	const struct { const char *name; const struct blob_ref *blob; } blobs[] = {
		{ FILE_IN, &t->in }, { FILE_ANS, &t->ans },
	};

	for (size_t i = 0; i < ARRAY_SIZE(blobs); i++) {
		int fd = blobs_get(env->blobs, &blobs[i].blob->digest);

		if (fd < 0)
			return diag_fail(diag, fd, "read the test's files");
		v->files[v->nfiles++] = (struct box_file){ .name = (char *)blobs[i].name, .fd = fd,
							   .mode = 0444 };
		v->files_bytes += blobs[i].blob->size;
	}
	v->files[v->nfiles++] = (struct box_file){ .name = (char *)FEEDBACK, .fd = -1,
						   .mode = S_IFDIR | 0777 };
	return 0;
}

/* With what its language's runtime needs, as in the limit of a run. */
static int64_t memory_bytes(const struct validation *v)
{
	return v->limits->check_memory_bytes + v->program->memory_extra_bytes;
}

static int make_argv(const struct validation *v, struct strv *ret)
{
	static const char *const of_test[] = { BOX_DIR "/" FILE_IN, BOX_DIR "/" FILE_ANS,
					       BOX_DIR "/" FEEDBACK "/" };
	int r = compiled_argv(v->program, memory_bytes(v), ret);

	for (size_t i = 0; r == 0 && v->nfiles > 0 && i < ARRAY_SIZE(of_test); i++)
		r = strv_add(ret, of_test[i]);
	for (size_t i = 0; r == 0 && i < v->args->n; i++)
		r = strv_add(ret, v->args->v[i]);
	return r;
}

int64_t validation_wall_us(const struct limits *limits)
{
	return 2 * limits->check_time_us + 5 * SECOND;
}

static int make_spec(const struct validation *v, struct box_spec *spec)
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
	spec->profile = v->profile;
	spec->exe_fd = c->exe_fd;
	spec->env = c->env;		/* borrowed */
	spec->stdin_fd = v->stdin_fd;
	spec->stdout_fd = spec->stderr_fd = v->said_fd;
	spec->collect = v->nfiles > 0;
	spec->limits = (struct box_limits){
		.cpu_us = limits->check_time_us,
		.wall_us = validation_wall_us(limits),
		.memory_bytes = memory_bytes(v),
		.output_bytes = limits->check_output_bytes,
		.processes = 64,
		.files = 256,
		.disk_bytes = 2 * limits->check_output_bytes + 16 * MIB + c->bytes +
			      v->files_bytes,
	};
	return make_argv(v, &spec->argv);
}

int validation_begin(struct validation *v, const struct judge_env *env, struct box_spec *ret,
		     struct diag *diag)
{
	struct box_spec spec = { .cancel_fd = env->cancel_fd };
	int r;

	v->said_fd = io_memfd("validator", "", 0);
	r = v->said_fd < 0 ? v->said_fd : fcntl(v->said_fd, F_SETFL, O_APPEND) < 0 ? -errno : 0;
	if (r == 0 && v->stdin_fd >= 0 && lseek(v->stdin_fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = make_spec(v, &spec);
	if (r < 0) {
		validation_spec_release(&spec);
		return diag_fail(diag, r, "prepare a validator");
	}
	*ret = spec;
	return 0;
}

void validation_spec_release(struct box_spec *spec)
{
	free(spec->files);
	strv_release(&spec->argv);
	spec->files = NULL;
}

int validation_end(struct validation *v)
{
	return v->report.end == BOX_CANCELLED ? -ECANCELED : take_text(v->said_fd, &v->said);
}

void validation_release(struct validation *v)
{
	for (size_t i = 0; i < v->nfiles; i++)
		io_close(v->files[i].fd);
	io_close(v->said_fd);
	box_report_release(&v->report);
	free(v->said);
}
