/*
 * run.c - one run, and what its end means
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "judge/compile.h"
#include "judge/job.h"
#include "judge/run.h"

#define MIB		(INT64_C(1) << 20)
#define SAID_MAX	2048		/* shown of stderr: its end */
#define STDERR_READ	(64 << 10)	/* of its end, for what the language says in it */
#define STDERR_PAGES	(16 << 10)	/* not charged to the program */

const char *signal_words(int signal)
{
	const char *words = sigdescr_np(signal);

	return words ? words : "unknown signal";
}

/* ------------------------------------------------------------- verdict */

static char *message(const char *fmt, ...) PRINTF(1, 2);
static char *message(const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list args;
	char text[256];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_puts(&b, text);
	return buf_steal(&b);
}

static char *words_cpu(int64_t limit_us)
{
	char limit[32];

	format_duration(limit_us, limit);
	return message("used more than %s of CPU time", limit);
}

static char *words_wall(const struct box_report *report, const struct limits *limits)
{
	char wall[32], cpu[32];

	format_duration(limits->wall_us, wall);
	format_duration(report->cpu_us, cpu);
	return message("did not end within %s, using %s of CPU time", wall, cpu);
}

static char *words_size(const char *what, int64_t limit)
{
	char text[32];

	format_size(limit, text);
	return message("%s more than %s", what, text);
}

enum verdict run_verdict(const struct box_report *report, const struct limits *limits,
			 int64_t written, char **ret_message)
{
	bool ended = report->end == BOX_EXITED || report->end == BOX_SIGNALED;
	bool started = report->end != BOX_NOT_STARTED && report->end != BOX_CANCELLED;

	*ret_message = NULL;
	if (report->end == BOX_FORBIDDEN) {
		*ret_message = message("%s() is not allowed", report->syscall);
		return VERDICT_SV;
	}
	/* What it did in the time that confirming gives on top is of no account. */
	if (report->end == BOX_CPU_LIMIT || (started && report->cpu_us > limits->cpu_us)) {
		*ret_message = words_cpu(limits->cpu_us);
		return VERDICT_TLE;
	}
	/* A program may ignore that its writes fail: the box lets it write one byte too many. */
	if (report->end == BOX_OUTPUT_LIMIT || (ended && written > limits->output_bytes)) {
		*ret_message = words_size("printed", limits->output_bytes);
		return VERDICT_OLE;
	}
	/* Groups round, and kill late. */
	if (report->end == BOX_MEMORY_LIMIT ||
	    (ended && report->memory_bytes > limits->memory_bytes)) {
		*ret_message = words_size("used", limits->memory_bytes);
		return VERDICT_MLE;
	}
	switch (report->end) {
	case BOX_WALL_LIMIT:
	case BOX_LINGERED:
		*ret_message = words_wall(report, limits);
		return report->awake || report->cpu_us * 2 >= limits->cpu_us ? VERDICT_TLE :
									       VERDICT_ILE;
	case BOX_SIGNALED:
		*ret_message = message("killed by signal %d (%s)", report->code,
				       signal_words(report->code));
		return VERDICT_RE;
	case BOX_NOT_STARTED:
		*ret_message = message("could not be started: %s", strerror(report->code));
		return VERDICT_RE;
	case BOX_EXITED:
		if (report->code == 0)
			return VERDICT_AC;
		*ret_message = message("exit code %d", report->code);
		return VERDICT_RE;
	default:
		*ret_message = message("%s", box_end_name(report->end));
		return VERDICT_JE;
	}
}

bool run_is_near(const struct box_report *report, const struct limits *limits,
		 enum verdict verdict)
{
	return limits->confirm > 0 && verdict == VERDICT_TLE && report->end != BOX_CPU_LIMIT;
}

static bool says(const char *err, size_t len, const char *text)
{
	return memmem(err, len, text, strlen(text)) != NULL;
}

static bool says_memory(const struct compiled *c, const char *err, size_t len)
{
	for (size_t i = 0; i < c->out_of_memory.n; i++)
		if (says(err, len, c->out_of_memory.v[i]))
			return true;
	return false;
}

static char *words_memory(const char *what, const struct compiled *c, const struct limits *limits)
{
	char own[32], extra[32];

	format_size(limits->memory_bytes - c->memory_extra_bytes, own);
	format_size(c->memory_extra_bytes, extra);
	if (c->memory_extra_bytes == 0)
		return message("%s more than %s", what, own);
	return message("%s more than %s, and %s that the language adds", what, own, extra);
}

