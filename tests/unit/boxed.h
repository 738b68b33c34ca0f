/*
 * boxed.h - for tests of real cells: one judgefs-box, and programs in it
 *
 *	static int guest_NAME(const char *arg) ...	runs in the box; its answer is the exit status
 *	static const struct guest guests[] = { GUEST(NAME), ... };
 *	int main(): if (boxed_begin("box", argc, argv, guests, n)) return 0;
 *	run_guest("NAME", "arg", BOX_EXITED, FINE);
 *
 * The programs in the box are the test itself, called "guest:NAME". set_up() and tear_down()
 * start and end judgefs-box.
 */
#ifndef TESTS_BOXED_H
#define TESTS_BOXED_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/box.h"
#include "sandbox/cgroup.h"
#include "tests/unit/check.h"

#define MIB		(INT64_C(1) << 20)
#define SECOND		INT64_C(1000000)
#define PATIENCE_US	(30 * SECOND)
#define SLOT		100
#define FIRST_UID	(settings.first_uid + SLOT * BOX_CELLS_MAX)

/* ------------------------------------------------------------------ in the box */

/* A guest's answers. */
enum { FINE = 0, BAD = 90 };

struct guest {
	const char *name;
	int (*run)(const char *arg);
};
#define GUEST(name)	{ #name, guest_##name }

/* Those that several tests have. */
static inline int guest_exit(const char *arg)
{
	return atoi(arg);
}

static inline int guest_spin(const char *arg)
{
	(void)arg;
	for (volatile long i = 0;; i++)
		;
	return BAD;
}

static inline int guest_sleep(const char *arg)
{
	(void)arg;
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
	return BAD;
}

static inline int entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = -2;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* That can be seen. */
static inline int processes(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)))
		n += e->d_name[0] >= '0' && e->d_name[0] <= '9';
	if (dir)
		closedir(dir);
	return n;
}

/* Return: whether there is nothing more to do. */
static inline bool boxed_begin(const char *test, int argc, char **argv, const struct guest *guests,
			       size_t n)
{
	if (argc > 0 && strncmp(argv[0], "guest:", 6) == 0) {
		for (size_t i = 0; i < n; i++)
			if (strcmp(guests[i].name, argv[0] + 6) == 0)
				_exit(guests[i].run(argc > 1 ? argv[1] : ""));
		_exit(BAD);
	}
	if (geteuid() == 0)
		return false;
	printf("skip %s: needs root\n", test);
	return true;
}

/* --------------------------------------------------------------- outside of it */

static struct box_settings settings;
static char group[64], host_name[256];
static int own_exe = -1;
static struct box *box;
static pid_t box_pid;
static struct box_report report;	/* of the last run */

static const struct box_limits usual = {
	.cpu_us = 5 * SECOND, .wall_us = 20 * SECOND, .memory_bytes = 256 * MIB,
	.output_bytes = MIB, .processes = 32, .files = 100, .disk_bytes = 64 * MIB,
};

static inline struct box_spec new_spec(const char *guest, const char *arg)
{
	struct box_spec s = {
		.profile = "run", .exe_fd = own_exe, .stdin_fd = -1, .stdout_fd = -1,
		.stderr_fd = -1, .limits = usual, .cancel_fd = -1,
	};
	char name[64];

	s.limits.cpu_us *= check_slow();
	s.limits.wall_us *= check_slow();
	snprintf(name, sizeof(name), "guest:%s", guest);
	CHECK_INT(strv_add(&s.argv, name), 0);
	CHECK_INT(strv_add(&s.argv, arg), 0);
	return s;
}

/* Run and release the spec's words. */
static inline int run_spec(struct box_spec *s, struct diag *diag)
{
	int r;

	box_report_release(&report);
	r = box_run(box, s, &report, diag);
	strv_release(&s->argv);
	strv_release(&s->env);
	return r;
}

static inline void run_ok(struct box_spec *s)
{
	struct diag diag = { 0 };

	if (run_spec(s, &diag) < 0)
		fail_msg("box_run: %s", diag.text);
}

