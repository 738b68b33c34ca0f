/*
 * box: a real cell, its runs, its limits and what one run leaves for the next. Needs root.
 *
 * The programs in the box are this one, called "guest:NAME": a function each below.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "sandbox/box.h"
#include "sandbox/cgroup.h"
#include "tests/unit/boxed.h"

/* ================================================================ in the box */

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * SECOND + t.tv_nsec / 1000;
}

static void burn(int64_t us)
{
	for (int64_t end = cpu_us() + us; cpu_us() < end;)
		;
}

static int guest_signal(const char *arg)
{
	signal(atoi(arg), SIG_DFL);
	kill(getpid(), atoi(arg));
	return BAD;
}

static int guest_burn(const char *arg)
{
	burn(atoi(arg) * INT64_C(1000));
	return FINE;
}

/* The work is done by a grandchild that nobody waits for. */
static int guest_orphan(const char *arg)
{
	int done[2];
	char c;

	if (pipe(done) < 0)
		return BAD;
	if (fork() == 0) {
		if (fork() == 0) {
			burn(atoi(arg) * INT64_C(1000));
			_exit(0);
		}
		_exit(0);
	}
	close(done[1]);
	return read(done[0], &c, 1) == 0 ? FINE : BAD;
}

static void *burn_thread(void *arg)
{
	struct timespec t;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	} while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < (intptr_t)arg);
	return NULL;
}

static int guest_threads(const char *arg)
{
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		if (pthread_create(&t[i], NULL, burn_thread, (void *)(intptr_t)atoi(arg)))
			return BAD;
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	return FINE;
}

static void touch(char *p, size_t len)
{
	for (size_t i = 0; i < len; i += 4096)
		p[i] = 1;
}

static int guest_memory(const char *arg)
{
	size_t len = 400 * MIB, block = 64 << 10;
	char *p = NULL;
	int fd = -1;

	if (strcmp(arg, "private") == 0)
		p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else if (strcmp(arg, "shared") == 0)
		p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	else if (strcmp(arg, "memfd") == 0)
		fd = memfd_create("x", 0);
	else if (strcmp(arg, "tmp") == 0)
		fd = open("/tmp/x", O_RDWR | O_CREAT, 0600);
	else if (strcmp(arg, "shm") == 0)
		fd = open("/dev/shm/x", O_RDWR | O_CREAT, 0600);
	else if (strcmp(arg, "child") == 0 && fork() == 0)
		return guest_memory("private");
	if (p == MAP_FAILED)
		return BAD;
	if (p) {
		touch(p, len);
	} else if (fd >= 0) {
		static char zeros[64 << 10];

		for (size_t at = 0; at < len; at += block)
			if (write(fd, zeros, block) != (ssize_t)block)
				return BAD;
	} else {
		/* The child's end is the run's, whatever its parent makes of it. */
		wait(NULL);
		return FINE;
	}
	return BAD;
}

