/*
 * pool: what one run leaves is not there for the next, which has another cell; cells that break
 * are replaced. Needs root.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sandbox/wire.h"
#include "tests/unit/boxed.h"

/* ================================================================ in the box */

/* 63 processes more, 1000 files, and shared memory. */
static int guest_mess(const char *arg)
{
	static const char *const dirs[] = { "/box", "/tmp", "/dev/shm" };
	char path[64];
	int fd;

	(void)arg;
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "%s/%d", dirs[i % 3], i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0 || write(fd, path, sizeof(path)) != sizeof(path))
			return BAD;
		close(fd);
	}
	fd = open("/dev/shm/shared", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, 8 * MIB) < 0)
		return BAD;
	memset(mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), 1, 8 * MIB);
	for (int i = 0; i < 63; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return BAD;
		if (pid == 0) {
			setsid();
			return guest_sleep("");
		}
	}
	return FINE;
}

static int guest_touch_file(const char *arg)
{
	int fd = open(arg, O_WRONLY | O_CREAT, 0600);

	return fd < 0 || fchown(fd, getuid(), getgid()) < 0 ? BAD : FINE;
}

/* Nobody else is there, nothing lies about; says who it is. */
static int guest_clean(const char *arg)
{
	uid_t uid = getuid();

	(void)arg;
	if (entries("/box") != 0 || entries("/tmp") != 0 || entries("/dev/shm") != 0)
		return 1;
	if (processes() != 1)
		return 2;
	return write(1, &uid, sizeof(uid)) == sizeof(uid) ? FINE : 3;
}

/* As many processes as the limit says: nobody else's count against it. */
static int guest_count(const char *arg)
{
	int n = 1;

	(void)arg;
	for (pid_t pid; n < 200 && (pid = fork()) >= 0; n++)
		if (pid == 0)
			return guest_sleep("");
	return n;
}

static int guest_print(const char *arg)
{
	static char text[1 << 20];

	for (int i = 0; i < atoi(arg); i++)
		if (write(1, text, sizeof(text)) != sizeof(text))
			return BAD;
	return FINE;
}

/* When it is told to. */
static int guest_touch_later(const char *arg)
{
	size_t len = atoi(arg) * MIB;
	char c, *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || read(0, &c, 1) != 1)
		return BAD;
	memset(p, 1, len);
	return FINE;
}

static const struct guest guests[] = {
	GUEST(exit), GUEST(sleep), GUEST(mess), GUEST(touch_file), GUEST(clean), GUEST(count),
	GUEST(print), GUEST(touch_later),
};

/* =============================================================== outside of it */

/* Clean; Return: the uid that it had. */
static uid_t run_clean(void)
{
	struct box_spec s = new_spec("clean", "");
	uid_t uid = 0;

	s.stdout_fd = io_memfd("out", "", 0);
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	CHECK_INT(pread(s.stdout_fd, &uid, sizeof(uid), 0), sizeof(uid));
	io_close(s.stdout_fd);
	CHECK(uid - FIRST_UID < BOX_CELLS_MAX);
	return uid;
}

static void run_mess(void)
{
	struct box_spec s = new_spec("mess", "");

	s.limits.files = 2000;
	s.limits.output_bytes = 16 * MIB;
	s.limits.processes = 64;
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	CHECK(uid_is_gone());
}

/* The inits of judgefs-box's cells: Return: how many. */
static size_t inits(pid_t ret[BOX_CELLS_MAX])
{
	char path[64], text[1024] = "";
	size_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", box_pid, box_pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && io_read(fd, text, sizeof(text) - 1) >= 0);
	io_close(fd);
	for (char *at = strtok(text, " "); at; at = strtok(NULL, " ")) {
		CHECK(n < BOX_CELLS_MAX);
		ret[n++] = atoi(at);
	}
	return n;
}

static void test_after_a_mess(void **state)
{
	pid_t pids[BOX_CELLS_MAX];

	(void)state;
	for (int i = 0; i < 10; i++) {
		run_mess();
		run_clean();
		if (i % 2)
			run_mess();
	}
	/* And no process of another run counts for it, neither by group nor by uid. */
	for (int i = 0; i < 3; i++) {
		struct box_spec s = new_spec("count", "");

		run_mess();
		s.limits.processes = 40;
		run_ok(&s);
		check_end(BOX_EXITED, 40);
	}
	/* One at work, some that clean themselves, and one that may be at its end. */
	CHECK(inits(pids) <= 5);
}

