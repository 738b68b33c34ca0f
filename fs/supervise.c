#include "fs/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/install.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "fs/launch.h"
#include "fs/mountpoint.h"
#include "judge/link.h"
#include "judge/prepare.h"

#define MS			INT64_C(1000)
#define SECOND			INT64_C(1000000)
#define START_US		(60 * SECOND)	/* until the mount must answer */
#define END_US			(5 * SECOND)	/* for a program to end before SIGKILL */
#define UMOUNT_US		(3 * SECOND)	/* for users to leave before it is detached */
#define STEADY_US		(3 * SECOND)	/* who lived so long has not died "in a row" */
#define PAUSE_MIN_US		(50 * MS)	/* between two starts, doubled each time */
#define PAUSE_MAX_US		(2 * SECOND)
#define DEATHS_MAX		20		/* in a row, of a program that all depends on */
#define PREPARE_DEATHS_MAX	3		/* of one whose work can be left undone */
#define PREPARE_SLOT		SETTINGS_MAX_WORKERS
#define NEVER			INT64_MAX

enum runs_as { AS_USER, AS_WORKER, AS_ROOT };

enum gets { GETS_LISTEN = 1, GETS_FUSE = 2, GETS_MOUNT = 4, GETS_BOX = 8 };

/* In the order of starting. */
enum kind { SCHED, SERVE, PUBLISH, PREPARE, PAIR, KINDS };

static const struct part {
	const char *name;
	enum runs_as as;
	unsigned int gets;
	bool vital;			/* give up when it keeps dying */
} programs[KINDS] = {
	[SCHED] =   { "judgefs-sched",	 AS_USER,   GETS_LISTEN, true },
	[SERVE] =   { "judgefs-serve",	 AS_USER,   GETS_FUSE,	 true },
	[PUBLISH] = { "judgefs-publish", AS_ROOT,   GETS_MOUNT,	 true },
	[PREPARE] = { "judgefs-prepare", AS_WORKER, GETS_BOX,	 false },
	[PAIR] =    { "judgefs-worker",	 AS_WORKER, GETS_BOX,	 false },
};

/* What is started and ends together: one program, or a worker with its box. */
struct unit {
	enum kind kind;
	int slot;			/* of the box */
	bool wanted;			/* to be started again */
	bool asked;			/* we have told it to end */
	pid_t pid, box;			/* 0: not running */
	int64_t started_us;
	int64_t next_us;		/* when it is down: to be started then */
	int64_t kill_us;		/* when the rest of it is killed; NEVER */
	int64_t pause_us;
	int deaths;			/* in a row */
};

struct sup {
	struct judge *j;
	int signals, mounts;		/* what wakes us; mounts: /proc/self/mountinfo */
	int fuse, handles, listen;
	char *box_program;
	bool mounted, starting, stopping;
	bool got_hup;
	struct unit *gave_up;		/* why we end */
	struct unit units[KINDS - 1 + SETTINGS_MAX_WORKERS];
	size_t nunits;
	pid_t helper;			/* a child of ours that may block; 0: none */
	int helper_status;
};

static const char *unit_name(const struct unit *u, char ret[48])
{
	if (u->kind == PAIR)
		snprintf(ret, 48, "%s %d", programs[PAIR].name, u->slot);
	else
		snprintf(ret, 48, "%s", programs[u->kind].name);
	return ret;
}

static bool unit_down(const struct unit *u)
{
	return u->pid == 0 && u->box == 0;
}

/* ------------------------------------------------------------- starting */

/* The core of a slot: the cores that this process may use, in turn. */
static int slot_core(const struct settings *s, int slot)
{
	cpu_set_t set;
	int n;

	if (!s->pin || sched_getaffinity(0, sizeof(set), &set) < 0)
		return -1;
	n = slot % CPU_COUNT(&set);
	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, &set) && n-- == 0)
			return core;
	return -1;
}