int run_explain(struct run *run, const struct compiled *c, const struct limits *limits,
		const char *err, size_t len)
{
	static const char *const no_processes[] = {	/* of libc, Python, Java */
		"Resource temporarily unavailable", "can't start new thread",
		"unable to create native thread",
	};
	char *words = NULL;

	if (run->verdict == VERDICT_MLE) {
		words = words_memory("used", c, limits);
	} else if (run->verdict == VERDICT_RE && says_memory(c, err, len)) {
		run->verdict = VERDICT_MLE;
		words = words_memory("asked for", c, limits);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no_processes) && run->verdict == VERDICT_RE && !words; i++)
		if (says(err, len, no_processes[i]))
			words = message("%s: " RUN_NO_PROCESSES, run->message);
	if (!words)
		return run->verdict == VERDICT_MLE ? -ENOMEM : 0;
	free(run->message);
	run->message = words;
	return 0;
}

/* What the program maps before its first instruction; 0: not known. */
static uint64_t static_bytes(int exe)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;
	uint64_t sum = 0;

	if (pread(exe, &head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_phentsize != sizeof(part) || head.e_phoff > INT32_MAX)
		return 0;
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		off_t at = head.e_phoff + i * sizeof(part);

		if (pread(exe, &part, sizeof(part), at) != sizeof(part))
			return 0;
		if (part.p_type == PT_LOAD && part.p_memsz < UINT64_MAX - sum)
			sum += part.p_memsz;
	}
	return sum;
}

/* The kernel ends a program whose static data are more than the machine has while it starts it:
 * with SIGSEGV, as if it had run. */
static int explain_static(struct run *run, const struct compiled *c, const struct limits *limits)
{
	struct sysinfo host;
	char size[32];
	uint64_t need;

	if (run->verdict != VERDICT_RE || run->signal != SIGSEGV || c->exe_fd < 0)
		return 0;
	need = static_bytes(c->exe_fd);
	if (sysinfo(&host) < 0 || need <= (uint64_t)host.totalram * host.mem_unit ||
	    need <= (uint64_t)limits->memory_bytes)
		return 0;
	format_size(need < INT64_MAX ? (int64_t)need : INT64_MAX, size);
	free(run->message);
	run->verdict = VERDICT_MLE;
	run->message = message("its static data alone are %s", size);
	return run->message ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------- descriptors */

int run_input(const struct blob_ref *blob, const struct judge_env *env, struct diag *diag)
{
	int from = -1, fd = -1;
	int64_t r;

	from = blobs_get(env->blobs, &blob->digest);
	if (from < 0)
		return diag_fail(diag, from, "read the input");
	fd = io_memfd("input", "", 0);
	r = fd < 0 ? fd : io_copy(fd, from);
	if (r >= 0)
		r = fchmod(fd, 0444) < 0 ? -errno : io_memfd_seal(fd);
	io_close(from);
	if (r < 0) {
		io_close(fd);
		return diag_fail(diag, r, "hold the input");
	}
	return fd;
}

/* Its first pages belong to the judge: what is printed into them costs the program nothing. */
static int output_memfd(const char *name, int64_t bytes)
{
	int fd = io_memfd(name, "", 0);

	if (fd >= 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, bytes) < 0) {
		int r = -errno;

		io_close(fd);
		return r;
	}
	return fd;
}

static int64_t file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -errno : st.st_size;
}

/* The last lines of stderr. */
static int take_said(int fd, int64_t size, char **ret)
{
	int64_t from = size > SAID_MAX ? size - SAID_MAX : 0;
	struct buf b = { 0 };
	const char *nl;
	char text[SAID_MAX];
	ssize_t n;

	n = pread(fd, text, sizeof(text), from);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	nl = from > 0 ? memchr(text, '\n', n) : NULL;
	if (nl && nl + 1 < text + n)
		buf_clean(&b, nl + 1, text + n - (nl + 1));
	else
		buf_clean(&b, text, n);
	*ret = buf_steal(&b);
	return *ret ? 0 : -ENOMEM;
}

static int explain(struct run *run, const struct compiled *c, const struct limits *limits,
		   int fd, int64_t size)
{
	char *text = NULL;
	ssize_t n;
	int r;

	if (run->verdict != VERDICT_RE && run->verdict != VERDICT_MLE)
		return 0;
	text = malloc(STDERR_READ);
	if (!text)
		return -ENOMEM;
	n = pread(fd, text, STDERR_READ, size > STDERR_READ ? size - STDERR_READ : 0);
	r = n < 0 ? -errno : run_explain(run, c, limits, text, n);
	free(text);
	return r < 0 ? r : explain_static(run, c, limits);
}

