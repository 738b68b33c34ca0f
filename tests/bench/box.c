/*
 * box - the same work by turns, in a warm box and bare: what each turn took
 *
 *	box [-c CORE] [-n ROUNDS] [-w WARM_UP] WAY [: WAY]...
 *	box -t MS ...				throughput: every core at once, a turn lasts so long
 *
 *	WAY:	box|bare [OPTION=N]... PROGRAM [ARGUMENT]...
 *	in=BYTES out=BYTES	a standard input of so much; so much output is expected
 *	cpu=MS wall=MS memory=MIB output=MIB disk=MIB processes=N files=N
 *	rest=MS			before the turn, which does not count
 *	hold=MIB		memory that this process, in a worker's place, has touched meanwhile
 *
 * Round robin, so that whatever else the host does meets all ways. As in a judge that pins, this
 * process, the box and its runs share a core, and the bare ones do too. For each turn one line:
 *
 *	{"way":0,"us":N,"end":"exited","code":0,"cpu_us":N,"wall_us":N,"memory_bytes":N}
 *	{"way":1,"us":N,"runs":N}		with -t: of all cores
 *
 * "us" is from outside. Statistics are the reader's (tests/bench/harness.py).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/install.h"
#include "base/io.h"
#include "base/units.h"
#include "sandbox/box.h"

#define MAX_WAYS	16
#define MAX_CORES	64
#define MIB		(INT64_C(1) << 20)
#define MS		INT64_C(1000)

struct way {
	bool boxed;
	int64_t in, out, hold, rest_us;
	struct box_limits limits;
	struct strv argv;
	int exe_fd, in_fd;
};

static const struct way default_way = {
	.limits = { .cpu_us = 10000 * MS, .wall_us = 60000 * MS, .memory_bytes = 256 * MIB,
		    .output_bytes = 256 * MIB, .processes = 1, .files = 16, .disk_bytes = 16 * MIB },
	.exe_fd = -1, .in_fd = -1,
};

static const struct { const char *name; size_t offset; int64_t unit; } options[] = {
	{ "in",		offsetof(struct way, in),			1 },
	{ "out",	offsetof(struct way, out),			1 },
	{ "hold",	offsetof(struct way, hold),			MIB },
	{ "rest",	offsetof(struct way, rest_us),			MS },
	{ "cpu",	offsetof(struct way, limits.cpu_us),		MS },
	{ "wall",	offsetof(struct way, limits.wall_us),		MS },
	{ "memory",	offsetof(struct way, limits.memory_bytes),	MIB },
	{ "output",	offsetof(struct way, limits.output_bytes),	MIB },
	{ "disk",	offsetof(struct way, limits.disk_bytes),	MIB },
	{ "processes",	offsetof(struct way, limits.processes),		1 },
	{ "files",	offsetof(struct way, limits.files),		1 },
};

static struct way ways[MAX_WAYS];
static size_t nways;
static int rounds = 100, warm_up = 10, core = -1;
static int64_t turn_us;

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "box: %s: %s\n", what, why);
	exit(1);
}

/* ---------------------------------------------------------------- one run */

struct turn {
	struct box_report report;
	int64_t us, runs;
};

/* As judge/run.c: what a run reads and writes lies in files without a name that are the judge's,
 * so that it is not charged for them. */
static int input_memfd(int64_t bytes)
{
	int fd = io_memfd("input", "", 0);
	char line[64];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int64_t at = 0; at < bytes; at += sizeof(line))
		if (io_pwrite(fd, line, bytes - at < 64 ? bytes - at : 64, at) < 0)
			die("write the input", strerror(errno));
	if (fd < 0 || fchmod(fd, 0444) < 0 || io_memfd_seal(fd) < 0)
		die("make the input", strerror(errno));
	return fd;
}

/* A bare program's output grows as it writes; the judge has it ready. */
static int output_memfd(const struct way *w)
{
	int fd = w->out ? io_memfd("output", "", 0) : -1;

	if (fd >= 0 && w->boxed && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, w->out) < 0)
		die("make room for the output", strerror(errno));
	return fd;
}

static void run_bare(const struct way *w, int out)
{
	pid_t pid = vfork();
	int r;

	if (pid == 0) {
		if (w->in_fd >= 0)
			dup2(w->in_fd, 0);
		dup2(out >= 0 ? out : open("/dev/null", O_WRONLY | O_CLOEXEC), 1);
		execv(w->argv.v[0], w->argv.v);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &r, 0) < 0 || r != 0)
		die(w->argv.v[0], "failed");
}

