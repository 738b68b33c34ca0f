/*
 * syscalls, filter: the filter as a program, which answer each call gets
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "sandbox/filter.h"
#include "sandbox/profiles.h"
#include "sandbox/syscalls.h"
#include "tests/unit/check.h"

/* What the kernel would make of it: an interpreter for the few instructions that are used. */
static uint32_t verdict(const struct sock_fprog *p, uint32_t arch, uint32_t nr, int arg,
			uint64_t value)
{
	struct seccomp_data d = { .nr = nr, .arch = arch };
	uint32_t a = 0, scratch[BPF_MEMWORDS] = { 0 };

	d.args[arg] = value;
	for (size_t pc = 0; pc < p->len; pc++) {
		const struct sock_filter *f = &p->filter[pc];
		bool yes = false;

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			CHECK(f->k + 4 <= sizeof(d));
			memcpy(&a, (char *)&d + f->k, 4);
			continue;
		case BPF_LD | BPF_MEM:
			a = scratch[f->k];
			continue;
		case BPF_ST:
			scratch[f->k] = a;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JA:
			pc += f->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= f->k;
			break;
		default:
			fail_msg("instruction %#x is not known to this test", f->code);
		}
		pc += yes ? f->jt : f->jf;
	}
	fail_msg("the filter has no end");
	return 0;
}

#define X32		0x40000000
#define FORBIDDEN	SECCOMP_RET_USER_NOTIF
#define ALLOWED		SECCOMP_RET_ALLOW
#define ERRNO(e)	(SECCOMP_RET_ERRNO | (e))