static int guest_touch(const char *arg)
{
	char *p = mmap(NULL, 1 + atoi(arg) * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	if (p == MAP_FAILED)
		return BAD;
	touch(p, atoi(arg) * MIB);
	return FINE;
}

/* "stdout", "stderr" or a file; with "!" before it SIGXFSZ is ignored. */
static int guest_flood(const char *arg)
{
	static char text[4096];
	int fd = 1;

	if (*arg == '!') {
		signal(SIGXFSZ, SIG_IGN);
		arg++;
	}
	if (strcmp(arg, "stderr") == 0)
		fd = 2;
	else if (strcmp(arg, "stdout") != 0)
		fd = open(arg, O_WRONLY | O_CREAT, 0600);
	memset(text, 'x', sizeof(text));
	while (write(fd, text, sizeof(text)) > 0)
		;
	return FINE;
}

static int guest_print(const char *arg)
{
	static char text[1 << 20];

	memset(text, 'x', sizeof(text));
	return write(1, text, atoi(arg)) == atoi(arg) ? FINE : BAD;
}

static int guest_bomb(const char *arg)
{
	(void)arg;
	for (;;)
		fork();
	return BAD;
}

/* How many can be alive at once, this one too. */
static int guest_count(const char *arg)
{
	int n = 1;

	(void)arg;
	for (pid_t pid; n < 200 && (pid = fork()) >= 0; n++)
		if (pid == 0)
			for (;;)
				pause();
	return n;
}

/* Leave something of every kind behind. */
static int guest_mess(const char *arg)
{
	static const char *const files[] = { "/box/left", "/tmp/left", "/dev/shm/left" };

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (open(files[i], O_RDWR | O_CREAT, 0666) < 0)
			return BAD;
	if (mkdir("/tmp/dir", 0777) < 0 || symlink("/etc/passwd", "/box/link") < 0 ||
	    mkfifo("/box/fifo", 0666) < 0)
		return BAD;
	for (int i = 0; i < 20; i++) {
		if (fork() == 0) {
			setsid();
			signal(SIGTERM, SIG_IGN);
			for (;;)
				pause();
		}
	}
	return FINE;
}

/* Exits with the number of what is found wrong. */
static int guest_clean(const char *arg)
{
	struct stat st;

	(void)arg;
	if (entries("/box") != 0 || entries("/tmp") != 0 || entries("/dev/shm") != 0)
		return 1;
	if (processes() != 1)
		return 2;
	if (stat("/box", &st) < 0 || st.st_uid != 0 || (st.st_mode & 07777) != 01777)
		return 3;
	if (chmod("/box", 0700) == 0 || chmod("/tmp", 0700) == 0 || chmod("/dev/shm", 0700) == 0)
		return 4;
	return FINE;
}

/* Makes and removes, when the clock has gone on: what is left is a time on the folder. */
static int guest_trace(const char *arg)
{
	(void)arg;
	usleep(20000);
	return mkdir("/tmp/x", 0700) < 0 || rmdir("/tmp/x") < 0 ? BAD : FINE;
}

static bool earlier(struct timespec a, struct timespec b)
{
	return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

/* The folders are made in this order: nobody has been there since. */
static int guest_untouched(const char *arg)
{
	struct stat box, tmp, shm;

	(void)arg;
	if (stat("/box", &box) < 0 || stat("/tmp", &tmp) < 0 || stat("/dev/shm", &shm) < 0)
		return BAD;
	return earlier(tmp.st_mtim, box.st_mtim) || earlier(shm.st_mtim, tmp.st_mtim) ? 1 : FINE;
}

static int guest_descriptors(const char *arg)
{
	struct stat st;

	(void)arg;
	for (int fd = 3; fd < 1024; fd++)
		if (fstat(fd, &st) == 0)
			return fd;
	return FINE;
}

/* No way from the descriptors to more rights than they have. */
static int guest_streams(const char *arg)
{
	char c;

	(void)arg;
	if (read(0, &c, 1) != 1 || c != 'i')
		return 1;
	if (write(0, "X", 1) >= 0 || ftruncate(0, 0) == 0)
		return 2;
	if (open("/proc/self/fd/0", O_RDWR) >= 0 || open("/dev/stdin", O_WRONLY) >= 0)
		return 3;
	if (open("/dev/stdin", O_RDONLY) < 0)
		return 4;
	if (read(1, &c, 1) >= 0 || open("/proc/self/fd/1", O_RDONLY) >= 0)
		return 5;
	if (open("/dev/stdout", O_WRONLY) < 0)
		return 6;
	if (fchmod(0, 0666) == 0 || fchmod(1, 0666) == 0)
		return 7;
	return FINE;
}

/* Its own program, through a descriptor that is kept while another is executed. */
static int guest_own_program(const char *arg)
{
	int fd = open("/proc/self/exe", O_PATH);

	(void)arg;
	/* While it runs it is busy anyway. */
	if (fd != 3 || open("/proc/self/fd/3", O_RDWR) >= 0)
		return 1;
	execl("/bin/sh", "sh", "-c", "(exec 4<>/proc/self/fd/3) 2>/dev/null && exit 3; exit 0", NULL);
	return 2;
}

static int guest_collected(const char *arg)
{
	(void)arg;
	if (mkdir("a", 0755) < 0 || mkdir("a/b", 0755) < 0)
		return BAD;
	int fd = open("a/b/c.txt", O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || write(fd, "deep", 4) != 4)
		return BAD;
	fd = open("B", O_WRONLY | O_CREAT, 0700);
	if (fd < 0 || write(fd, "top", 3) != 3)
		return BAD;
	if (symlink("/etc/shadow", "shadow") < 0 || symlink("a", "linked") < 0 ||
	    mkfifo("fifo", 0666) < 0 || link("B", "twice") < 0)
		return BAD;
	/* Longer than all that may be collected, without taking any room. */
	fd = open("hole", O_WRONLY | O_CREAT, 0600);
	return fd < 0 || ftruncate(fd, 65 * MIB) < 0 ? BAD : FINE;
}

static int guest_placed(const char *arg)
{
	char text[8] = "";
	int fd = open("sub/in.txt", O_RDONLY);

	(void)arg;
	if (fd < 0 || read(fd, text, sizeof(text)) != 5 || memcmp(text, "hello", 5) != 0)
		return 1;
	if (open("sub/in.txt", O_WRONLY) >= 0 || unlink("sub/in.txt") == 0 ||
	    chmod("sub/in.txt", 0666) == 0 || open("sub/new", O_WRONLY | O_CREAT, 0600) >= 0 ||
	    rename("sub", "bus") == 0)
		return 2;
	if (unlink("top") == 0 || rename("top", "pot") == 0 || access("top", X_OK) < 0)
		return 3;
	return open("feedback/new", O_WRONLY | O_CREAT, 0600) < 0 ? 4 : FINE;
}

static int guest_disk(const char *arg)
{
	static char block[1 << 20];
	int n = 0, fd;

	if (strcmp(arg, "files") == 0) {
		char name[32];

		do {
			snprintf(name, sizeof(name), "/tmp/%d", n);
			fd = open(name, O_WRONLY | O_CREAT, 0600);
			if (fd < 0)
				return errno == ENOSPC ? n : BAD;
			close(fd);
		} while (n++ < 80);
		return BAD;
	}
	for (; n < 100; n++) {
		char name[32];

		snprintf(name, sizeof(name), "/dev/shm/%d", n);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (write(fd, block, sizeof(block)) < (ssize_t)sizeof(block))
			break;
		close(fd);
	}
	return n;
}

/* Each way must be shut. */
static int guest_oom_score(const char *arg)
{
	char text[8] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDONLY);

	(void)arg;
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || atoi(text) != 1000)
		return 1;
	return open("/proc/self/oom_score_adj", O_WRONLY) >= 0 ? 2 : FINE;
}