static void run_boxed(const struct way *w, int out, struct box *box, struct box_report *ret)
{
	struct box_spec spec = {
		.profile = "run", .argv = w->argv, .exe_fd = w->exe_fd, .stdin_fd = w->in_fd,
		.stdout_fd = out, .stderr_fd = -1, .cancel_fd = -1, .limits = w->limits,
	};
	struct diag diag = { "" };

	if (box_run(box, &spec, ret, &diag) < 0)
		die(w->argv.v[0], diag.text);
	box_report_release(ret);
}

static void run_once(const struct way *w, struct box *box, struct turn *ret)
{
	int out;

	if (w->in_fd >= 0)
		lseek(w->in_fd, 0, SEEK_SET);
	out = output_memfd(w);
	if (w->boxed)
		run_boxed(w, out, box, &ret->report);
	else
		run_bare(w, out);
	io_close(out);
	ret->runs++;
}

static void take_turn(const struct way *w, struct box *box, struct turn *ret)
{
	void *held = NULL;
	int64_t start;

	*ret = (struct turn){ 0 };
	if (w->hold) {
		held = mmap(NULL, w->hold, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (held == MAP_FAILED)
			die("hold memory", strerror(errno));
	}
	if (w->rest_us)
		usleep(w->rest_us);
	start = clock_mono_us();
	do {
		run_once(w, box, ret);
		ret->us = clock_mono_us() - start;
	} while (ret->us < turn_us);
	if (held)
		munmap(held, w->hold);
}

/* ---------------------------------------------------------------- the box */

struct seat {			/* a worker's place */
	struct box *box;
	pid_t pid;
};

static void pin(int to)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(to, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		die("pin", strerror(errno));
}

static void sit_down(struct box_settings *settings, int slot, struct seat *ret)
{
	struct diag diag = { "" };
	int sock = -1;

	pin(settings->core);
	if (box_spawn(settings, slot, &sock, &ret->pid, &diag) < 0 ||
	    box_connect(sock, &ret->box) < 0)
		die("start a box", diag.text);
}

static void get_up(struct seat *s)
{
	box_free(s->box);
	waitpid(s->pid, NULL, 0);
}

static bool any_boxed(void)
{
	for (size_t i = 0; i < nways; i++)
		if (ways[i].boxed)
			return true;
	return false;
}

static void print_turn(size_t way, const struct turn *t)
{
	const struct box_report *r = &t->report;

	printf("{\"way\":%zu,\"us\":%lld", way, (long long)t->us);
	if (turn_us)
		printf(",\"runs\":%lld", (long long)t->runs);
	else if (ways[way].boxed)
		printf(",\"end\":\"%s\",\"code\":%d,\"cpu_us\":%lld,\"wall_us\":%lld,\"memory_bytes\":%lld",
		       box_end_name(r->end), r->code, (long long)r->cpu_us, (long long)r->wall_us,
		       (long long)r->memory_bytes);
	puts("}");
}

static void by_turns(struct box_settings *settings)
{
	struct seat seat = { 0 };
	struct turn turn;

	pin(core);
	settings->core = core;
	if (any_boxed())
		sit_down(settings, 0, &seat);
	for (int i = -warm_up; i < rounds; i++) {
		for (size_t k = 0; k < nways; k++) {
			take_turn(&ways[k], seat.box, &turn);
			if (i >= 0)
				print_turn(k, &turn);
		}
	}
	if (seat.box)
		get_up(&seat);
}

/* -------------------------------------------------------------- throughput */

struct shared {
	pthread_barrier_t all;
	struct turn turn[MAX_CORES];
};

static _Noreturn void one_core(struct box_settings *settings, struct shared *s, int slot, int to)
{
	struct seat seat = { 0 };

	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	settings->core = to;
	sit_down(settings, slot, &seat);
	for (int i = -warm_up; i < rounds; i++) {
		for (size_t k = 0; k < nways; k++) {
			pthread_barrier_wait(&s->all);
			take_turn(&ways[k], seat.box, &s->turn[slot]);
			pthread_barrier_wait(&s->all);
		}
	}
	get_up(&seat);
	_exit(0);
}

static void sum_turns(const struct shared *s, int n, size_t way)
{
	struct turn sum = { 0 };

	for (int i = 0; i < n; i++) {
		sum.runs += s->turn[i].runs;
		sum.us += s->turn[i].us;
	}
	sum.us /= n;
	print_turn(way, &sum);
}

/* The others would wait for it for ever: they die with us. */
static void core_ended(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (info->si_code != CLD_EXITED || info->si_status != 0)
		_exit(1);
}

static void on_all_cores(struct box_settings *settings, const cpu_set_t *cores)
{
	int n = CPU_COUNT(cores) < MAX_CORES ? CPU_COUNT(cores) : MAX_CORES, slot = 0;
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sigaction on_end = { .sa_sigaction = core_ended, .sa_flags = SA_SIGINFO | SA_RESTART };
	pthread_barrierattr_t a;

	sigaction(SIGCHLD, &on_end, NULL);
	pthread_barrierattr_init(&a);
	pthread_barrierattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	if (s == MAP_FAILED || pthread_barrier_init(&s->all, &a, n + 1) != 0)
		die("share memory", strerror(errno));
	for (int c = 0; c < CPU_SETSIZE && slot < n; c++) {
		if (!CPU_ISSET(c, cores))
			continue;
		if (fork() == 0)
			one_core(settings, s, slot, c);
		slot++;
	}
	for (int i = -warm_up; i < rounds; i++) {
		for (size_t k = 0; k < nways; k++) {
			pthread_barrier_wait(&s->all);
			pthread_barrier_wait(&s->all);
			if (i >= 0)
				sum_turns(s, n, k);
		}
	}
	while (wait(NULL) > 0)
		;
}

/* ---------------------------------------------------------------- its words */

static bool set_option(struct way *w, const char *word)
{
	size_t len = strcspn(word, "=");
	int64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strlen(options[i].name) != len || memcmp(options[i].name, word, len) != 0)
			continue;
		if (word[len] != '=' || parse_count(word + len + 1, &n) < 0)
			die(word, "not understood");
		*(int64_t *)((char *)w + options[i].offset) = n * options[i].unit;
		return true;
	}
	return false;
}