static const struct {
	const char *profile;
	uint32_t arch, nr;
	int arg;
	uint64_t value;			/* of that argument; the others are 0 */
	uint32_t verdict;
} calls[] = {
	{ "run", AUDIT_ARCH_X86_64, SYS_read, 0, 0, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_exit_group, 0, 0, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_statx, 0, 0, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_ptrace, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_mount, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_keyctl, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_shmget, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_bpf, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_unshare, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_seccomp, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_open_by_handle_at, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_connect, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_INET, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_VSOCK, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_UNIX, ERRNO(EAFNOSUPPORT) },
	/* The upper half, which the kernel does not look at, must not open a way. */
	{ "run", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_INET | 1ULL << 32, FORBIDDEN },
	{ "compile", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_INET, ERRNO(EAFNOSUPPORT) },
	{ "compile", AUDIT_ARCH_X86_64, SYS_ptrace, 0, 0, FORBIDDEN },
	{ "checker", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_INET, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_clone, 0, 0x1200011, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_clone, 0, CLONE_NEWUSER, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_clone, 0, CLONE_NEWNET, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_clone, 0, CLONE_NEWNS | 1ULL << 32, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_clone3, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, SYS_io_uring_setup, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, SYS_setresuid, 0, 0, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_setgroups, 0, 0, ERRNO(EPERM) },
	/* Nothing about an inode of the host that others can see or change. */
	{ "run", AUDIT_ARCH_X86_64, SYS_flock, 0, 0, ERRNO(ENOLCK) },
	{ "compile", AUDIT_ARCH_X86_64, SYS_flock, 0, 0, ERRNO(0) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_SETLK, ERRNO(0) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_SETLKW, ERRNO(ENOLCK) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_OFD_SETLK, ERRNO(ENOLCK) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_OFD_SETLKW, ERRNO(ENOLCK) },
	{ "compile", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_OFD_SETLKW, ERRNO(0) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_GETLK, ERRNO(EOPNOTSUPP) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_OFD_GETLK, ERRNO(EOPNOTSUPP) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_SETLEASE, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_GETLEASE, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_NOTIFY, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_SETOWN, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_SETPIPE_SZ, ERRNO(EINVAL) },
	/* The kernel looks at the lower half alone: such a lease would be one. */
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_SETLEASE | 1ULL << 32, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_SETLK | 1ULL << 32, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_GETFL, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_fcntl, 1, F_DUPFD_CLOEXEC, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_statfs, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fstatfs, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fadvise64, 3, 4, ERRNO(0) },
	{ "run", AUDIT_ARCH_X86_64, SYS_readahead, 0, 0, ERRNO(0) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fsync, 0, 0, ERRNO(0) },
	{ "run", AUDIT_ARCH_X86_64, SYS_sync, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, SYS_inotify_add_watch, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, SYS_fanotify_init, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_preadv2, 5, RWF_HIPRI, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_preadv2, 5, RWF_NOWAIT | RWF_HIPRI, ERRNO(EOPNOTSUPP) },
	{ "run", AUDIT_ARCH_X86_64, SYS_mincore, 1, 0x3fffffff, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_mincore, 1, 1 << 30, ERRNO(ENOMEM) },
	{ "run", AUDIT_ARCH_X86_64, SYS_mincore, 1, 1ULL << 46, ERRNO(ENOMEM) },
	{ "run", AUDIT_ARCH_X86_64, SYS_madvise, 2, MADV_DONTNEED, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_madvise, 2, MADV_MERGEABLE, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_madvise, 2, MADV_MERGEABLE | 1ULL << 32, ERRNO(EINVAL) },
	{ "run", AUDIT_ARCH_X86_64, SYS_ioctl, 1, TCGETS, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_ioctl, 1, TIOCSTI, ERRNO(ENOTTY) },
	{ "run", AUDIT_ARCH_X86_64, SYS_ioctl, 1, TIOCSTI | 1ULL << 32, ERRNO(ENOTTY) },
	{ "run", AUDIT_ARCH_X86_64, SYS_socketpair, 0, AF_UNIX, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_socketpair, 0, AF_TIPC, ERRNO(EAFNOSUPPORT) },
	{ "run", AUDIT_ARCH_X86_64, SYS_setsockopt, 0, 0, ERRNO(ENOPROTOOPT) },
	{ "run", AUDIT_ARCH_X86_64, SYS_sched_setscheduler, 1, SCHED_OTHER, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_sched_setscheduler, 1, SCHED_FIFO, ERRNO(EPERM) },
	{ "step", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_INET, ERRNO(EAFNOSUPPORT) },
	{ "step", AUDIT_ARCH_X86_64, SYS_mount, 0, 0, FORBIDDEN },
	{ "interactor", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_INET, FORBIDDEN },
	{ "interactor", AUDIT_ARCH_X86_64, SYS_ptrace, 0, 0, FORBIDDEN },
	{ "generator", AUDIT_ARCH_X86_64, SYS_socket, 0, AF_INET, FORBIDDEN },
	{ "generator", AUDIT_ARCH_X86_64, SYS_read, 0, 0, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_prctl, 0, PR_SET_NAME, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_prctl, 0, PR_SET_SECCOMP, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_prctl, 0, PR_SET_MM, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, SYS_mmap, 3, MAP_PRIVATE | MAP_ANONYMOUS, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_mmap, 3, MAP_ANONYMOUS | MAP_HUGETLB, ERRNO(ENOMEM) },
	{ "run", AUDIT_ARCH_X86_64, SYS_memfd_create, 1, MFD_CLOEXEC, ALLOWED },
	{ "run", AUDIT_ARCH_X86_64, SYS_memfd_create, 1, MFD_HUGETLB, ERRNO(ENOMEM) },
	{ "run", AUDIT_ARCH_X86_64, 450, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, 511, 0, 0, ERRNO(ENOSYS) },
	{ "run", AUDIT_ARCH_X86_64, 512, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, 0xffffffff, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, X32 | SYS_read, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_X86_64, X32 | SYS_getpid, 0, 0, FORBIDDEN },
	{ "run", AUDIT_ARCH_I386, 3, 0, 0, FORBIDDEN },	/* read */
	{ "run", AUDIT_ARCH_I386, 1, 0, 0, FORBIDDEN },	/* exit */
	{ "run", AUDIT_ARCH_AARCH64, 63, 0, 0, FORBIDDEN },
};

/* What the rules say, without a program. */
static uint32_t answer_of(const struct filter_rule *rules, size_t n, int nr, const uint64_t *args)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].nr == nr && (args[rules[i].arg] & rules[i].mask) == rules[i].value)
			return rules[i].answer;
	return FORBIDDEN;
}

/* Rules of every shape by chance, but the same ones at every run. */
static size_t some_rules(unsigned int seed, struct filter_rule *ret, size_t max)
{
	static const uint64_t masks[] = { 0, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0x10, 0xff00000000,
					  0x80000000f };
	size_t n = rand_r(&seed) % max;

	for (size_t i = 0; i < n; i++) {
		struct filter_rule *r = &ret[i];

		*r = (struct filter_rule){ .nr = rand_r(&seed) % (seed & 1 ? 8 : FILTER_NUMBERS) };
		r->arg = rand_r(&seed) % 2;
		r->mask = masks[rand_r(&seed) % ARRAY_SIZE(masks)];
		r->value = rand_r(&seed) % 4 | (uint64_t)(rand_r(&seed) % 2) << 35;
		r->value &= r->mask;
		r->answer = rand_r(&seed) % 2 ? ALLOWED : ERRNO(rand_r(&seed) % 3 + 1);
	}
	return n;
}