static int guest_environment(const char *arg)
{
	(void)arg;
	if (!getenv("PATH") || !getenv("HOME") || !getenv("MARK") || getenv("LEAK"))
		return 1;
	return strcmp(getenv("MARK"), "1") ? 2 : FINE;
}

static int guest_deep_stack(const char *arg)
{
	volatile char room[100 * MIB];

	(void)arg;
	touch((char *)room, sizeof(room));
	return FINE;
}

static const struct guest guests[] = {
	GUEST(exit), GUEST(signal), GUEST(spin), GUEST(burn), GUEST(orphan), GUEST(threads),
	GUEST(sleep), GUEST(memory), GUEST(touch), GUEST(flood), GUEST(print), GUEST(bomb),
	GUEST(count), GUEST(mess), GUEST(clean), GUEST(trace), GUEST(untouched),
	GUEST(descriptors), GUEST(streams), GUEST(own_program), GUEST(collected), GUEST(placed),
	GUEST(disk), GUEST(oom_score), GUEST(environment), GUEST(deep_stack),
};

/* =============================================================== outside of it */

/* ------------------------------------------------------------------ how it ends */

static void test_exit_codes(void **state)
{
	static const char *const codes[] = { "0", "1", "42", "255" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		run_guest("exit", codes[i], BOX_EXITED, atoi(codes[i]));
	CHECK(report.wall_us > 0 && report.wall_us < 5 * SECOND);
}

static void test_signals(void **state)
{
	/* SIGSYS and SIGKILL: not every one of these is the filter's or a limit's. */
	static const char *const signals[] = { "6", "9", "11", "15", "31" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		run_guest("signal", signals[i], BOX_SIGNALED, atoi(signals[i]));
}

static void test_not_started(void **state)
{
	static const struct { const char *content; mode_t mode; int error; } rows[] = {
		{ "no program", 0755, ENOEXEC },
		{ "\x7f""ELF", 0755, ENOEXEC },
	};
	struct box_spec s = new_spec("exit", "0");

	(void)state;
	s.exe_fd = -1;			/* "guest:exit" is no program of the box */
	run_ok(&s);
	check_end(BOX_NOT_STARTED, ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = io_memfd("x", rows[i].content, strlen(rows[i].content));

		s = new_spec("exit", "0");
		s.exe_fd = fd;
		run_ok(&s);
		check_end(BOX_NOT_STARTED, rows[i].error);
		io_close(fd);
	}
	run_guest("exit", "0", BOX_EXITED, 0);
}

static void test_path(void **state)
{
	static const struct { const char *argv0; enum box_end end; int code; } rows[] = {
		{ "true",		BOX_EXITED,		0 },
		{ "/usr/bin/false",	BOX_EXITED,		1 },
		{ "mine",		BOX_EXITED,		7 },	/* in BOX_DIR */
		{ "./mine",		BOX_EXITED,		7 },
		{ "sub/mine",		BOX_EXITED,		7 },
		{ "text",		BOX_NOT_STARTED,	EACCES },
		{ "/etc",		BOX_NOT_STARTED,	EACCES },
		{ "/box/none",		BOX_NOT_STARTED,	ENOENT },
	};
	const char script[] = "#!/bin/sh\nexit 7\n";
	int fd = io_memfd("script", script, strlen(script));
	struct box_file files[] = {
		{ .name = "mine", .fd = fd, .mode = 0555 },
		{ .name = "sub/mine", .fd = fd, .mode = 0555 },
		{ .name = "text", .fd = fd, .mode = 0444 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct box_spec s = { .profile = "run", .exe_fd = -1, .stdin_fd = -1, .stdout_fd = -1,
				      .stderr_fd = -1, .limits = usual, .cancel_fd = -1,
				      .files = files, .nfiles = ARRAY_SIZE(files) };

		CHECK_INT(strv_add(&s.argv, rows[i].argv0), 0);
		run_ok(&s);
		check_end(rows[i].end, rows[i].code);
	}
	io_close(fd);
}

static void test_environment(void **state)
{
	struct box_spec s = new_spec("environment", "");

	(void)state;
	setenv("LEAK", "1", 1);
	CHECK_INT(strv_add(&s.env, "MARK=1"), 0);
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	unsetenv("LEAK");
}

/* ---------------------------------------------------------------------- limits */

static void test_cpu_limit(void **state)
{
	struct box_spec s = new_spec("spin", "");

	(void)state;
	s.limits.cpu_us = SECOND / 4;
	run_ok(&s);
	check_end(BOX_CPU_LIMIT, -1);
	/* Never below the limit, and not much later even on a busy machine. */
	CHECK(report.cpu_us >= SECOND / 4);
	CHECK(report.cpu_us < SECOND / 2);
}

static void test_cpu_limit_of_threads(void **state)
{
	struct box_spec s = new_spec("threads", "1000");

	(void)state;
	s.limits.cpu_us = SECOND / 4;
	run_ok(&s);
	check_end(BOX_CPU_LIMIT, -1);
	CHECK(report.cpu_us >= SECOND / 4);
}

/* The same work, however it is spread. */
static void test_cpu_time(void **state)
{
	static const struct { const char *guest, *ms; } rows[] = {
		{ "burn", "200" }, { "orphan", "200" }, { "threads", "50" },
	};
	int64_t empty;

	(void)state;
	run_guest("burn", "0", BOX_EXITED, FINE);
	empty = report.cpu_us;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t most = 300000 + 3 * empty, us = least_cpu_us(rows[i].guest, rows[i].ms, most);

		if (us < 195000 || us > most)
			fail_msg("%s: %lld us (empty: %lld)", rows[i].guest, (long long)us,
				 (long long)empty);
	}
}

static void test_wall_limit(void **state)
{
	struct box_spec s = new_spec("sleep", "");
	int64_t wall_us = check_slow() * SECOND / 5;

	(void)state;
	s.limits.wall_us = wall_us;
	run_ok(&s);
	check_end(BOX_WALL_LIMIT, -1);
	CHECK(report.wall_us >= wall_us);
	CHECK(report.cpu_us < wall_us);
	CHECK(!report.awake);
	s = new_spec("spin", "");
	s.limits.wall_us = wall_us;
	s.limits.cpu_us = 4 * wall_us;
	run_ok(&s);
	check_end(BOX_WALL_LIMIT, -1);
	CHECK(report.awake);
}

static void test_memory_limit(void **state)
{
	static const char *const kinds[] = { "private", "shared", "memfd", "tmp", "shm", "child" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct box_spec s = new_spec("memory", kinds[i]);

		s.limits.disk_bytes = s.limits.output_bytes = 1024 * MIB;
		run_ok(&s);
		check_end(BOX_MEMORY_LIMIT, -1);
		CHECK(report.memory_bytes >= 250 * MIB && report.memory_bytes <= 258 * MIB);
		/* Init is alive, and nothing of it counts for the next. */
		run_guest("touch", "10", BOX_EXITED, FINE);
		if (report.memory_bytes > 40 * MIB)
			fail_msg("%s: then %lld bytes", kinds[i], (long long)report.memory_bytes);
	}
}

static void test_memory(void **state)
{
	int64_t empty;

	(void)state;
	run_guest("touch", "0", BOX_EXITED, FINE);
	run_guest("touch", "0", BOX_EXITED, FINE);	/* libraries are cached now */
	empty = report.memory_bytes;
	run_guest("touch", "100", BOX_EXITED, FINE);
	CHECK(report.memory_bytes - empty > 98 * MIB && report.memory_bytes - empty < 102 * MIB);
}

static void test_stack(void **state)
{
	(void)state;
	run_guest("deep_stack", "", BOX_EXITED, FINE);
}

static void test_oom_score(void **state)
{
	(void)state;
	run_guest("oom_score", "", BOX_EXITED, FINE);
}

static void test_output_limit(void **state)
{
	static const char *const ways[] = { "stdout", "stderr", "!stdout", "!stderr", "/box/x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct box_spec s = new_spec("flood", ways[i]);
		struct stat st;

		s.stdout_fd = io_memfd("out", "", 0);
		s.stderr_fd = io_memfd("err", "", 0);
		run_ok(&s);
		check_end(BOX_OUTPUT_LIMIT, -1);
		CHECK_INT(fstat(s.stdout_fd, &st), 0);
		CHECK(st.st_size <= MIB + 1);
		io_close(s.stdout_fd);
		io_close(s.stderr_fd);
	}
}

/* Who writes just so much has done no wrong. */
static void test_output_to_the_limit(void **state)
{
	static const struct { const char *bytes; enum box_end end; } rows[] = {
		{ "65536", BOX_EXITED }, { "65537", BOX_OUTPUT_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct box_spec s = new_spec("print", rows[i].bytes);

		s.stdout_fd = io_memfd("out", "", 0);
		s.limits.output_bytes = 65536;
		run_ok(&s);
		check_end(rows[i].end, -1);
		io_close(s.stdout_fd);
	}
}

static void test_processes(void **state)
{
	struct box_spec s = new_spec("count", "");

	(void)state;
	s.limits.processes = 7;
	run_ok(&s);
	check_end(BOX_EXITED, 7);
}

static void test_fork_bomb(void **state)
{
	struct box_spec s = new_spec("bomb", "");

	(void)state;
	s.limits.cpu_us = s.limits.wall_us = SECOND / 2;
	run_ok(&s);
	CHECK(report.end == BOX_CPU_LIMIT || report.end == BOX_WALL_LIMIT);
	run_guest("clean", "", BOX_EXITED, FINE);
	CHECK(uid_is_gone());
}

static void test_disk(void **state)
{
	struct box_spec s = new_spec("disk", "files");

	(void)state;
	s.limits.files = 40;
	run_ok(&s);
	check_end(BOX_EXITED, 40);
	s = new_spec("disk", "bytes");
	s.limits.disk_bytes = 10 * MIB;
	s.limits.output_bytes = 2 * MIB;
	run_ok(&s);
	check_end(BOX_EXITED, 10);
	run_guest("clean", "", BOX_EXITED, FINE);
}

/* --------------------------------------------------------- what one run leaves */

static void test_mess(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		run_guest("mess", "", BOX_EXITED, FINE);
		CHECK(uid_is_gone());
		run_guest("clean", "", BOX_EXITED, FINE);
	}
}

/* Not even that the last run was there. */
static void test_trace(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		run_guest("trace", "", BOX_EXITED, FINE);
		run_guest("untouched", "", BOX_EXITED, FINE);
	}
}

/* ----------------------------------------------------------- what is handed over */

static void test_descriptors(void **state)
{
	int extra[20];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(extra); i++)
		extra[i] = open("/etc/passwd", O_RDONLY);	/* without O_CLOEXEC */
	run_guest("descriptors", "", BOX_EXITED, FINE);
	for (size_t i = 0; i < ARRAY_SIZE(extra); i++)
		io_close(extra[i]);
}