/* Wherever there is but one trace of it. */
static void test_traces(void **state)
{
	static const char *const files[] = { "/box/x", "/tmp/x", "/dev/shm/x" };

	(void)state;
	for (size_t i = 0; i < 4 * ARRAY_SIZE(files); i++) {
		run_guest("touch_file", files[i % ARRAY_SIZE(files)], BOX_EXITED, FINE);
		run_clean();
	}
}

/* Who leaves nothing leaves its cell to the next. */
static void test_clean_stays(void **state)
{
	uid_t uid = run_clean();

	(void)state;
	for (int i = 0; i < 10; i++)
		CHECK_INT(run_clean(), uid);
}

static int told[2];

static void *run_later(void *arg)
{
	struct box_spec s = new_spec("touch_later", "100");

	(void)arg;
	s.limits.memory_bytes = 64 * MIB;
	s.stdin_fd = told[0];
	return (void *)(intptr_t)run_spec(&s, NULL);
}

/* What an earlier run was charged with, and is let go of meanwhile, is no room for the next. */
static void test_left_charge(void **state)
{
	struct box_spec s = new_spec("print", "100");
	pthread_t thread;
	void *r;
	int out;

	(void)state;
	out = io_memfd("out", "", 0);
	s.limits.output_bytes = 200 * MIB;
	s.stdout_fd = out;
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	CHECK_INT(pipe2(told, O_CLOEXEC), 0);
	CHECK_INT(pthread_create(&thread, NULL, run_later, NULL), 0);
	wait_until(uid_is_there, "the program runs");
	io_close(out);
	CHECK_INT(write(told[1], "x", 1), 1);
	pthread_join(thread, &r);
	io_close(told[0]);
	io_close(told[1]);
	CHECK_INT((intptr_t)r, 0);
	check_end(BOX_MEMORY_LIMIT, -1);
}

static void runs_go_on(void)
{
	for (int i = 0; i < 5; i++)
		run_guest("exit", "7", BOX_EXITED, 7);
	run_mess();
	run_clean();
}

static pid_t killed[BOX_CELLS_MAX];
static size_t nkilled;

/* With all their threads. */
static bool are_dead(void)
{
	for (size_t i = 0; i < nkilled; i++) {
		struct pollfd p = { .fd = pidfd_open(killed[i], 0), .events = POLLIN };
		bool dead = p.fd < 0 || poll(&p, 1, 0) == 1;

		io_close(p.fd);
		if (!dead)
			return false;
	}
	return true;
}

/* Not one run fails for it. */
static void test_idle_init_killed(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		nkilled = inits(killed);
		CHECK(nkilled > 0);
		for (size_t k = 0; k < nkilled; k++)
			kill(killed[k], SIGKILL);
		wait_until(are_dead, "the inits are dead");
		runs_go_on();
	}
}

static void *run_sleeper(void *arg)
{
	struct box_spec s = new_spec("sleep", "");

	s.limits.wall_us = SECOND;
	return (void *)(intptr_t)run_spec(&s, arg);
}

/* A thread of it may have made them. */
static bool has_children(pid_t pid)
{
	struct strv tids = { 0 };
	char path[64], c;
	bool any = false;
	int dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dir >= 0);
	CHECK_INT(io_list(dir, ".", &tids), 0);
	for (size_t i = 0; i < tids.n && !any; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/children", tids.v[i]);
		fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
		any = fd >= 0 && read(fd, &c, 1) == 1;
		io_close(fd);
	}
	strv_release(&tids);
	io_close(dir);
	return any;
}

/* @sig to the init of the cell in which a program runs. */
static int signal_init(int sig, struct diag *diag)
{
	pid_t pids[BOX_CELLS_MAX];
	pthread_t thread;
	size_t n;
	void *r;

	CHECK_INT(pthread_create(&thread, NULL, run_sleeper, diag), 0);
	wait_until(uid_is_there, "the program runs");
	n = inits(pids);
	for (size_t i = 0; i < n; i++)
		if (has_children(pids[i]))
			kill(pids[i], sig);
	pthread_join(thread, &r);
	wait_until(uid_is_gone, "the program is dead");
	return (intptr_t)r;
}

static void test_busy_init_killed(void **state)
{
	struct diag diag = { 0 };

	(void)state;
	CHECK_INT(signal_init(SIGKILL, &diag), -EIO);
	CHECK_HAS(diag.text, "init is gone");
	runs_go_on();
}

/* It neither ends its run nor cleans up. */
static void test_init_does_not_answer(void **state)
{
	struct diag diag = { 0 };

	(void)state;
	CHECK_INT(signal_init(SIGSTOP, &diag), -ETIMEDOUT);
	CHECK_HAS(diag.text, "do not end");
	runs_go_on();
}

