/*
 * box, what a run is charged: as much as it used, however it uses it. Needs root.
 *
 * CPU time is compared with the program's own clocks, never with time on the wall.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "tests/unit/boxed.h"

#define WORK_US		INT64_C(100000)
#define PARTS		4

/* ------------------------------------------------------------------ in the box */

static int64_t used_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return clock_us(t);
}

/* Until this process, or thread, has used so much. */
static void burn(clockid_t clock, int64_t us)
{
	while (used_us(clock) < us)
		;
}

static void *burn_thread(void *us)
{
	burn(CLOCK_THREAD_CPUTIME_ID, *(int64_t *)us);
	return NULL;
}

static void threads(int64_t us)
{
	pthread_t t[PARTS];

	us /= PARTS;
	for (int i = 0; i < PARTS; i++)
		if (pthread_create(&t[i], NULL, burn_thread, &us))
			_exit(BAD);
	for (int i = 0; i < PARTS; i++)
		pthread_join(t[i], NULL);
}

static void single(int64_t us)
{
	burn(CLOCK_PROCESS_CPUTIME_ID, us);
}

static void children(int64_t us)
{
	for (int i = 0; i < PARTS; i++) {
		if (fork() == 0) {
			burn(CLOCK_PROCESS_CPUTIME_ID, us / PARTS);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
}

static void ignored(int64_t us)
{
	signal(SIGCHLD, SIG_IGN);
	children(us);
}

/* Nobody waits for who works, but the end of a pipe. */
static void orphan(int64_t us)
{
	int done[2];
	char c;

	if (pipe(done) < 0)
		_exit(BAD);
	if (fork() == 0) {
		if (fork() == 0) {
			burn(CLOCK_PROCESS_CPUTIME_ID, us);
			_exit(0);
		}
		_exit(0);
	}
	close(done[1]);
	if (read(done[0], &c, 1) != 0)
		_exit(BAD);
}

static const struct { const char *name; void (*work)(int64_t us); } shapes[] = {
	{ "single", single }, { "threads", threads }, { "children", children },
	{ "ignored", ignored }, { "orphan", orphan },
};

/* NAME: so much work; or a number: until so many us are used in all. */
static int guest_work(const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		if (strcmp(shapes[i].name, arg) == 0) {
			shapes[i].work(WORK_US);
			return FINE;
		}
	}
	single(atoll(arg));
	return FINE;
}

static void touch(char *p, size_t len)
{
	if (!p || p == MAP_FAILED)
		_exit(BAD);
	for (size_t i = 0; i < len; i += 4096)
		((volatile char *)p)[i] = 1;
}

static char in_bss[20 * MIB];

static void bss(size_t len)
{
	touch(in_bss, len);
}

static void heap(size_t len)
{
	touch(malloc(len), len);
}

static void stack(size_t len)
{
	volatile char room[20 * MIB];

	touch((char *)room, len);
}

static void shared(size_t len)
{
	touch(mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), len);
}

static void write_all(int fd, size_t len)
{
	static char part[64 << 10];

	for (size_t i = 0; i < len; i += sizeof(part))
		if (write(fd, part, sizeof(part)) != sizeof(part))
			_exit(BAD);
}

static void memfd(size_t len)
{
	write_all(memfd_create("x", 0), len);
}

/* What it writes to its own place is its own memory. */
static void file(size_t len)
{
	write_all(open("/tmp/x", O_WRONLY | O_CREAT, 0600), len);
}

static void nothing(size_t len)
{
	(void)len;
}

static void output(size_t len)
{
	write_all(1, len);
}

/* What was placed for it is the judge's. */
static void placed(size_t len)
{
	static char part[64 << 10];
	int fd = open("placed", O_RDONLY);
	size_t got = 0;
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0)
		got += n;
	if (got != len)
		_exit(BAD);
}

static void input(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ, MAP_SHARED, 0, 0);
	char sum = 0;

	if (p == MAP_FAILED)
		_exit(BAD);
	for (size_t i = 0; i < len; i += 4096)
		sum += ((volatile char *)p)[i];
	if (sum != 0)
		_exit(BAD);
}

static const struct kind {
	const char *name;
	void (*use)(size_t len);
	bool own;			/* is it charged? */
} kinds[] = {
	{ "heap", heap, true },		{ "stack", stack, true },	{ "bss", bss, true },
	{ "shared", shared, true },	{ "memfd", memfd, true },	{ "file", file, true },
	{ "nothing", nothing, false },	{ "output", output, false },	{ "placed", placed, false },
	{ "input", input, false },
};

static int guest_use(const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, arg) == 0) {
			kinds[i].use(20 * MIB);
			return FINE;
		}
	}
	return BAD;
}

static const struct guest guests[] = { GUEST(work), GUEST(use) };

