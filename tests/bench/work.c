/*
 * work - what the programs that are measured do: work WHAT [N]
 *
 * Static, so that a run has no more to it than its work.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB		(1L << 20)
#define PARTS		4

static char big[256 * MIB];
static volatile uint64_t sink;

static int check(int holds)
{
	if (!holds)
		exit(1);
	return 0;
}

/* ---------------------------------------------------- N steps of equal work */

static void burn(long n)
{
	uint64_t x = 88172645463325252;

	for (long i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	sink = x;
}

static void *burn_part(void *n)
{
	burn(*(long *)n);
	return NULL;
}

/* How many steps take N ms. */
static void calibrate(long ms)
{
	struct timespec from, to;
	long n = 1000000;
	double took;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < 50; i++)
		burn(n);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	took = (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6;
	printf("%.0f\n", 50 * n / took * ms);
}

static void threads(long n)
{
	pthread_t t[PARTS];

	n /= PARTS;
	for (int i = 0; i < PARTS; i++)
		check(pthread_create(&t[i], NULL, burn_part, &n) == 0);
	for (int i = 0; i < PARTS; i++)
		pthread_join(t[i], NULL);
}

static void reaped(long n)
{
	for (int i = 0; i < PARTS; i++) {
		if (fork() == 0) {
			burn(n / PARTS);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
}

static void ignored(long n)
{
	signal(SIGCHLD, SIG_IGN);	/* wait() ends when all are gone; none is ever reaped */
	reaped(n);
}

/* Its parent is gone before it begins. */
static void orphan(long n)
{
	int ready[2], done[2];
	char c = 0;

	check(pipe(ready) == 0 && pipe(done) == 0);
	if (fork() == 0) {
		if (fork() == 0) {
			close(done[0]);
			check(read(ready[0], &c, 1) == 1);
			burn(n);
			_exit(0);
		}
		_exit(0);
	}
	wait(NULL);
	close(done[1]);
	check(write(ready[1], &c, 1) == 1);
	check(read(done[0], &c, 1) == 0);
}

static void forever(long n)
{
	for (;;)
		burn(1000 + n);
}

/* ------------------------------------------------------- N MiB of memory */

static void touch(char *at, long bytes)
{
	check(at != NULL && at != MAP_FAILED);
	for (long i = 0; i < bytes; i += 4096)
		((volatile char *)at)[i] = 1;
}

static void heap(long n)
{
	touch(malloc(n * MIB), n * MIB);
}

static void bss(long n)
{
	touch(big, n * MIB);
}

static void anonymous(long n)
{
	touch(mmap(NULL, n * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	      n * MIB);
}

static void memfd(long n)
{
	int fd = memfd_create("work", 0);

	check(fd >= 0 && ftruncate(fd, n * MIB) == 0);
	touch(mmap(NULL, n * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), n * MIB);
}

static void stack(long n)
{
	char room[64 * 1024];

	touch(room, sizeof(room));
	if (n > (long)sizeof(room))
		stack(n - sizeof(room));
	sink = room[0];			/* no tail call */
}

static void stack_mib(long n)
{
	stack(n * MIB);
}

/* ------------------------------------------------------- streams */

static void copy(long n)
{
	static char part[64 * 1024];
	ssize_t len;

	(void)n;
	while ((len = read(0, part, sizeof(part))) > 0)
		check(write(1, part, len) == len);
}

static void eat(long n)
{
	static char part[64 * 1024];

	(void)n;
	while (read(0, part, sizeof(part)) > 0)
		;
}

static void tell(long n)
{
	static char part[64 * 1024];

	memset(part, 'x', sizeof(part));
	for (; n > 0; n -= sizeof(part))
		check(write(1, part, sizeof(part)) == sizeof(part));
}

/* ------------------------------------------------------- a messy run, and the one after it */

static void make_file(const char *folder, int i)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/file%d", folder, i);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	check(fd >= 0 && write(fd, path, sizeof(path)) == sizeof(path));
	close(fd);
}

/* N processes stay behind, 1000 files, and shared memory. */
static void messy(long n)
{
	int fd;

	for (int i = 0; i < 1000; i++)
		make_file(i % 2 ? "/tmp" : "/box", i);
	fd = open("/dev/shm/left", O_RDWR | O_CREAT, 0600);
	check(fd >= 0 && ftruncate(fd, MIB) == 0);
	touch(mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MIB);
	for (long i = 0; i < n; i++)
		if (fork() == 0)
			for (;;)
				pause();
}

static int entries(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	check(d != NULL);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Fails when it is not alone in an empty place: . and .., no process but init and it. */
static void look(long n)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	int processes = 0;

	(void)n;
	while (proc && (e = readdir(proc)))
		processes += e->d_name[0] >= '0' && e->d_name[0] <= '9';
	check(processes <= 2 && entries("/box") == 2 && entries("/tmp") == 2 &&
	      entries("/dev/shm") == 2);
}

static const struct {
	const char *name;
	void (*run)(long n);
} all[] = {
	{ "calibrate", calibrate }, { "single", burn }, { "threads", threads },
	{ "reaped", reaped }, { "ignored", ignored }, { "orphan", orphan },
	{ "forever", forever },
	{ "heap", heap }, { "stack", stack_mib }, { "bss", bss }, { "mmap", anonymous },
	{ "memfd", memfd },
	{ "copy", copy }, { "eat", eat }, { "tell", tell },
	{ "messy", messy }, { "look", look },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(*all); i++) {
		if (strcmp(all[i].name, argv[1]) == 0) {
			all[i].run(argc > 2 ? atol(argv[2]) : 0);
			return 0;
		}
	}
	return 2;
}