/* ------------------------------------------------------------- the run */

int run_stderr(void)
{
	return output_memfd("stderr", STDERR_PAGES);
}

static int64_t cpu_until_kill(const struct limits *l)
{
	return l->confirm > 0 ? l->cpu_us + l->cpu_us * l->confirm_percent / 100 : l->cpu_us;
}

int run_spec(const struct compiled *c, const struct limits *limits, const struct judge_env *env,
	     int err, struct box_spec *ret)
{
	*ret = (struct box_spec){
		.profile = "run",
		.exe_fd = c->exe_fd,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = err,
		.env = c->env,		/* borrowed */
		.files = c->files,
		.nfiles = c->nfiles,
		.cancel_fd = env->cancel_fd,
		.limits = {
			.cpu_us = cpu_until_kill(limits),
			.wall_us = limits->wall_us,
			.memory_bytes = limits->memory_bytes,
			.output_bytes = limits->output_bytes,
			.processes = limits->processes,
			.files = limits->files,
			.disk_bytes = limits->output_bytes + 16 * MIB + c->bytes,
		},
	};
	return compiled_argv(c, limits->memory_bytes, &ret->argv);
}

int run_take(const struct compiled *c, const struct box_spec *spec,
	     const struct box_report *report, const struct limits *limits, int64_t printed,
	     struct run *ret, struct diag *diag)
{
	int64_t err_bytes = file_size(spec->stderr_fd);
	struct run *run = ret;
	int r;

	if (report->end == BOX_CANCELLED)
		return -ECANCELED;
	if (report->end == BOX_NOT_STARTED && c->exe_fd < 0)
		return diag_fail(diag, report->code ? -report->code : -EIO, "start '%s'",
				 spec->argv.v[0]);
	if (printed < 0 || err_bytes < 0)
		return diag_fail(diag, -EIO, "look at the output");
	run->out_bytes = printed;
	run->cpu_us = report->cpu_us;
	run->wall_us = report->wall_us;
	run->memory_bytes = report->memory_bytes;
	run->exit_code = report->end == BOX_EXITED ? report->code : -1;
	run->signal = report->end == BOX_SIGNALED ? report->code :
		      report->end == BOX_FORBIDDEN ? SIGSYS : 0;
	run->verdict = run_verdict(report, limits, printed > err_bytes ? printed : err_bytes,
				   &run->message);
	run->near = run_is_near(report, limits, run->verdict);
	r = explain(run, c, limits, spec->stderr_fd, err_bytes);
	return r < 0 ? r : take_said(spec->stderr_fd, err_bytes, &run->said);
}

int run_program(const struct compiled *c, const struct limits *limits,
		const struct judge_env *env, int in_fd, int64_t expected_bytes, struct run *ret,
		struct diag *diag)
{
	struct box_spec spec = { 0 };
	struct run run = { .out_fd = -1 };
	struct box_report report = { 0 };
	int64_t ours = 2 * expected_bytes + (64 << 10);
	int err = -1, r;

	run.out_fd = output_memfd("stdout",
				  ours < limits->output_bytes ? ours : limits->output_bytes);
	err = run_stderr();
	r = run.out_fd < 0 ? run.out_fd : err < 0 ? err : 0;
	if (r == 0 && lseek(in_fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = run_spec(c, limits, env, err, &spec);
	if (r < 0) {
		r = diag_fail(diag, r, "prepare a run");
		goto out;
	}
	spec.stdin_fd = in_fd;
	spec.stdout_fd = run.out_fd;
	r = box_run(env->box, &spec, &report, diag);
	/* What came out, before anybody else reads it. */
	if (r == 0)
		r = run_take(c, &spec, &report, limits, file_size(run.out_fd), &run, diag);
	if (r < 0)
		goto out;
	*ret = run;
	run = (struct run){ .out_fd = -1 };
out:
	box_report_release(&report);
	strv_release(&spec.argv);
	io_close(err);
	run_release(&run);
	return r;
}

void run_release(struct run *r)
{
	io_close(r->out_fd);
	free(r->message);
	free(r->said);
	*r = (struct run){ .out_fd = -1 };
}