static void test_streams(void **state)
{
	struct box_spec s = new_spec("streams", "");

	(void)state;
	s.stdin_fd = io_memfd("in", "input", 5);
	s.stdout_fd = io_memfd("out", "what another printed", 20);
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	/* Our own offset has not moved: the same input again. */
	CHECK_INT(lseek(s.stdin_fd, 0, SEEK_CUR), 0);
	io_close(s.stdin_fd);
	io_close(s.stdout_fd);
}

/* As a blob is: a file of the host that the box's uid may not open. */
static void test_private_input(void **state)
{
	struct box_spec s = new_spec("streams", "");
	char path[] = "/tmp/judgefs-unit-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	CHECK(fd >= 0);
	CHECK_INT(io_write(fd, "input", 5), 0);
	CHECK_INT(fchmod(fd, 0640), 0);
	CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
	s.stdin_fd = fd;
	s.stdout_fd = io_memfd("out", "", 0);
	run_ok(&s);
	unlink(path);
	check_end(BOX_EXITED, FINE);
	io_close(fd);
	io_close(s.stdout_fd);
}

static void test_own_program(void **state)
{
	struct box_spec s = new_spec("own_program", "");
	int from = own_exe, fd = io_memfd("exe", "", 0);

	(void)state;
	CHECK(io_copy(fd, from) > 0);
	s.exe_fd = fd;
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	io_close(fd);
}