/* Let judgefs-box open so many descriptors more, or as many as it likes. */
static void leave_descriptors(int more)
{
	struct rlimit limit;
	char path[64];

	CHECK_INT(prlimit(box_pid, RLIMIT_NOFILE, NULL, &limit), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd", box_pid);
	limit.rlim_cur = more < 0 ? limit.rlim_max : (rlim_t)(entries(path) + more);
	CHECK_INT(prlimit(box_pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

/* A cell can not be made for want of anything that it needs: the client hears of it, and the
 * others are of use still. */
static void test_too_few_descriptors(void **state)
{
	struct box_report reports[2];
	struct diag diag;
	int r = -1, failures = 0;

	(void)state;
	CHECK_INT(stop_box(), 0);
	start_box();
	run_guest("exit", "7", BOX_EXITED, 7);
	for (int more = 3; more < 100 && r < 0; more++) {
		struct box_spec specs[2] = { new_spec("exit", "7"), new_spec("exit", "7") };

		leave_descriptors(more);
		diag = (struct diag){ 0 };
		r = box_run_together(box, specs, 2, reports, &diag);
		if (r == -EPIPE || r == -EBADMSG)
			fail_msg("%d more descriptors: %s", more, diag.text);
		failures += r < 0;
		leave_descriptors(-1);
		for (size_t i = 0; i < 2; i++)
			strv_release(&specs[i].argv);
		run_guest("exit", "7", BOX_EXITED, 7);
	}
	CHECK_INT(r, 0);
	CHECK(failures > 3);
}

/* Half a frame, and it never reads: its run is watched all the same. */
static void test_client_stuck_in_a_frame(void **state)
{
	struct box_spec s = new_spec("sleep", "");
	struct box_report got;
	struct diag diag = { 0 };
	struct msg m = { 0 };
	int sock = -1, status;
	struct pollfd p;
	struct wire w;
	pid_t pid;

	(void)state;
	CHECK_INT(stop_box(), 0);
	CHECK_INT(box_spawn(&settings, SLOT, &sock, &pid, &diag), 0);
	CHECK_INT(wire_send_spec(sock, &s, 0), 0);
	wait_until(uid_is_there, "the program runs");
	CHECK_INT(write(sock, "1", 1), 1);
	wait_until(uid_is_gone, "the program is ended");
	p = (struct pollfd){ .fd = sock, .events = POLLIN };
	CHECK_INT(poll(&p, 1, check_slow() * PATIENCE_US / 1000), 1);
	CHECK_INT(msg_recv(sock, &m), 0);
	w = wire_open(&m);
	CHECK_INT(wire_int(&w), WIRE_REPORT);
	CHECK_INT(wire_read_report(sock, &w, &got), 0);
	CHECK_INT(got.end, BOX_CANCELLED);
	msg_release(&m);
	strv_release(&s.argv);
	io_close(sock);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	start_box();
}

static size_t charged_bytes(size_t cell)
{
	struct cgroup_host host;
	char path[800], text[32] = "";
	int fd;

	cgroup_find(&host);
	snprintf(path, sizeof(path), "%s/%s/slot-%d-%zu/%s", host.dir[CGROUP_MEMORY], group, SLOT, cell,
		 host.version == 2 ? "memory.current" : "memory.usage_in_bytes");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && io_read(fd, text, sizeof(text) - 1) > 0);
	io_close(fd);
	return atoll(text);
}

/* What all it is charged with comes to, once what it has done is forgotten. */
static bool is_small(void)
{
	return charged_bytes(0) <= MIB;
}

static void test_idle_memory(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	CHECK_INT(stop_box(), 0);
	start_box();
	run_guest("exit", "0", BOX_EXITED, 0);
	wait_until(is_small, "an idle cell needs little memory");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_after_a_mess),
		cmocka_unit_test(test_traces),
		cmocka_unit_test(test_clean_stays),
		cmocka_unit_test(test_left_charge),
		cmocka_unit_test(test_idle_init_killed),
		cmocka_unit_test(test_busy_init_killed),
		cmocka_unit_test(test_init_does_not_answer),
		cmocka_unit_test(test_too_few_descriptors),
		cmocka_unit_test(test_client_stuck_in_a_frame),
		cmocka_unit_test(test_idle_memory),
	};

	if (boxed_begin("pool", argc, argv, guests, ARRAY_SIZE(guests)))
		return 0;
	return cmocka_run_group_tests_name("pool", tests, set_up, tear_down);
}
