/*
 * box.c - the client's side: start judgefs-box, ask it, take its report
 */
#include "sandbox/box.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/install.h"
#include "base/io.h"
#include "sandbox/arguments.h"
#include "sandbox/wire.h"

#define START_MS	30000

/* ---------------------------------------------------------------- settings */

/* What the known languages need of a Debian 12. The rest of /etc and of /var, all of /home, /opt,
 * /run, /srv and /sys are not there. */
static const char *const default_binds[] = {
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
	"/etc/alternatives", "/etc/ld.so.*", "/etc/localtime", "/etc/locale.alias",
	"/etc/java*", "/etc/fp*.cfg", "/etc/mono", "/etc/python3*", "/var/lib/ghc",
};

static const struct box_settings default_settings = {
	.cgroup = "judgefs",
	.first_uid = 70000,
	.core = -1,
	.max_cpu_us = INT64_C(3600) * 1000000,
	.max_wall_us = INT64_C(4) * 3600 * 1000000,
	.max_memory_bytes = INT64_C(64) << 30,
	.max_output_bytes = INT64_C(4) << 30,
	.max_processes = 4096,
	.max_files = 1000000,
	.max_disk_bytes = INT64_C(16) << 30,
};

static const char *find_program(void)
{
	static char path[PATH_MAX];
	char *found = NULL;

	if (install_program("judgefs-box", &found, NULL) == 0)
		snprintf(path, sizeof(path), "%s", found);
	free(found);
	return path;
}

int box_settings_default(struct box_settings *ret)
{
	struct box_settings s = default_settings;

	for (size_t i = 0; i < ARRAY_SIZE(default_binds); i++) {
		if (strv_add(&s.binds, default_binds[i]) < 0) {
			box_settings_release(&s);
			return -ENOMEM;
		}
	}
	s.program = find_program();
	*ret = s;
	return 0;
}

void box_settings_release(struct box_settings *s)
{
	strv_release(&s->binds);
}

/* ---------------------------------------------------------------- spawning */

static _Noreturn void exec_box(const struct box_settings *settings, int slot, int sock)
{
	struct arguments a = { .sock = 3, .slot = slot, .settings = *settings };
	struct strv argv = { 0 };
	struct diag diag = { 0 };
	int null, r;

	r = strv_add(&argv, settings->program);
	if (r == 0)
		r = arguments_write(&a, &argv);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (r == 0 && (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
		       (sock == 3 ? fcntl(3, F_SETFD, 0) : dup2(sock, 3)) < 0 ||
		       close_range(4, ~0U, CLOSE_RANGE_CLOEXEC) < 0))
		r = -errno;
	if (r == 0) {
		execv(settings->program, argv.v);
		r = -errno;
	}
	diag_fail(&diag, r, "start '%s'", settings->program);
	wire_send_failure(sock, r, &diag);
	_exit(1);
}

/* Its first frame says whether the cell stands. */
static int wait_hello(int sock, struct diag *diag)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	int n = poll(&p, 1, START_MS);

	if (n <= 0)
		return diag_fail(diag, n < 0 ? -errno : -ETIMEDOUT, "wait for judgefs-box");
	return wire_expect(sock, WIRE_HELLO, diag);
}

int box_spawn(const struct box_settings *settings, int slot, int *ret_sock, pid_t *ret_pid,
	      struct diag *diag)
{
	int pair[2] = { -1, -1 }, r;
	pid_t pid;