static int unit_fork(struct sup *s, struct unit *u, int box, struct diag *diag)
{
	const struct account *const as[] = { [AS_USER] = &s->j->user, [AS_WORKER] = &s->j->worker,
					     [AS_ROOT] = NULL };
	const struct part *p = &programs[u->kind];
	struct launch l = { .program = p->name, .as = as[p->as],
			    .core = u->kind == PAIR ? slot_core(&s->j->settings, u->slot) : -1 };

	launch_fd(&l, "--state", s->j->statefd);
	if (p->gets & GETS_LISTEN)
		launch_fd(&l, "--listen", s->listen);
	if (p->gets & GETS_FUSE) {
		launch_fd(&l, "--fuse", s->fuse);
		launch_fd(&l, "--handles", s->handles);
	}
	if (p->gets & GETS_MOUNT) {
		launch_text(&l, "--mount", s->j->mount);
		launch_text(&l, "--user", s->j->settings.user);
	}
	if (p->gets & GETS_BOX) {
		launch_fd(&l, "--box", box);
		launch_number(&l, "--slot", u->slot);
	}
	return launch(&l, &u->pid, diag);
}

/* Without CAP_SYS_NICE who became less urgent stays so, and with us all that we start. */
static bool may_rise(int urgency)
{
	return setpriority(PRIO_PROCESS, 0, urgency - 1) == 0 &&
	       setpriority(PRIO_PROCESS, 0, urgency) == 0;
}

/* Preparing takes what nobody else wants. A session of its own may be a scheduling group. */
static int box_start(struct sup *s, struct unit *u, int *ret, struct diag *diag)
{
	struct box_settings box = s->j->settings.box;
	int urgency = getpriority(PRIO_PROCESS, 0), fd, r;
	bool yields = u->kind == PREPARE && may_rise(urgency);
	char path[64];

	box.program = s->box_program;
	box.core = u->kind == PAIR ? slot_core(&s->j->settings, u->slot) : -1;
	if (yields)
		setpriority(PRIO_PROCESS, 0, PREPARE_NICE);
	r = box_spawn(&box, u->slot, ret, &u->box, diag);
	if (!yields)
		return r;
	setpriority(PRIO_PROCESS, 0, urgency);
	snprintf(path, sizeof(path), "/proc/%d/autogroup", u->box);
	fd = r == 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	if (fd >= 0)
		dprintf(fd, "%d", PREPARE_NICE);
	io_close(fd);
	return r;
}

static int unit_start(struct sup *s, struct unit *u, struct diag *diag)
{
	int sock = -1, r = 0;

	u->started_us = clock_mono_us();
	u->kill_us = NEVER;
	u->asked = false;
	if (programs[u->kind].gets & GETS_BOX)
		r = box_start(s, u, &sock, diag);
	if (r == 0)
		r = unit_fork(s, u, sock, diag);
	io_close(sock);		/* the worker's alone: the box ends when the worker does */
	return r;
}

/* ------------------------------------------------------------- dying */

static void how_it_ended(int status, char ret[64])
{
	if (WIFSIGNALED(status))
		snprintf(ret, 64, "was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(ret, 64, "ended with status %d", WEXITSTATUS(status));
}

/* All of it is gone: when does it come back? */
static void unit_ended(struct sup *s, struct unit *u)
{
	int64_t now = clock_mono_us();

	u->kill_us = NEVER;
	if (!u->wanted || s->stopping) {
		u->next_us = NEVER;
		return;
	}
	if (now - u->started_us >= STEADY_US) {
		u->deaths = 0;
		u->pause_us = 0;
	}
	if (!u->asked)
		u->deaths++;
	if (u->kind == PREPARE && u->deaths > PREPARE_DEATHS_MAX)
		u->wanted = false;
	u->next_us = now + u->pause_us;
	u->pause_us = u->pause_us ? u->pause_us * 2 : PAUSE_MIN_US;
	if (u->pause_us > PAUSE_MAX_US)
		u->pause_us = PAUSE_MAX_US;
	if (s->starting || (programs[u->kind].vital && u->deaths > DEATHS_MAX))
		s->gave_up = s->gave_up ? s->gave_up : u;
}

static void unit_lost(struct sup *s, struct unit *u, pid_t pid, int status)
{
	bool is_box = pid == u->box;
	char name[48], how[64];

	how_it_ended(status, how);
	unit_name(u, name);
	/* So a box ends after its worker, and a worker in order to be started anew. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		u->asked = true;
	if (!s->stopping && !u->asked)
		log_warn("%s%s %s", is_box ? "judgefs-box of " : "", name, how);
	if (u->kind == PREPARE && !is_box && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		u->wanted = false;	/* it has done its work */
	if (is_box)
		u->box = 0;
	else
		u->pid = 0;
	if (unit_down(u)) {
		unit_ended(s, u);
		return;
	}
	/* The other half has lost its partner: it ends by itself, or is ended. */
	u->kill_us = clock_mono_us() + END_US;
	if (u->pid > 0)
		kill(u->pid, SIGTERM);
}

static void reap(struct sup *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->helper) {
			s->helper = 0;
			s->helper_status = status;
			continue;
		}
		for (size_t i = 0; i < s->nunits; i++)
			if (s->units[i].pid == pid || s->units[i].box == pid)
				unit_lost(s, &s->units[i], pid, status);
	}
}