/* The program as the judge has it: in a memfd that nobody can change. */
static int load(const char *program)
{
	int from = open(program, O_RDONLY | O_CLOEXEC), fd = io_memfd("exe", "", 0);

	if (from < 0 || fd < 0 || io_copy(fd, from) < 0 || io_memfd_seal(fd) < 0)
		die(program, strerror(errno));
	io_close(from);
	return fd;
}

static int read_way(int argc, char **argv, int at)
{
	struct way *w = &ways[nways];

	if (nways == MAX_WAYS)
		die("ways", "too many");
	*w = default_way;
	w->boxed = strcmp(argv[at], "box") == 0;
	if (!w->boxed && strcmp(argv[at], "bare") != 0)
		die(argv[at], "neither box nor bare");
	at++;
	while (at < argc && set_option(w, argv[at]))
		at++;
	for (; at < argc && strcmp(argv[at], ":") != 0; at++)
		if (strv_add(&w->argv, argv[at]) < 0)
			die("memory", strerror(ENOMEM));
	if (w->argv.n == 0)
		die("way", "no program");
	if (w->boxed)
		w->exe_fd = load(w->argv.v[0]);
	if (w->in)
		w->in_fd = input_memfd(w->in);
	nways++;
	return at + 1;
}

static void read_words(int argc, char **argv)
{
	int64_t n;
	int opt;

	while ((opt = getopt(argc, argv, "+c:n:w:t:")) != -1) {
		if (opt == '?' || parse_count(optarg, &n) < 0)
			exit(2);
		if (opt == 'c')
			core = n;
		else if (opt == 'n')
			rounds = n;
		else if (opt == 'w')
			warm_up = n;
		else
			turn_us = n * MS;
	}
	while (optind < argc)
		optind = read_way(argc, argv, optind);
	if (nways == 0) {
		fputs("usage: box [-c CORE] [-n ROUNDS] [-w WARM_UP] [-t MS] WAY [: WAY]...\n", stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct box_settings settings = { 0 };
	struct diag diag = { "" };
	char *program = NULL, cgroup[64];
	cpu_set_t cores;

	read_words(argc, argv);
	/* Others may measure at the same time; a judge may be up. */
	snprintf(cgroup, sizeof(cgroup), "judgefs-bench-%d", (int)getpid());
	if (box_settings_default(&settings) < 0 ||
	    install_program("judgefs-box", &program, &diag) < 0)
		die("settings", diag.text);
	settings.program = program;
	settings.cgroup = cgroup;
	settings.first_uid = 30000000 + getpid() % 100000 * 256;
	if (sched_getaffinity(0, sizeof(cores), &cores) < 0)
		die("cores", strerror(errno));
	if (core < 0)
		core = sched_getcpu();
	if (turn_us)
		on_all_cores(&settings, &cores);
	else
		by_turns(&settings);
	box_sweep(settings.cgroup, &diag);
	box_settings_release(&settings);
	free(program);
	return 0;
}