	if (geteuid() != 0)
		return diag_fail(diag, -EINVAL, "the sandbox needs root: it makes namespaces and control "
				 "groups. Try again with sudo");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return diag_fail(diag, -errno, "make a socket pair");
	pid = fork();
	if (pid == 0)
		exec_box(settings, slot, pair[1]);
	r = pid < 0 ? diag_fail(diag, -errno, "fork") : 0;
	io_close(pair[1]);
	if (r == 0)
		r = wait_hello(pair[0], diag);
	if (r < 0) {
		io_close(pair[0]);
		if (pid > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		return r;
	}
	*ret_sock = pair[0];
	*ret_pid = pid;
	return 0;
}

/* ----------------------------------------------------------------- running */

struct box {
	int sock;
};

int box_connect(int sock, struct box **ret)
{
	struct box *box = malloc(sizeof(*box));

	if (!box) {
		io_close(sock);
		return -ENOMEM;
	}
	box->sock = sock;
	*ret = box;
	return 0;
}

void box_free(struct box *box)
{
	if (!box)
		return;
	io_close(box->sock);
	free(box);
}

static int check(const struct box_spec *specs, size_t n, struct diag *diag)
{
	if (n < 1 || n > BOX_TOGETHER_MAX)
		return diag_fail(diag, -EINVAL, "%zu runs together: 1 to %d are possible", n,
				 BOX_TOGETHER_MAX);
	for (size_t i = 0; i < n; i++)
		if (specs[i].nfiles > WIRE_MAX_FILES)
			return diag_fail(diag, -EINVAL, "more than %d files for the box",
					 WIRE_MAX_FILES);
	return 0;
}

static int send_specs(struct box *box, const struct box_spec *specs, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = wire_send_spec(box->sock, &specs[i], n - 1 - i);
	if (r < 0)
		wire_send_op(box->sock, WIRE_CANCEL);	/* there will be no more of them */
	return r;
}

/* Until an answer can be read; the runs are cancelled at most once. */
static int wait_answer(struct box *box, const struct box_spec *specs, size_t n)
{
	struct pollfd p[1 + BOX_TOGETHER_MAX] = { { .fd = box->sock, .events = POLLIN } };
	bool cancelled = false;

	for (size_t i = 0; i < n; i++)
		p[1 + i] = (struct pollfd){ .fd = specs[i].cancel_fd, .events = POLLIN };
	for (;;) {
		if (poll(p, cancelled ? 1 : 1 + n, -1) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (p[0].revents)
			return 0;
		cancelled = true;
		if (wire_send_op(box->sock, WIRE_CANCEL) < 0)
			return -EPIPE;
	}
}

static int take_answer(struct box *box, struct box_report *ret, struct diag *diag)
{
	struct msg m = { 0 };
	struct wire w;
	int64_t op;
	int r;

	r = msg_recv(box->sock, &m);
	if (r < 0)
		return diag_fail(diag, r, "judgefs-box is gone");
	w = wire_open(&m);
	op = wire_int(&w);
	if (op == WIRE_FAILED) {
		r = wire_failure(&w, diag);
	} else {
		r = op == WIRE_REPORT ? wire_read_report(box->sock, &w, ret) : -EBADMSG;
		if (r < 0)
			diag_fail(diag, r, "judgefs-box makes no sense");
	}
	msg_release(&m);
	return r;
}

static int take_answers(struct box *box, size_t n, struct box_report *ret, struct diag *diag)
{
	struct box_report reports[BOX_TOGETHER_MAX] = { 0 };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = take_answer(box, &reports[i], diag);
	for (size_t i = 0; i < n; i++) {
		if (r == 0)
			ret[i] = reports[i];
		else
			box_report_release(&reports[i]);
	}
	return r;
}

int box_run(struct box *box, const struct box_spec *spec, struct box_report *ret,
	    struct diag *diag)
{
	int r;

	r = check(spec, 1, diag);
	if (r < 0)
		return r;
	r = send_specs(box, spec, 1);
	if (r == 0)
		r = wait_answer(box, spec, 1);
	if (r < 0)
		return diag_fail(diag, r, "judgefs-box is gone");
	return take_answers(box, 1, ret, diag);
}

/* Others may name the same descriptor. */
static void close_stream(struct box_spec *specs, size_t n, int fd)
{
	for (size_t i = 0; i < n; i++) {
		if (specs[i].stdin_fd == fd)
			specs[i].stdin_fd = -1;
		if (specs[i].stdout_fd == fd)
			specs[i].stdout_fd = -1;
	}
	io_close(fd);
}

static void close_streams(struct box_spec *specs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		close_stream(specs, n, specs[i].stdin_fd);
		close_stream(specs, n, specs[i].stdout_fd);
	}
}

int box_run_together(struct box *box, struct box_spec *specs, size_t n, struct box_report *ret,
		     struct diag *diag)
{
	int r;

	r = check(specs, n, diag);
	if (r < 0) {
		close_streams(specs, n);
		return r;
	}
	r = send_specs(box, specs, n);
	close_streams(specs, n);
	if (r == 0)
		r = wait_answer(box, specs, n);
	if (r < 0)
		return diag_fail(diag, r, "judgefs-box is gone");
	return take_answers(box, n, ret, diag);
}

void box_report_release(struct box_report *r)
{
	wire_files_release(r->files, r->nfiles);
	r->files = NULL;
	r->nfiles = 0;
}

const char *box_end_name(enum box_end end)
{
	static const char *const names[] = {
		[BOX_EXITED] = "exited",		[BOX_SIGNALED] = "signaled",
		[BOX_CPU_LIMIT] = "cpu-limit",		[BOX_WALL_LIMIT] = "wall-limit",
		[BOX_MEMORY_LIMIT] = "memory-limit",	[BOX_OUTPUT_LIMIT] = "output-limit",
		[BOX_LINGERED] = "lingered",
		[BOX_FORBIDDEN] = "forbidden",		[BOX_CANCELLED] = "cancelled",
		[BOX_NOT_STARTED] = "not-started",
	};

	return (size_t)end < ARRAY_SIZE(names) ? names[end] : "?";
}
