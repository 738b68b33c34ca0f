/*
 * box - what a run in a warm box costs beside a bare spawn of the same program
 *
 *	box ROUNDS PROGRAM		PROGRAM: static, ends at once
 *
 * Bare and boxed by turns; prints {"bare_us":M,"box_us":M,"ratio":M} (medians, the
 * ratio that of the rounds' ratios).
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/install.h"
#include "base/io.h"
#include "sandbox/box.h"

#define WARM_UP	20
#define MAX	100000

extern char **environ;

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

static double bare(const char *program)
{
	char *argv[] = { (char *)program, NULL };
	int64_t start = clock_mono_us();
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, NULL, 0) < 0) {
		perror(program);
		exit(1);
	}
	return clock_mono_us() - start;
}

static double boxed(struct box *box, int exe)
{
	char *argv[] = { "main", NULL };
	struct box_spec spec = {
		.profile = "run", .argv = { argv, 1 }, .exe_fd = exe, .stdin_fd = -1,
		.stdout_fd = -1, .stderr_fd = -1, .cancel_fd = -1,
		.limits = { .cpu_us = 1000000, .wall_us = 4000000, .memory_bytes = 256 << 20,
			    .output_bytes = 8 << 20, .processes = 1, .files = 16,
			    .disk_bytes = 16 << 20 },
	};
	struct box_report report = { 0 };
	struct diag diag = { "" };
	int64_t start = clock_mono_us();

	if (box_run(box, &spec, &report, &diag) < 0 || report.end != BOX_EXITED) {
		fprintf(stderr, "box: %s\n", diag.text[0] ? diag.text : box_end_name(report.end));
		exit(1);
	}
	start = clock_mono_us() - start;
	box_report_release(&report);
	return start;
}

static struct box *start_box(pid_t *ret_pid, struct box_settings *settings, char **ret_program)
{
	static char cgroup[64];
	struct diag diag = { "" };
	struct box *box = NULL;
	int sock = -1;

	snprintf(cgroup, sizeof(cgroup), "judgefs-bench-%d", (int)getpid());
	if (box_settings_default(settings) < 0 ||
	    install_program("judgefs-box", ret_program, &diag) < 0)
		goto failed;
	settings->program = *ret_program;
	settings->cgroup = cgroup;
	/* As a worker of a judge that pins: this process, the box and its runs on one core. */
	settings->core = sched_getcpu();
	if (box_spawn(settings, 191, &sock, ret_pid, &diag) == 0 && box_connect(sock, &box) == 0)
		return box;
failed:
	fprintf(stderr, "box: %s\n", diag.text);
	exit(1);
}

static void pin(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* The program as the judge has it: in a memfd that nobody can change. */
static int load(const char *program)
{
	int from = open(program, O_RDONLY | O_CLOEXEC), fd = io_memfd("exe", "", 0);

	if (from < 0 || fd < 0 || io_copy(fd, from) < 0 || io_memfd_seal(fd) < 0) {
		perror(program);
		exit(1);
	}
	io_close(from);
	return fd;
}

int main(int argc, char **argv)
{
	struct box_settings settings = { 0 };
	struct diag diag = { "" };
	char *program = NULL;
	static double a[MAX], b[MAX], ratio[MAX];
	struct box *box;
	pid_t pid;
	int exe, n = argc == 3 ? atoi(argv[1]) : 0;

	if (n < 1 || n > MAX) {
		fputs("usage: box ROUNDS PROGRAM\n", stderr);
		return 2;
	}
	exe = load(argv[2]);
	box = start_box(&pid, &settings, &program);
	pin(settings.core);
	for (int i = -WARM_UP; i < n; i++) {
		double x = bare(argv[2]), y = boxed(box, exe);

		if (i < 0)
			continue;
		a[i] = x;
		b[i] = y;
		ratio[i] = y / x;
	}
	printf("{\"bare_us\":%.0f,\"box_us\":%.0f,\"ratio\":%.2f}\n", median(a, n), median(b, n),
	       median(ratio, n));
	box_free(box);
	waitpid(pid, NULL, 0);
	box_sweep(settings.cgroup, &diag);
	box_settings_release(&settings);
	free(program);
	return 0;
}