/* ------------------------------------------------------------- time passes */

static void read_signals(struct sup *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			s->got_hup = true;
		else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			s->stopping = true;
	}
	reap(s);
}

/* Sleep until something happens or @until_us; then see to what died. */
static void wait_for_event(struct sup *s, int64_t until_us)
{
	struct pollfd p[] = { { .fd = s->signals, .events = POLLIN },
			      { .fd = s->mounts, .events = POLLPRI } };
	int64_t now;

	for (size_t i = 0; i < s->nunits; i++)
		if (s->units[i].kill_us < until_us)
			until_us = s->units[i].kill_us;
	now = clock_mono_us();
	poll(p, ARRAY_SIZE(p), until_us == NEVER ? -1 :
			       until_us <= now ? 0 : (int)((until_us - now) / MS) + 1);
	read_signals(s);
	if (p[1].revents && s->mounted && !s->stopping && !mountpoint_mounted(s->j->mount)) {
		log_info("%s was unmounted: ending", s->j->mount);
		s->stopping = true;
	}

	now = clock_mono_us();
	for (size_t i = 0; i < s->nunits; i++) {
		struct unit *u = &s->units[i];

		if (u->kill_us > now)
			continue;
		u->kill_us = NEVER;
		if (u->pid > 0)
			kill(u->pid, SIGKILL);
		if (u->box > 0)
			kill(u->box, SIGKILL);
	}
}

/* Start what is due; Return: when the next one is. */
static int64_t start_due(struct sup *s)
{
	int64_t now = clock_mono_us(), next = NEVER;

	for (size_t i = 0; i < s->nunits; i++) {
		struct unit *u = &s->units[i];
		struct diag diag = { "" };
		char name[48];

		if (!unit_down(u) || !u->wanted)
			continue;
		if (u->next_us <= now && unit_start(s, u, &diag) < 0) {
			log_error("start %s: %s", unit_name(u, name), diag.text);
			if (unit_down(u))
				unit_ended(s, u);
			else
				u->kill_us = now;	/* a box without a worker */
		}
		if (unit_down(u) && u->next_us < next)
			next = u->next_us;
	}
	return next;
}

/* ------------------------------------------------------------- helpers that may block */

/* Look at the mount, then ask the scheduler until its workers are there. */
static int helper_ready(struct sup *s)
{
	int workers = settings_workers(&s->j->settings), r;
	struct timespec pause = clock_timespec(20 * MS);
	struct diag diag = { "" };

	r = mountpoint_answers(s->j->mount);
	if (r < 0)
		return r;
	for (;;) {
		static const char ask[] = "{\"op\":\"status\"}";
		json_t *answer = NULL;
		size_t n;
		int sock;

		sock = link_connect(s->j->statefd, "control", 0, START_US, &diag);
		if (sock < 0)
			return sock;
		r = link_send(sock, ask, strlen(ask));
		if (r == 0)
			r = link_recv(sock, &answer, &diag);
		io_close(sock);
		if (r < 0)
			return r;
		n = json_array_size(json_object_get(answer, "workers"));
		json_decref(answer);
		if (n >= (size_t)workers)
			return 0;
		nanosleep(&pause, NULL);
	}
}