/* A folder would be a way out. */
static void test_unfit_streams(void **state)
{
	static const struct { const char *path; int flags, r; } rows[] = {
		{ "/",			O_RDONLY | O_DIRECTORY,	-EISDIR },
		{ "/",			O_PATH,			-EISDIR },
		{ "/etc/passwd",	O_PATH,			-EBADF },
	};
	static const size_t fields[] = {
		offsetof(struct box_spec, stdin_fd), offsetof(struct box_spec, stdout_fd),
		offsetof(struct box_spec, stderr_fd), offsetof(struct box_spec, exe_fd),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(fields); i++) {
		size_t row = i % ARRAY_SIZE(rows);
		int fd = open(rows[row].path, rows[row].flags | O_CLOEXEC);
		struct box_spec s = new_spec("exit", "0");

		*(int *)((char *)&s + fields[i / ARRAY_SIZE(rows)]) = fd;
		CHECK_INT(run_spec(&s, NULL), rows[row].r);
		io_close(fd);
	}
	run_guest("exit", "0", BOX_EXITED, 0);
}

/* Who may but read a file without a name has no program write to it, nor the other way round. */
static void test_rights_of_streams(void **state)
{
	static const struct { size_t field; int flags, r; } rows[] = {
		{ offsetof(struct box_spec, stdin_fd),	O_RDONLY,	0 },
		{ offsetof(struct box_spec, stdin_fd),	O_WRONLY,	-EACCES },
		{ offsetof(struct box_spec, stdout_fd),	O_WRONLY,	0 },
		{ offsetof(struct box_spec, stdout_fd),	O_RDONLY,	-EACCES },
		{ offsetof(struct box_spec, stderr_fd),	O_RDONLY,	-EACCES },
		{ offsetof(struct box_spec, exe_fd),	O_WRONLY,	-EACCES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int file = io_memfd("file", "", 0), fd;
		struct box_spec s = new_spec("exit", "0");
		char path[40];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
		fd = open(path, rows[i].flags | O_CLOEXEC);
		CHECK(fd >= 0);
		*(int *)((char *)&s + rows[i].field) = fd;
		CHECK_INT(run_spec(&s, NULL), rows[i].r);
		io_close(fd);
		io_close(file);
	}
}

/* What a client hands over may say that it is larger than all memory there is. */
static void test_too_large(void **state)
{
	int file = io_memfd("file", "", 0);
	struct box_file f = { .name = "f", .fd = file, .mode = 0444 };
	struct box_spec s = new_spec("exit", "0");

	(void)state;
	CHECK_INT(ftruncate(file, INT64_MAX / 4096 * 4096), 0);
	s.files = &f;
	s.nfiles = 1;
	CHECK_INT(run_spec(&s, NULL), -EFBIG);
	s = new_spec("exit", "0");
	s.stdin_fd = file;
	CHECK_INT(run_spec(&s, NULL), -EFBIG);
	io_close(file);
	run_guest("exit", "0", BOX_EXITED, 0);
}

static void test_place(void **state)
{
	int fd = io_memfd("x", "hello", 5);
	struct box_file files[] = {
		{ .name = "sub/in.txt", .fd = fd, .mode = 0444 },
		{ .name = "top", .fd = fd, .mode = 0555 },
		{ .name = "feedback", .fd = -1, .mode = S_IFDIR | 0777 },
	};
	struct box_spec s = new_spec("placed", "");

	(void)state;
	s.files = files;
	s.nfiles = ARRAY_SIZE(files);
	s.limits.files = 1;		/* what is placed does not count */
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	run_guest("clean", "", BOX_EXITED, FINE);
	io_close(fd);
}

static void test_bad_names(void **state)
{
	static const char *const names[] = {
		"", "/", "/etc/x", "..", "../x", "a/../b", "./a", "a//b", "a/", ".",
	};
	int fd = io_memfd("x", "x", 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct box_file file = { .name = (char *)names[i], .fd = fd, .mode = 0444 };
		struct box_spec s = new_spec("exit", "0");
		struct diag diag = { 0 };

		s.files = &file;
		s.nfiles = 1;
		CHECK_INT(run_spec(&s, &diag), -EINVAL);
		CHECK_HAS(diag.text, "can not be placed");
	}
	io_close(fd);
	run_guest("clean", "", BOX_EXITED, FINE);
}

static void test_collect(void **state)
{
	static const struct { const char *name, *content; mode_t mode; } want[] = {
		{ "B", "top", 0555 }, { "a/b/c.txt", "deep", 0444 }, { "twice", "top", 0555 },
	};
	int placed = io_memfd("x", "hello", 5);
	struct box_file file = { .name = "placed.txt", .fd = placed, .mode = 0444 };
	struct box_spec s = new_spec("collected", "");

	(void)state;
	s.files = &file;
	s.nfiles = 1;
	s.collect = true;
	s.limits.output_bytes = 128 * MIB;
	run_ok(&s);
	check_end(BOX_EXITED, FINE);
	CHECK_INT(report.nfiles, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct buf b = { 0 };

		CHECK_TEXT(report.files[i].name, want[i].name);
		CHECK_INT(report.files[i].mode, want[i].mode);
		CHECK_INT(report.files[i].size, strlen(want[i].content));
		CHECK_INT(io_read_fd(report.files[i].fd, 100, &b), 0);
		CHECK_TEXT(buf_text(&b), want[i].content);
		buf_release(&b);
	}
	io_close(placed);
	run_guest("clean", "", BOX_EXITED, FINE);
}

/* --------------------------------------------------------------- client and box */

static void test_bad_specs(void **state)
{
	static const struct { size_t offset; const char *why; } limits[] = {
		{ offsetof(struct box_limits, cpu_us), "CPU time" },
		{ offsetof(struct box_limits, wall_us), "wall time" },
		{ offsetof(struct box_limits, memory_bytes), "memory" },
		{ offsetof(struct box_limits, output_bytes), "output" },
		{ offsetof(struct box_limits, processes), "processes" },
		{ offsetof(struct box_limits, files), "files" },
		{ offsetof(struct box_limits, disk_bytes), "disk" },
	};
	struct diag diag = { 0 };
	struct box_spec s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		for (int64_t bad = -1; bad <= 0; bad++) {
			s = new_spec("exit", "0");
			*(int64_t *)((char *)&s.limits + limits[i].offset) = bad;
			report.code = -7;
			CHECK_INT(run_spec(&s, &diag), -EINVAL);
			CHECK_HAS(diag.text, limits[i].why);
			CHECK_INT(report.code, -7);
		}
	}
	s = new_spec("exit", "0");
	s.profile = "root";
	CHECK_INT(run_spec(&s, &diag), -EINVAL);
	CHECK_HAS(diag.text, "root");
	s = new_spec("exit", "0");
	CHECK_INT(strv_add(&s.env, "NOVALUE"), 0);
	CHECK_INT(run_spec(&s, &diag), -EINVAL);
	s = new_spec("exit", "0");
	strv_release(&s.argv);
	CHECK_INT(run_spec(&s, &diag), -EINVAL);
	run_guest("exit", "0", BOX_EXITED, 0);
}

