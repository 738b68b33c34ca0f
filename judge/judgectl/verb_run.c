/*
 * verb_run.c - the bare sandbox
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "base/units.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"
#include "sandbox/box.h"

struct run {
	struct box_spec spec;
	const char *stdin_path, *stdout_path, *stderr_path, *meta_path;
	struct box_file program;	/* CMD, when it must be brought along */
};

static const struct box_limits default_limits = {
	.cpu_us = 10000000,		.wall_us = 0,		/* 3 x CPU + 1 s */
	.memory_bytes = INT64_C(1) << 30, .output_bytes = INT64_C(64) << 20,
	.processes = 256,		.files = 10000,
	.disk_bytes = INT64_C(256) << 20,
};

enum { OPT_PATH = 1, OPT_DURATION, OPT_SIZE, OPT_COUNT };

static const struct {
	const char *name;
	int kind;
	size_t offset;
} options[] = {
	{ "cpu-time",	OPT_DURATION,	offsetof(struct run, spec.limits.cpu_us) },
	{ "wall-time",	OPT_DURATION,	offsetof(struct run, spec.limits.wall_us) },
	{ "memory",	OPT_SIZE,	offsetof(struct run, spec.limits.memory_bytes) },
	{ "processes",	OPT_COUNT,	offsetof(struct run, spec.limits.processes) },
	{ "output",	OPT_SIZE,	offsetof(struct run, spec.limits.output_bytes) },
	{ "files",	OPT_COUNT,	offsetof(struct run, spec.limits.files) },
	{ "disk",	OPT_SIZE,	offsetof(struct run, spec.limits.disk_bytes) },
	{ "stdin",	OPT_PATH,	offsetof(struct run, stdin_path) },
	{ "stdout",	OPT_PATH,	offsetof(struct run, stdout_path) },
	{ "stderr",	OPT_PATH,	offsetof(struct run, stderr_path) },
	{ "profile",	OPT_PATH,	offsetof(struct run, spec.profile) },
	{ "meta",	OPT_PATH,	offsetof(struct run, meta_path) },
};

static int set_option(struct run *run, size_t i, const char *text)
{
	void *field = (char *)run + options[i].offset;

	switch (options[i].kind) {
	case OPT_DURATION:
		return parse_duration_us(text, field);
	case OPT_SIZE:
		return parse_size(text, field);
	case OPT_COUNT:
		return parse_count(text, field);
	default:
		*(const char **)field = text;
		return 0;
	}
}

/* Return: index of the command in argv, or -1 after a message. */
static int read_options(struct run *run, int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(options) + 1] = { 0 };
	int i, r;

	/* Options of one value would be the same one to getopt_long(), so --std none that is unclear. */
	for (size_t k = 0; k < ARRAY_SIZE(options); k++)
		longs[k] = (struct option){ options[k].name, required_argument, NULL, 256 + k };
	opterr = 0;
	optind = 1;
	while ((r = getopt_long(argc, argv, "+:", longs, &i)) != -1) {
		if (r == '?' || r == ':') {
			ctl_bad_option(argv, r);
			return -1;
		}
		r = set_option(run, i, optarg);
		if (r < 0) {
			ctl_usage("run", options[i].kind == OPT_DURATION ? CTL_NO_TIME :
				  options[i].kind == OPT_SIZE ? CTL_NO_SIZE : CTL_NO_COUNT,
				  options[i].name, optarg);
			return -1;
		}
	}
	if (optind == argc) {
		ctl_usage("run", "no command");
		return -1;
	}
	return optind;
}