static int helper_umount(struct sup *s)
{
	return mountpoint_umount(s->j->mount, UMOUNT_US);
}

static int helper_start(struct sup *s, int (*fn)(struct sup *))
{
	pid_t pid, parent = getpid();

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		sigset_t empty;

		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		sigemptyset(&empty);
		sigprocmask(SIG_SETMASK, &empty, NULL);
		io_close(s->fuse);	/* when judgefs gives up, nobody else keeps the mount alive */
		_exit(getppid() == parent ? -fn(s) : 0);
	}
	s->helper = pid;
	s->helper_status = -1;
	return 0;
}

/* ------------------------------------------------------------- up */

static void units_set(struct sup *s)
{
	size_t workers = settings_workers(&s->j->settings), n = KINDS - 1 + workers;

	for (size_t i = s->nunits; i < n; i++)
		s->units[i] = (struct unit) {
			.kind = i < PAIR ? (enum kind)i : PAIR,
			.slot = i < PAIR ? PREPARE_SLOT : (int)(i - PAIR),
			.kill_us = NEVER,
		};
	if (s->nunits < n)
		s->nunits = n;
	for (size_t i = 0; i < s->nunits; i++) {
		if (!s->units[i].wanted)
			s->units[i].next_us = 0;
		s->units[i].wanted = i == PREPARE ? s->j->settings.prepare && !s->starting : i < n;
	}
}

static int prepare(struct sup *s, struct diag *diag)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (s->signals < 0 || s->mounts < 0)
		return diag_fail(diag, -errno, "signalfd, /proc/self/mountinfo");
	r = install_program("judgefs-box", &s->box_program, diag);
	if (r == 0)
		r = state_note_mount(s->j->statefd, s->j->mount, diag);
	if (r == 0)
		r = state_listen(s->j->statefd, s->j->user, s->j->worker, &s->listen, diag);
	if (r < 0)
		return r;
	s->handles = memfd_create("judgefs-handles", MFD_CLOEXEC);	/* serve gives it its size */
	if (s->handles < 0)
		return diag_fail(diag, -errno, "make the handle page");
	r = mountpoint_open(&s->fuse, diag);
	if (r == 0)
		r = mountpoint_mount(s->j->mount, s->fuse, s->j->mount_flags, diag);
	s->mounted = r == 0;
	return r;
}

static int wait_until_ready(struct sup *s, struct diag *diag)
{
	int64_t deadline = clock_mono_us() + START_US;
	char name[48];
	int r;

	start_due(s);
	r = helper_start(s, helper_ready);
	if (r < 0)
		return diag_fail(diag, r, "fork");
	while (s->helper && !s->gave_up && !s->stopping && clock_mono_us() < deadline)
		wait_for_event(s, deadline);
	if (s->gave_up)
		return diag_fail(diag, -EINVAL, "%s did not stay up", unit_name(s->gave_up, name));
	if (s->stopping)
		return 0;
	if (s->helper)
		return diag_fail(diag, -EINVAL, "not ready after %d seconds",
				 (int)(START_US / SECOND));
	if (s->helper_status != 0)
		return diag_fail(diag, WIFEXITED(s->helper_status) ?
				 -WEXITSTATUS(s->helper_status) : -EIO,
				 "the mount or the scheduler does not answer");
	return 0;
}

/* ------------------------------------------------------------- SIGHUP */

static void reload(struct sup *s)
{
	struct settings fresh = { 0 }, *old = &s->j->settings;
	struct diag diag = { "" };
	int r = settings_load(s->j->statefd, &fresh, &diag);

	if (r == 0 && (r = state_bind_prepared(s->j->state, &fresh.box.binds)) < 0)
		settings_release(&fresh);
	if (r < 0) {
		log_error("%s; the settings stay as they were", diag.text);
		return;
	}
	if (strcmp(fresh.user, old->user) != 0 || strcmp(fresh.worker_user, old->worker_user) != 0 ||
	    strcmp(fresh.cgroup, old->cgroup) != 0 || fresh.box.first_uid != old->box.first_uid) {
		log_error(SETTINGS_FILE ": user, worker-user, cgroup and first-uid can not change while "
			  "the judge runs; the settings stay as they were");
		settings_release(&fresh);
		return;
	}
	settings_release(old);
	*old = fresh;
	units_set(s);
	for (size_t i = 0; i < s->nunits; i++) {
		struct unit *u = &s->units[i];

		if (u->pid == 0 || u->kind == PUBLISH)
			continue;
		u->asked = u->kind != SCHED;
		kill(u->pid, u->kind == SERVE ? SIGTERM : SIGHUP);
	}
	log_info("settings read again");
}