static void test_filter_is_its_rules(void **state)
{
	static const uint64_t values[] = { 0, 1, 2, 3, 0x10, 0x800000000, 0x800000001, UINT64_MAX };
	static struct filter_rule rules[600];

	(void)state;
	for (unsigned int seed = 0; seed < 60; seed++) {
		size_t n = some_rules(seed, rules, seed % 2 ? 600 : 40);
		struct sock_fprog p = { 0 };

		CHECK_INT(filter_build(AUDIT_ARCH_X86_64, rules, n, FORBIDDEN, &p), 0);
		for (int nr = -1; nr < FILTER_NUMBERS + 2; nr++) {
			for (size_t i = 0; i < ARRAY_SIZE(values) * 2; i++) {
				uint64_t args[6] = { 0 };
				uint32_t got;

				args[i % 2] = values[i / 2];
				got = verdict(&p, AUDIT_ARCH_X86_64, nr, i % 2, values[i / 2]);
				if (got != answer_of(rules, n, nr, args))
					fail_msg("seed %u: call %d(%zu: %#llx): %#x", seed, nr, i % 2,
						 (unsigned long long)values[i / 2], got);
			}
		}
		CHECK_INT(verdict(&p, AUDIT_ARCH_I386, 3, 0, 0), FORBIDDEN);
		free(p.filter);
	}
}

static void test_bad_rules(void **state)
{
	static const struct filter_rule bad[] = {
		{ .nr = -1 }, { .nr = FILTER_NUMBERS }, { .nr = 1, .arg = 6 }, { .nr = 1, .arg = -1 },
	};
	struct sock_fprog p = { .len = 7 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_INT(filter_build(AUDIT_ARCH_X86_64, &bad[i], 1, FORBIDDEN, &p), -EINVAL);
	CHECK_INT(p.len, 7);
	CHECK_INT(filter_build(AUDIT_ARCH_X86_64, NULL, 0, FORBIDDEN, &p), 0);
	CHECK_INT(verdict(&p, AUDIT_ARCH_X86_64, 0, 0, 0), FORBIDDEN);
	free(p.filter);
}

static void test_filter(void **state)
{
#ifdef __x86_64__
	(void)state;
	CHECK_INT(profiles_init(NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const struct profile *p = profile_find(calls[i].profile);
		uint32_t got = verdict(p->filter, calls[i].arch, calls[i].nr, calls[i].arg,
				       calls[i].value);

		if (got != calls[i].verdict)
			fail_msg("%s: call %u of %#x (%#llx): %#x, not %#x", calls[i].profile,
				 calls[i].nr, calls[i].arch, (unsigned long long)calls[i].value, got,
				 calls[i].verdict);
	}
	CHECK(profile_find("root") == NULL);
	profiles_release();
#else
	(void)state;
	skip();
#endif
}

static void test_call_names(void **state)
{
	static const struct { uint32_t arch; int nr; const char *name; } rows[] = {
		{ AUDIT_ARCH_X86_64, 41, "socket" },
		{ AUDIT_ARCH_X86_64, 101, "ptrace" },
		{ AUDIT_ARCH_X86_64, 41 | X32, "x32 socket" },
		{ AUDIT_ARCH_I386, 5, "i386 open" },
		{ AUDIT_ARCH_X86_64, 100000, "syscall 100000" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[32];

		syscalls_name(rows[i].arch, rows[i].nr, name, sizeof(name));
		CHECK_TEXT(name, rows[i].name);
	}
}

/* Only a program of the host counts as a runtime. */
static void test_probes(void **state)
{
	static const struct { int nr; const char *exe; int error; } rows[] = {
		{ SYS_socket, "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", EAFNOSUPPORT },
		{ SYS_ptrace, "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", 0 },
		{ SYS_socket, "/usr/bin/python3.11", 0 },
		{ SYS_socket, "/box/java", 0 },
		{ SYS_socket, "/tmp/x/bin/java", 0 },
		{ SYS_socket, "/dev/shm/java", 0 },
		{ SYS_socket, "/memfd:java (deleted)", 0 },
		{ SYS_socket, "/memfd:x/java", 0 },
		{ SYS_socket, "java", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(syscalls_probe(AUDIT_ARCH_X86_64, rows[i].nr, rows[i].exe), rows[i].error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_is_its_rules),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_call_names),
		cmocka_unit_test(test_probes),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