static bool seen_inside(const char *path, const struct strv *binds)
{
	for (size_t i = 0; i < binds->n; i++) {
		size_t len = strlen(binds->v[i]);

		if (strncmp(path, binds->v[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
			return true;
	}
	return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
}

static bool is_elf(int fd)
{
	char head[4];

	return pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       memcmp(head, "\177ELF", sizeof(head)) == 0;
}

/* A program by its path that is not there inside is executed by its descriptor, which costs no
 * copy; a script, which its interpreter opens by name, is placed in the box. */
static int bring_program(struct run *run, const char *path, const struct strv *binds,
			 struct diag *diag)
{
	struct box_file *f = &run->program;
	char whole[PATH_MAX], name[NAME_MAX + 3];
	struct stat st;

	if (!strchr(path, '/'))
		return strv_add(&run->spec.argv, path);
	if (!realpath(path, whole))
		return diag_fail(diag, -errno, "open '%s'", path);
	if (seen_inside(whole, binds))
		return strv_add(&run->spec.argv, whole);
	f->fd = open(whole, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return diag_fail(diag, -errno, "open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return diag_fail(diag, -EINVAL, "'%s' is no program", path);
	snprintf(name, sizeof(name), "./%s", strrchr(whole, '/') + 1);
	if (is_elf(f->fd)) {
		run->spec.exe_fd = f->fd;
		return strv_add(&run->spec.argv, name);
	}
	f->name = strdup(name + 2);
	if (!f->name)
		return -ENOMEM;
	f->mode = 0444 | (st.st_mode & 0111 ? 0111 : 0);
	run->spec.files = f;
	run->spec.nfiles = 1;
	return strv_add(&run->spec.argv, name);
}

static int open_stream(const char *path, int flags, int inherited, int *ret, struct diag *diag)
{
	*ret = path ? open(path, flags | O_CLOEXEC | O_NOCTTY, 0644) : dup(inherited);
	if (*ret >= 0)
		return 0;
	/* A descriptor that we were not given: the program shall have /dev/null. */
	return path ? diag_fail(diag, -errno, "open '%s'", path) : 0;
}

static int open_streams(struct run *run, struct diag *diag)
{
	struct box_spec *s = &run->spec;
	int r;

	r = open_stream(run->stdin_path, O_RDONLY, 0, &s->stdin_fd, diag);
	if (r == 0)
		r = open_stream(run->stdout_path, O_WRONLY | O_CREAT | O_TRUNC, 1, &s->stdout_fd, diag);
	if (r == 0)
		r = open_stream(run->stderr_path, O_WRONLY | O_CREAT | O_TRUNC, 2, &s->stderr_fd, diag);
	return r;
}

static int run_boxed(const struct box_settings *settings, const struct box_spec *spec,
		     struct box_report *ret, struct diag *diag)
{
	struct box *box = NULL;
	int sock = -1, r;
	pid_t pid = -1;

	r = ctl_box_spawn(settings, &sock, &pid, diag);
	if (r < 0)
		return r;
	r = box_connect(sock, &box);
	if (r == 0)
		r = box_run(box, spec, ret, diag);
	box_free(box);
	waitpid(pid, NULL, 0);		/* the cell and its group are gone then */
	return r;
}

static int write_meta(const char *path, const struct box_report *r, struct diag *diag)
{
	struct buf b = { 0 };
	int fd, e;

	buf_puts(&b, "{\"end\":");
	buf_json(&b, box_end_name(r->end));
	if (r->end == BOX_EXITED)
		buf_printf(&b, ",\"exit_code\":%d", r->code);
	if (r->end == BOX_SIGNALED)
		buf_printf(&b, ",\"signal\":%d", r->code);
	if (r->end == BOX_NOT_STARTED) {
		buf_puts(&b, ",\"error\":");
		buf_json(&b, strerror(r->code));
	}
	if (r->end == BOX_FORBIDDEN) {
		buf_puts(&b, ",\"syscall\":");
		buf_json(&b, r->syscall);
	}
	buf_printf(&b, ",\"cpu_us\":%lld,\"wall_us\":%lld,\"memory_bytes\":%lld}\n",
		   (long long)r->cpu_us, (long long)r->wall_us, (long long)r->memory_bytes);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	e = fd < 0 ? -errno : b.failed ? -ENOMEM : io_write(fd, b.data, b.len);
	io_close(fd);
	buf_release(&b);
	return e < 0 ? diag_fail(diag, e, "write '%s'", path) : 0;
}

int verb_run(int argc, char **argv)
{
	struct run run = {
		.spec = { .profile = "run", .exe_fd = -1, .stdin_fd = -1, .stdout_fd = -1,
			  .stderr_fd = -1, .cancel_fd = -1, .limits = default_limits },
		.program = { .fd = -1 },
	};
	struct box_settings settings = { 0 };
	struct box_report report = { 0 };
	struct diag diag = { 0 };
	int command, r;

	command = read_options(&run, argc, argv);
	if (command < 0)
		return CTL_FAILED;
	if (run.spec.limits.wall_us == 0)
		run.spec.limits.wall_us = 3 * run.spec.limits.cpu_us + 1000000;
	r = box_settings_default(&settings);
	settings.cgroup = "judgectl";
	if (r == 0)
		r = bring_program(&run, argv[command], &settings.binds, &diag);
	for (int i = command + 1; i < argc && r == 0; i++)
		r = strv_add(&run.spec.argv, argv[i]);
	if (r == 0)
		r = open_streams(&run, &diag);
	if (r == 0)
		r = run_boxed(&settings, &run.spec, &report, &diag);
	if (r == 0 && run.meta_path)
		r = write_meta(run.meta_path, &report, &diag);
	if (r == 0 && report.end == BOX_NOT_STARTED)
		r = diag_fail(&diag, -report.code, "start '%s' in the box", argv[command]);
	if (r < 0)
		log_error("run: %s", *diag.text ? diag.text : strerror(-r));
	io_close(run.spec.stdin_fd);
	io_close(run.spec.stdout_fd);
	io_close(run.spec.stderr_fd);
	io_close(run.program.fd);
	free(run.program.name);
	strv_release(&run.spec.argv);
	box_report_release(&report);
	box_settings_release(&settings);
	return r < 0 ? CTL_FAILED : CTL_YES;
}