/* The operator's maxima are the last word. */
static void test_clamp(void **state)
{
	struct box_spec s = new_spec("spin", "");

	(void)state;
	s.limits = (struct box_limits){ INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
					INT64_MAX, INT64_MAX };
	run_ok(&s);
	check_end(BOX_CPU_LIMIT, -1);
	CHECK(report.cpu_us < 2 * settings.max_cpu_us);
}

static void test_cancel(void **state)
{
	struct box_spec s = new_spec("sleep", "");
	uint64_t one = 1;

	(void)state;
	s.cancel_fd = eventfd(0, EFD_CLOEXEC);
	CHECK_INT(write(s.cancel_fd, &one, sizeof(one)), sizeof(one));
	run_ok(&s);
	check_end(BOX_CANCELLED, -1);
	io_close(s.cancel_fd);
	run_guest("clean", "", BOX_EXITED, FINE);
}

static void *run_sleeper(void *arg)
{
	struct box_spec s = new_spec("sleep", "");

	(void)arg;
	return (void *)(intptr_t)run_spec(&s, NULL);
}

/* Everything dies with judgefs-box, however it dies; the next one clears up. */
static void test_box_killed(void **state)
{
	pthread_t thread;
	void *r = NULL;

	(void)state;
	CHECK_INT(pthread_create(&thread, NULL, run_sleeper, NULL), 0);
	wait_until(uid_is_there, "the program runs");
	CHECK_INT(kill(box_pid, SIGKILL), 0);
	pthread_join(thread, &r);
	CHECK_INT((intptr_t)r, -EPIPE);
	wait_until(uid_is_gone, "the program is dead");
	CHECK(WIFSIGNALED(stop_box()));
	CHECK(group_exists());		/* nobody was there to remove it */
	start_box();
	run_guest("clean", "", BOX_EXITED, FINE);
}