/* ------------------------------------------------------------- down */

static bool kind_down(const struct sup *s, enum kind kind)
{
	for (size_t i = 0; i < s->nunits; i++)
		if (s->units[i].kind == kind && !unit_down(&s->units[i]))
			return false;
	return true;
}

static void stop_kind(struct sup *s, enum kind kind)
{
	int64_t deadline = clock_mono_us() + 2 * END_US;

	for (size_t i = 0; i < s->nunits; i++) {
		struct unit *u = &s->units[i];

		if (u->kind != kind || unit_down(u))
			continue;
		if (u->pid > 0)
			kill(u->pid, SIGTERM);
		u->kill_us = clock_mono_us() + END_US;
	}
	while (!kind_down(s, kind) && clock_mono_us() < deadline)
		wait_for_event(s, deadline);
}

static void stop_helper(struct sup *s)
{
	int64_t deadline = clock_mono_us() + END_US;

	if (s->helper)
		kill(s->helper, SIGKILL);
	while (s->helper && clock_mono_us() < deadline)
		wait_for_event(s, deadline);
}

static void stop_mount(struct sup *s)
{
	int64_t deadline = clock_mono_us() + UMOUNT_US + END_US;

	if (!s->mounted || helper_start(s, helper_umount) < 0)
		return;
	while (s->helper && clock_mono_us() < deadline)
		wait_for_event(s, deadline);
	stop_helper(s);
	if (mountpoint_mounted(s->j->mount))
		log_warn("%s is still mounted; its server ends now", s->j->mount);
}

static void stop_all(struct sup *s)
{
	struct diag diag = { "" };

	s->stopping = true;
	stop_helper(s);
	stop_kind(s, PUBLISH);
	stop_mount(s);
	stop_kind(s, PREPARE);
	stop_kind(s, PAIR);
	stop_kind(s, SCHED);
	stop_kind(s, SERVE);
	io_close(s->fuse);		/* the last one: the connection ends, and with it all waiting */
	s->fuse = -1;
	stop_kind(s, PUBLISH);
	/* What could not be taken away while it was served. */
	if (s->mounted && mountpoint_mounted(s->j->mount))
		mountpoint_umount(s->j->mount, 0);
	if (s->box_program && box_sweep(s->j->settings.cgroup, &diag) < 0)
		log_error("%s", diag.text);
	state_forget(s->j->statefd);
}

int supervise(struct judge *j, struct diag *diag)
{
	struct sup s = { .j = j, .signals = -1, .mounts = -1, .fuse = -1, .handles = -1,
			 .listen = -1, .starting = true };
	char name[48];
	int r;

	r = prepare(&s, diag);
	if (r < 0)
		goto out;
	units_set(&s);
	r = wait_until_ready(&s, diag);
	if (r < 0 || s.stopping)
		goto out;
	s.starting = false;
	units_set(&s);			/* now there is time to prepare compilers */
	r = state_note_pid(j->statefd, diag);
	if (r < 0)
		goto out;
	j->ready(j->ctx);

	while (!s.stopping && !s.gave_up) {
		wait_for_event(&s, start_due(&s));
		if (s.got_hup)
			reload(&s);
		s.got_hup = false;
	}
	if (s.gave_up)
		r = diag_fail(diag, -EINVAL, "%s died %d times in a row: giving up",
			      unit_name(s.gave_up, name), s.gave_up->deaths);
out:
	stop_all(&s);
	io_close(s.signals);
	io_close(s.mounts);
	io_close(s.handles);
	io_close(s.listen);
	free(s.box_program);
	return r;
}