/* --------------------------------------------------------------- outside of it */

/* A sanitizer's start and end are part of each process. */
static void test_cpu_of_shapes(void **state)
{
	int64_t empty;

	(void)state;
	run_guest("work", "0", BOX_EXITED, FINE);
	empty = report.cpu_us;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		int64_t most = WORK_US * 105 / 100 + (PARTS + 1) * empty + 5000;
		int64_t us = least_cpu_us("work", shapes[i].name, most);

		if (us < WORK_US || us > most)
			fail_msg("%s: %lld us (empty: %lld)", shapes[i].name, (long long)us,
				 (long long)empty);
	}
}

/* What judgefs-box and init do for a run is not in it: not even where they have much to do. */
static void test_cpu_of_judge(void **state)
{
	int fd = io_memfd("x", "", 0);
	struct box_file file = { .name = "placed", .fd = fd, .mode = 0444 };
	int64_t empty = 0;

	(void)state;
	CHECK_INT(ftruncate(fd, 20 * MIB), 0);
	for (int i = 0; i < 6; i++) {
		struct box_spec s = new_spec("work", "0");

		s.files = &file;
		s.nfiles = i % 2;
		run_ok(&s);
		check_end(BOX_EXITED, FINE);
		if (i % 2 == 0)
			empty = report.cpu_us;
		else if (report.cpu_us > 3 * empty + 5000)
			fail_msg("%lld us, without files %lld", (long long)report.cpu_us, (long long)empty);
	}
	io_close(fd);
}

/* Whoever stays below the limit by its own clock is let through; who does not is not. */
static void test_cpu_limit_is_exact(void **state)
{
	static const int64_t limits[] = { 50000, 130000, 210000 };
	int64_t empty;
	char us[32];

	(void)state;
	run_guest("work", "0", BOX_EXITED, FINE);
	empty = report.cpu_us;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct box_spec s;

		snprintf(us, sizeof(us), "%lld", (long long)limits[i]);
		s = new_spec("work", us);
		s.limits.cpu_us = limits[i] + empty + 5000;
		run_ok(&s);
		check_end(BOX_EXITED, FINE);
		s = new_spec("work", "10000000");
		s.limits.cpu_us = limits[i];
		run_ok(&s);
		check_end(BOX_CPU_LIMIT, -1);
		if (report.cpu_us < limits[i])
			fail_msg("limit %lld: ended at %lld us", (long long)limits[i],
				 (long long)report.cpu_us);
	}
}

static int64_t memory_of(const char *kind, int fd)
{
	struct box_file file = { .name = "placed", .fd = fd, .mode = 0444 };
	struct box_spec s = new_spec("use", kind);

	s.limits.output_bytes = s.limits.disk_bytes = 64 * MIB;
	s.stdin_fd = fd;
	s.stdout_fd = io_memfd("out", "", 0);
	CHECK_INT(fallocate(s.stdout_fd, FALLOC_FL_KEEP_SIZE, 0, 20 * MIB), 0);
	s.files = &file;
	s.nfiles = strcmp(kind, "placed") == 0;
	run_ok(&s);
	io_close(s.stdout_fd);
	check_end(BOX_EXITED, FINE);
	return report.memory_bytes;
}

/* What a kernel that always gives huge pages may give too much, once for each area. */
static int64_t huge_page(void)
{
	int fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
	char modes[64] = "";
	bool always = fd >= 0 && read(fd, modes, sizeof(modes) - 1) > 0 && strstr(modes, "[always]");

	io_close(fd);
	return always ? 2 * MIB : 0;
}

static void test_memory_of_kinds(void **state)
{
	const int64_t huge = huge_page();
	int fd = io_memfd("in", "", 0);
	char *held = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int64_t empty;

	(void)state;
	CHECK(held != MAP_FAILED);
	CHECK_INT(fallocate(fd, 0, 0, 20 * MIB), 0);
	memory_of("nothing", fd);
	empty = memory_of("nothing", fd);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int64_t used = memory_of(kinds[i].name, fd) - empty;
		int64_t off = used - (kinds[i].own ? 20 * MIB : 0);

		if (off < -MIB || off > MIB + huge)
			fail_msg("%s: %lld bytes (nothing: %lld)", kinds[i].name, (long long)used,
				 (long long)empty);
	}
	munmap(held, 64 * MIB);
	io_close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpu_of_shapes),
		cmocka_unit_test(test_cpu_of_judge),
		cmocka_unit_test(test_cpu_limit_is_exact),
		cmocka_unit_test(test_memory_of_kinds),
	};

	if (boxed_begin("account", argc, argv, guests, ARRAY_SIZE(guests)))
		return 0;
	return cmocka_run_group_tests_name("account", tests, set_up, tear_down);
}