/* The client goes away in the middle of a run. */
static void test_client_gone(void **state)
{
	struct diag diag = { 0 };
	int sock = -1, status = -1;
	pid_t client, pid = -1;

	(void)state;
	CHECK_INT(stop_box(), 0);
	CHECK_INT(box_spawn(&settings, SLOT, &sock, &pid, &diag), 0);
	client = fork();
	if (client == 0) {
		CHECK_INT(box_connect(sock, &box), 0);
		run_sleeper(NULL);
		_exit(0);
	}
	io_close(sock);
	wait_until(uid_is_there, "the program runs");
	kill(client, SIGKILL);
	CHECK_INT(waitpid(client, NULL, 0), client);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	CHECK(uid_is_gone());
	CHECK(!group_exists());
	start_box();
}

static void test_one_per_uid(void **state)
{
	struct diag diag = { 0 };
	int sock = -1;
	pid_t pid;

	(void)state;
	CHECK_INT(box_spawn(&settings, SLOT, &sock, &pid, &diag), -EBUSY);
	CHECK_INT(sock, -1);
	run_guest("exit", "0", BOX_EXITED, 0);
}

/* Nor one group: of two root directories, say, with locks of their own. */
static void test_one_per_group(void **state)
{
	struct box_settings s = settings;
	struct diag diag = { 0 };
	int sock = -1;
	pid_t pid;

	(void)state;
	s.first_uid += 1000;
	CHECK_INT(box_spawn(&s, SLOT, &sock, &pid, &diag), -EBUSY);
	run_guest("exit", "0", BOX_EXITED, 0);
}

