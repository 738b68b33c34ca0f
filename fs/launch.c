#include "fs/launch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/install.h"
#include "base/io.h"
#include "base/log.h"

/* ------------------------------------------------------------- arguments */

void launch_text(struct launch *l, const char *option, const char *text)
{
	assert(l->nwords + 2 <= LAUNCH_WORDS);
	l->words[l->nwords++] = option;
	l->words[l->nwords++] = text;
}

void launch_number(struct launch *l, const char *option, int number)
{
	char *text = l->room[l->nwords];

	snprintf(text, sizeof(l->room[0]), "%d", number);
	launch_text(l, option, text);
}

void launch_fd(struct launch *l, const char *option, int fd)
{
	launch_number(l, option, fd);
	l->fds[l->nfds++] = fd;
}

/* ------------------------------------------------------------- in the child */

static int become(const struct account *who)
{
	if (who) {
		for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
			if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
				return -errno;
		if (setgroups(0, NULL) < 0 || setresgid(who->gid, who->gid, who->gid) < 0 ||
		    setresuid(who->uid, who->uid, who->uid) < 0)
			return -errno;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static int keep_open(const int *fds, size_t n)
{
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	for (size_t i = 0; i < n; i++)
		if (fcntl(fds[i], F_SETFD, 0) < 0)
			return -errno;
	return 0;
}

static void child_die(const char *step, int r)
{
	log_error("%s: %s", step, strerror(-r));
	_exit(127);
}

static int standard_descriptors(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return null < 0 || dup2(null, 0) < 0 || dup2(2, 1) < 0 ? -errno : 0;
}

static void run_on(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Never returns. @program: a descriptor. */
static void child_exec(const struct launch *l, pid_t parent, int program)
{
	char *argv[LAUNCH_WORDS + 2] = { (char *)l->program };
	struct rlimit none = { 0, 0 };
	sigset_t empty;
	int r;

	memcpy(argv + 1, l->words, l->nwords * sizeof(argv[0]));
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	setsid();				/* Ctrl-C is for judgefs alone */
	setrlimit(RLIMIT_CORE, &none);		/* a core would hold a student's data */
	if (l->core >= 0)
		run_on(l->core);
	r = standard_descriptors();
	if (r < 0)
		child_die("standard input and output", r);
	r = keep_open(l->fds, l->nfds);
	if (r < 0)
		child_die("descriptors", r);
	r = become(l->as);
	if (r < 0)
		child_die("become an ordinary user", r);
	/* After the change of the uid, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		child_die("die with judgefs", -errno);
	if (getppid() != parent)
		_exit(0);
	/* By descriptor: a build may be in a folder that only root can enter. */
	execveat(program, "", argv, environ, AT_EMPTY_PATH);
	child_die("execute", -errno);
}

int launch(const struct launch *l, pid_t *ret, struct diag *diag)
{
	pid_t pid, parent = getpid();
	char *path = NULL;
	int program = -1, r;

	/* Looked up each time: a newer program may have been installed. */
	r = install_program(l->program, &path, diag);
	if (r < 0)
		return r;
	program = open(path, O_PATH | O_CLOEXEC);
	if (program < 0) {
		r = diag_fail(diag, -errno, "open %s", path);
		goto out;
	}
	pid = fork();
	if (pid < 0) {
		r = diag_fail(diag, -errno, "fork");
		goto out;
	}
	if (pid == 0)
		child_exec(l, parent, program);
	*ret = pid;
out:
	io_close(program);
	free(path);
	return r;
}