static inline void check_end(enum box_end end, int code)
{
	if (report.end != end || (code >= 0 && report.code != code))
		fail_msg("ended as %s %d (%s), not %s %d", box_end_name(report.end), report.code,
			 report.syscall, box_end_name(end), code);
}

static inline void run_guest(const char *guest, const char *arg, enum box_end end, int code)
{
	struct box_spec s = new_spec(guest, arg);

	run_ok(&s);
	check_end(end, code);
}

/* An emulated processor that has to wait itself counts that as the program's work: there a run
 * that took more than @most is repeated, and the least counts. */
static inline int64_t least_cpu_us(const char *guest, const char *arg, int64_t most)
{
	int64_t least = INT64_MAX;

	for (int n = 0; n < check_slow() && least > most; n++) {
		run_guest(guest, arg, BOX_EXITED, FINE);
		if (report.cpu_us < least)
			least = report.cpu_us;
	}
	return least;
}

static inline void start_box(void)
{
	struct diag diag = { 0 };
	int sock = -1;

	if (box_spawn(&settings, SLOT, &sock, &box_pid, &diag) < 0)
		fail_msg("box_spawn: %s", diag.text);
	CHECK_INT(box_connect(sock, &box), 0);
}

static inline int stop_box(void)
{
	int status = -1;

	box_report_release(&report);
	box_free(box);
	box = NULL;
	CHECK_INT(waitpid(box_pid, &status, 0), box_pid);
	return status;
}

/* What a loaded machine may delay is waited for. */
static inline void wait_until(bool (*holds)(void), const char *what)
{
	for (int64_t end = clock_mono_us() + check_slow() * PATIENCE_US; !holds();) {
		if (clock_mono_us() > end)
			fail_msg("waited in vain until %s", what);
		usleep(5000);
	}
}

/* Whether a process of the slot's uid is alive anywhere. */
static inline bool uid_is_gone(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	bool gone = true;

	CHECK(dir != NULL);
	while ((e = readdir(dir))) {
		char path[300], text[2048] = "", *at;
		unsigned int uid;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/status", e->d_name);
		fd = e->d_name[0] > '0' && e->d_name[0] <= '9' ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (fd >= 0 && io_read(fd, text, sizeof(text) - 1) > 0 &&
		    (at = strstr(text, "\nUid:")) && sscanf(at, "\nUid: %u", &uid) == 1 &&
		    uid - FIRST_UID < BOX_CELLS_MAX)
			gone = false;
		io_close(fd);
	}
	closedir(dir);
	return gone;
}

static inline bool uid_is_there(void)
{
	return !uid_is_gone();
}

static inline bool group_exists(void)
{
	struct cgroup_host host;
	bool any = false;

	cgroup_find(&host);
	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		char path[700];

		snprintf(path, sizeof(path), "%s/%s", host.dir[c], group);
		any = any || access(path, F_OK) == 0;
	}
	return any;
}

static inline void find_program(void)
{
	static char path[PATH_MAX];
	const char *bin = getenv("BIN");
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	CHECK(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';	/* build/tests/unit */
	if (bin)
		snprintf(path, sizeof(path), "%s/judgefs-box", bin);
	else
		snprintf(path, sizeof(path), "%.4000s/../../bin/judgefs-box", self);
	settings.program = path;
}

static inline int set_up(void **state)
{
	(void)state;
	CHECK_INT(box_settings_default(&settings), 0);
	find_program();
	snprintf(group, sizeof(group), "judgefs-unit-%d", getpid());
	settings.cgroup = group;
	settings.max_cpu_us = check_slow() * SECOND * 6;
	/* Of no other test and no judge that is up. */
	settings.first_uid = 100000000 + getpid() % 100000 * BOX_SLOTS * BOX_CELLS_MAX;
	CHECK_INT(gethostname(host_name, sizeof(host_name) - 1), 0);
	own_exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CHECK(own_exe >= 0);
	start_box();
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	if (box)
		stop_box();
	box_sweep(group, NULL);
	box_settings_release(&settings);
	io_close(own_exe);
	return 0;
}

#endif
