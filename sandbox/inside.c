#include "sandbox/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

static int step_streams(const struct inside *in)
{
	const int from[] = { in->in, in->out, in->err };
	int null = -1;

	for (int i = 0; i < 3; i++) {
		int fd = from[i];

		/* Opened for each run: locks and flags of the last one's would still be there. */
		if (fd < 0 && null < 0)
			null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			fd = null;
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

static int set_limit(int resource, rlim_t value)
{
	struct rlimit limit = { value, value };

	if (setrlimit(resource, &limit) == 0)
		return 0;
	/* Without CAP_SYS_RESOURCE what was inherited can not be raised. */
	if (errno != EPERM || getrlimit(resource, &limit) < 0)
		return -errno;
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
		/* It goes by samples, of which who shares a core can get more than its part: a
		 * backstop only, far from the limit. */
		{ RLIMIT_CPU,		in->cpu_us / SECOND_US * 3 + 10 },
	};

	return set_limits(limits, ARRAY_SIZE(limits));
}

/* Those of each run are set without the right to raise one. */
static int allow_limits(void)
{
	static const int resources[] = { RLIMIT_FSIZE, RLIMIT_STACK, RLIMIT_NPROC, RLIMIT_CPU };

	for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
		struct rlimit limit;

		if (getrlimit(resources[i], &limit) < 0)
			return -errno;
		limit.rlim_max = RLIM_INFINITY;
		if (setrlimit(resources[i], &limit) < 0 && errno != EPERM)
			return -errno;
	}
	return 0;
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

	int r = set_limits(limits, ARRAY_SIZE(limits));

	return r < 0 ? r : allow_limits();
}

/* The calls themselves: libc's are for all threads. With an uid of root's left a thread of init
 * is not the program's equal, to whom it could do all that needs no more than that. */
static int become(uid_t uid, uid_t saved)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, uid, uid, uid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, saved) < 0)
		return -errno;
	/* A change of rights has undone it, for all of init's memory. */
	return failed(prctl(PR_SET_DUMPABLE, 0));
}

static int step_user(const struct inside *in)
{
	return become(in->uid, in->inherits ? 0 : in->uid);
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
			   in->profile->filter);
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

/* In this order: each may need what a later one takes away, but for those that are inherited
 * where they can be. */
static const struct {
	const char *name;
	int (*run)(const struct inside *in);
	bool lasts;
} steps[] = {
	{ "session",			step_session,		false },
	{ "standard streams",		step_streams,		false },
	{ "close descriptors",		step_descriptors,	false },
	{ "resource limits",		step_limits,		false },
	{ "user and groups",		step_user,		true },
	{ "capabilities",		step_capabilities,	true },
	{ "no new privileges",		step_privileges,	true },
	{ "system call filter",		step_filter,		true },
	{ INSIDE_EXEC,			step_exec,		false },
};

int inside_lasting(const struct inside *in, const char **ret_step)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps) && r == 0; i++) {
		if (!steps[i].lasts)
			continue;
		*ret_step = steps[i].name;
		r = steps[i].run(in);
	}
	return r;
}

void inside_enter(const struct inside *in)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r;

		if (steps[i].lasts && in->inherits)
			continue;
		in->state->step = steps[i].name;
		r = steps[i].run(in);
		if (r < 0) {
			in->state->error = -r;
			break;
		}
	}
	_exit(127);
}