static void test_end_of_box(void **state)
{
	char name[256] = "";

	(void)state;
	CHECK_INT(gethostname(name, sizeof(name) - 1), 0);
	CHECK_TEXT(name, host_name);
	CHECK_INT(stop_box(), 0);
	CHECK(!group_exists());
	CHECK(uid_is_gone());
	start_box();
}

static void test_sweep(void **state)
{
	(void)state;
	kill(box_pid, SIGKILL);
	stop_box();
	CHECK(group_exists());
	CHECK_INT(box_sweep(group, NULL), 0);
	CHECK(!group_exists());
	CHECK_INT(box_sweep(group, NULL), 0);
	start_box();
}

static void test_can_not_start(void **state)
{
	struct box_settings s = settings;
	struct diag diag = { 0 };
	int sock = -1;
	pid_t pid;

	(void)state;
	s.program = "/nonexistent/judgefs-box";
	CHECK_INT(box_spawn(&s, 1, &sock, &pid, &diag), -ENOENT);
	CHECK_HAS(diag.text, "/nonexistent/judgefs-box");
	s = settings;
	s.cgroup = "../x";
	CHECK(box_spawn(&s, SLOT, &sock, &pid, &diag) < 0);
	CHECK_INT(sock, -1);
}

/* A bind that would cover the cell's root, or what is above its place. */
static void test_bad_binds(void **state)
{
	static const char *const binds[] = {
		"/usr/..", "/usr/../etc", "/usr/..:/x", "/usr:/../x", "/usr:/x/..", "/usr:x", "usr",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(binds); i++) {
		struct box_settings s = settings;
		struct diag diag = { 0 };
		int sock = -1;
		pid_t pid;

		s.binds = (struct strv){ 0 };
		CHECK_INT(strv_add(&s.binds, binds[i]), 0);
		CHECK_INT(box_spawn(&s, SLOT + 1, &sock, &pid, &diag), -EINVAL);
		CHECK_HAS(diag.text, "can not be bound");
		strv_release(&s.binds);
	}
}

static int descriptors_at_rest;

/* A slow host may have it make one more cell, and each has some for itself. */
#define OF_CELLS	40

static bool is_at_rest(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd", box_pid);
	return entries(path) <= descriptors_at_rest + OF_CELLS;
}

/* Descriptors of judgefs-box: many runs leave no more of them than one. */
static void test_no_leak(void **state)
{
	char path[64];

	(void)state;
	run_guest("mess", "", BOX_EXITED, FINE);
	run_guest("exit", "0", BOX_EXITED, 0);
	snprintf(path, sizeof(path), "/proc/%d/fd", box_pid);
	descriptors_at_rest = entries(path);
	for (int i = 0; i <= OF_CELLS + 5; i++) {
		run_guest("exit", "0", BOX_EXITED, 0);
		run_guest("mess", "", BOX_EXITED, FINE);
	}
	wait_until(is_at_rest, "judgefs-box has closed all that it opened");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_cpu_limit),
		cmocka_unit_test(test_cpu_limit_of_threads),
		cmocka_unit_test(test_cpu_time),
		cmocka_unit_test(test_wall_limit),
		cmocka_unit_test(test_memory_limit),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_oom_score),
		cmocka_unit_test(test_output_limit),
		cmocka_unit_test(test_output_to_the_limit),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_fork_bomb),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_mess),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_private_input),
		cmocka_unit_test(test_own_program),
		cmocka_unit_test(test_unfit_streams),
		cmocka_unit_test(test_rights_of_streams),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_collect),
		cmocka_unit_test(test_bad_specs),
		cmocka_unit_test(test_clamp),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_no_leak),
		cmocka_unit_test(test_box_killed),
		cmocka_unit_test(test_client_gone),
		cmocka_unit_test(test_one_per_uid),
		cmocka_unit_test(test_one_per_group),
		cmocka_unit_test(test_end_of_box),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_can_not_start),
		cmocka_unit_test(test_bad_binds),
	};

	if (boxed_begin("box", argc, argv, guests, ARRAY_SIZE(guests)))
		return 0;
	return cmocka_run_group_tests_name("box", tests, set_up, tear_down);
}
