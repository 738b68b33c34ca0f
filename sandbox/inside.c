#include "sandbox/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/msg.h"
#include "sandbox/box.h"
#include "sandbox/caps.h"

#define SECOND_US	1000000
#define OPEN_FILES	4096
#define PROCESSES_SPARE	16	/* the group's limits are the exact ones */
#define STACK_SPARE	(16 << 20)

static int failed(int r)
{
	return r < 0 ? -errno : 0;
}

static int step_session(const struct inside *in)
{
	(void)in;
	return failed(setsid());
}

/* When the group is out of memory the run is to die, not init. The program can not undo it:
 * its own /proc is read-only. */
static int step_oom(const struct inside *in)
{
	int fd = openat(in->proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = failed(write(fd, "1000", 4));
	close(fd);
	return r;
}

static int step_streams(const struct inside *in)
{
	const int from[] = { in->in, in->out, in->err };

	for (int i = 0; i < 3; i++) {
		int fd = from[i] >= 0 ? from[i] : open("/dev/null", O_RDWR | O_CLOEXEC);

		if (fd < 0 || dup2(fd, i) < 0)
			return -errno;
	}
	return 0;
}

/* What is still needed closes itself when the program begins. */
static int step_descriptors(const struct inside *in)
{
	(void)in;
	return failed(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
}

static int step_directory(const struct inside *in)
{
	(void)in;
	umask(022);
	return failed(chdir(BOX_DIR));
}

static int set_limit(int resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return -errno;
	/* Without CAP_SYS_RESOURCE what was inherited can not be raised. */
	if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	return failed(setrlimit(resource, &limit));
}

struct limit {
	int resource;
	rlim_t value;
};

static int set_limits(const struct limit *limits, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = set_limit(limits[i].resource, limits[i].value);
	return r;
}

static int step_limits(const struct inside *in)
{
	const struct limit limits[] = {
		/* One byte more: who stays at the limit is told from who goes over it. */
		{ RLIMIT_FSIZE,		in->output_bytes + 1 },
		/* A stack that grows too far is out of memory, not a wrong address. */
		{ RLIMIT_STACK,		in->memory_bytes + STACK_SPARE },
		{ RLIMIT_NPROC,		in->processes + PROCESSES_SPARE },
		/* It goes by samples and may be early: a backstop only. */
		{ RLIMIT_CPU,		(in->cpu_us + SECOND_US - 1) / SECOND_US + 1 },
	};

	return set_limits(limits, ARRAY_SIZE(limits));
}

int inside_prepare(void)
{
	static const struct limit limits[] = {
		/* 0 would not keep a core_pattern that is a program from being run. */
		{ RLIMIT_CORE,		1 },
		{ RLIMIT_NOFILE,	OPEN_FILES },
		{ RLIMIT_MEMLOCK,	1 << 20 },
		{ RLIMIT_MSGQUEUE,	0 },
		{ RLIMIT_RTPRIO,	0 },
		{ RLIMIT_NICE,		0 },
	};

	return set_limits(limits, ARRAY_SIZE(limits));
}

/* The calls themselves: libc's would look for other threads in init's memory. */
static int step_user(const struct inside *in)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 ||
	    syscall(SYS_setresgid, in->uid, in->uid, in->uid) < 0 ||
	    syscall(SYS_setresuid, in->uid, in->uid, in->uid) < 0)
		return -errno;
	return 0;
}

static int step_capabilities(const struct inside *in)
{
	(void)in;
	return caps_drop();
}

static int step_privileges(const struct inside *in)
{
	(void)in;
	return failed(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static int step_filter(const struct inside *in)
{
	int listener, r;

	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			   &in->profile->filter);
	if (listener < 0)
		return -errno;
	r = msg_send(in->channel, NULL, 0, &listener, 1);
	close(listener);
	return r;
}

static int step_exec(const struct inside *in)
{
	int r = -ENOENT;

	if (in->exe >= 0)
		return failed(execveat(in->exe, "", in->argv, in->env, AT_EMPTY_PATH));
	for (char **path = in->paths; *path; path++) {
		execve(*path, in->argv, in->env);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return -errno;
		if (errno == EACCES)
			r = -EACCES;
	}
	return r;
}

/* In this order: each may need what a later one takes away. */
static const struct {
	const char *name;
	int (*run)(const struct inside *in);
} steps[] = {
	{ "session",			step_session },
	{ "oom score",			step_oom },
	{ "standard streams",		step_streams },
	{ "close descriptors",		step_descriptors },
	{ "working directory",		step_directory },
	{ "resource limits",		step_limits },
	{ "user and groups",		step_user },
	{ "capabilities",		step_capabilities },
	{ "no new privileges",		step_privileges },
	{ "system call filter",		step_filter },
	{ INSIDE_EXEC,			step_exec },
};

void inside_enter(const struct inside *in)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r;

		in->state->step = steps[i].name;
		r = steps[i].run(in);
		if (r < 0) {
			in->state->error = -r;
			break;
		}
	}
	_exit(127);
}
