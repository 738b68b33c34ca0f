#!/usr/bin/python3
"""Where one verdict ends and the next begins: programs that measure their own CPU time and
memory, just under and just over each limit, ten times each. How loaded the host is does not
matter. No daemon, no mount."""
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

lib.need_root()

SCRATCH = tempfile.mkdtemp(prefix="borders-test.")
TIMES = 10
CHEAP = 3			# of what takes a second each

HEAD = """#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define MIB (1 << 20)
/* Of all processes: the clock of the group, as near as a program can know it. */
static long cpu_ms(void) { struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000; }
static void burn(long ms) { while (cpu_ms() < ms) ; }
static void nap(long ms) { struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	while (nanosleep(&t, &t) < 0 && errno == EINTR) ; }
static void touch(void *at, size_t n) { for (size_t i = 0; i < n; i += 4096) ((volatile char *)at)[i] = 1; }
static void *heap(size_t n) { return mmap(0, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void print(long n) { static char b[65536]; while (n > 0) { long k = n < 65536 ? n : 65536;
	if (write(1, b, k) < 0) return; n -= k; } }
"""
C_HEAD = HEAD + "static void unused(void) { (void)burn; (void)nap; (void)touch; (void)heap; (void)print; (void)unused; }\n"


def judged(name, source, limits, times, *, check="bytes", answer=""):
    """The tests of result.json: the same test @times over."""
    folder = tempfile.mkdtemp(dir=SCRATCH)
    ini = "[limits]\n" + "".join(f"{k} = {v}\n" for k, v in limits.items())
    os.mkdir(f"{folder}/p")
    lib.write(f"{folder}/p/problem.ini", ini + f"[check]\ntype = {check}\n[tests]\ncontinue = yes\n")
    for i in range(times):
        lib.write(f"{folder}/p/{i + 1:02}.in", "")
        lib.write(f"{folder}/p/{i + 1:02}.ans", answer)
    lib.write(f"{folder}/{name}", source)
    done = lib.run([lib.JUDGECTL, "judge", "--json", f"{folder}/p", f"{folder}/{name}"],
                   timeout=4 * lib.PATIENCE)
    shutil.rmtree(folder)
    if "is not available here" in done.stdout:
        raise lib.Skip(done.stdout)
    lib.check(done.stdout.startswith("{"), done.stdout)
    result = json.loads(done.stdout)
    lib.check(result["verdict"] != "CE", result["compiler"])
    return result["tests"]


def all_are(tests, verdict, words):
    """Every one of them has this verdict, and a message with these words."""
    for t in tests:
        lib.equal(t["verdict"], verdict, str(t))
        lib.check(words is None or words in (t["message"] or ""), f"{words!r} is not in {t['message']!r}")


# name, body of main(), verdict, words of its message, limits that differ
C = [
    # ---- CPU time
    ("cpu_under", "burn(360);", "AC", None, {}),
    ("cpu_over", "burn(460);", "TLE", "more than 0.400 s of CPU time", {}),
    ("cpu_endless", "for (;;) ;", "TLE", "more than 0.400 s", {}),
    ("cpu_over_then_crash", "burn(410); abort();", "TLE", "more than 0.400 s", {}),
    ("cpu_over_then_exit_code", "burn(410); return 3;", "TLE", "more than 0.400 s", {}),
    ("cpu_over_then_output", "burn(410); print(2 * MIB);", "TLE", "more than 0.400 s", {}),
    ("cpu_over_then_memory", "burn(410); touch(heap(80 * MIB), 80 * MIB);", "TLE", "more than 0.400 s", {}),
    ("cpu_of_a_thread_after_main", "pthread_t t; pthread_create(&t, 0, (void *(*)(void *))spin, 0); "
     "pthread_exit(0);", "TLE", "more than 0.400 s", {"processes": 2}),
    ("cpu_of_a_child", "if (fork() == 0) for (;;) ; wait(0);", "TLE", "more than 0.400 s",
     {"processes": 2}),
    ("cpu_of_an_orphan", "int p[2]; if (pipe(p)) return 1; if (fork() == 0) { if (fork() == 0) for (;;) ; _exit(0); } "
     "wait(0); close(p[1]); return read(p[0], p, 1);", "TLE", "more than 0.400 s", {"processes": 4}),
    ("cpu_in_the_kernel", "for (;;) fsync(open(\"/dev/zero\", O_RDONLY)), close(3);", "TLE",
     "more than 0.400 s", {}),
    ("cpu_catches_sigxcpu", "signal(SIGXCPU, SIG_IGN); for (;;) ;", "TLE", "more than 0.400 s", {}),
    # ---- wall time
    ("sleeps", "nap(60000);", "ILE", "did not end within 0.800 s, using 0.0", {"wall": "800ms"}),
    ("waits_for_itself", "int p[2]; if (pipe(p)) return 1; return read(p[0], p, 1);", "ILE", "did not end within",
     {"wall": "800ms"}),
    ("stops_itself", "raise(SIGSTOP);", "ILE", "did not end within", {"wall": "800ms"}),
    ("sleeps_then_burns", "nap(300); for (;;) ;", "TLE", "more than 0.400 s", {"wall": "30s"}),
    ("burns_a_little_then_sleeps", "burn(100); nap(60000);", "ILE", "did not end within",
     {"wall": "1500ms"}),
    ("burns_most_then_sleeps", "burn(300); nap(60000);", "TLE", "did not end within",
     {"wall": "1500ms", "confirm": 0}),
    ("sleeps_well_under", "nap(100);", "AC", None, {"wall": "30s"}),
    # ---- memory
    ("heap_under", "touch(heap(56 * MIB), 56 * MIB);", "AC", None, {}),
    ("heap_over", "touch(heap(68 * MIB), 68 * MIB);", "MLE", "used more than 64 MiB", {}),
    ("malloc_over", "for (;;) { char *p = malloc(MIB); if (!p) return 1; touch(p, MIB); }", "MLE",
     "used more than 64 MiB", {}),
    ("mapped_and_not_touched", "return heap(1L << 33) == MAP_FAILED;", "AC", None, {}),
    ("static_under", "touch(fifty, sizeof(fifty));", "AC", None, {}),
    ("static_not_touched", "return large[5];", "AC", None, {}),
    ("static_beyond_the_machine", "extern char beyond[]; __asm__(\".comm beyond, 0x40000000000\"); return beyond[0];",
     "MLE", "its static data alone are", {}),
    ("static_over", "touch(large, sizeof(large));", "MLE", "used more than 64 MiB", {}),
    ("stack_under", "return dive(50);", "AC", None, {}),
    ("stack_over", "return dive(80);", "MLE", "used more than 64 MiB", {}),
    ("stack_endless", "return dive(1 << 30);", "MLE", "used more than 64 MiB", {}),
    ("memory_of_children", "for (int i = 0; i < 4; i++) if (fork() == 0) { touch(heap(20 * MIB), "
     "20 * MIB); pause(); } for (;;) pause();", "MLE", "used more than 64 MiB",
     {"processes": 5, "wall": "800ms"}),
    ("memory_shared", "void *p = mmap(0, 80 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);"
     " touch(p, 80 * MIB);", "MLE", "used more than 64 MiB", {}),
    ("memory_in_files", "int fd = open(\"/dev/shm/x\", O_RDWR | O_CREAT, 0600); static char b[MIB]; "
     "for (int i = 0; i < 80; i++) if (write(fd, b, MIB) != MIB) return 1; return 0;", "MLE",
     "used more than 64 MiB", {"output": "128MiB"}),
    ("memory_and_time", "touch(heap(80 * MIB), 80 * MIB); for (;;) ;", "MLE", "used more than 64 MiB",
     {"time": "2s"}),
    # ---- output
    ("output_exactly", "print(MIB);", "AC", None, {}),
    ("output_one_over", "print(MIB + 1);", "OLE", "printed more than 1 MiB", {}),
    ("output_endless", "for (;;) print(MIB);", "OLE", "printed more than 1 MiB", {}),
    ("output_over_exit_0", "signal(SIGXFSZ, SIG_IGN); print(2 * MIB); return 0;", "OLE",
     "printed more than 1 MiB", {}),
    ("output_over_caught", "signal(SIGXFSZ, quiet); print(2 * MIB); return 0;", "OLE",
     "printed more than 1 MiB", {}),
    ("output_over_exit_3", "signal(SIGXFSZ, SIG_IGN); print(2 * MIB); return 3;", "OLE",
     "printed more than 1 MiB", {}),
    ("stderr_over", "dup2(2, 1); print(2 * MIB);", "OLE", "printed more than 1 MiB", {}),
    ("output_seeks_far", "if (lseek(1, 1L << 40, SEEK_SET) < 0) return 1; print(1);", "OLE",
     "printed more than 1 MiB", {}),
    ("output_grown", "signal(SIGXFSZ, SIG_IGN); if (ftruncate(1, 2 * MIB) < 0) { print(MIB + 1); }", "OLE",
     "printed more than 1 MiB", {}),
    # ---- the program's own end
    ("exit_3", "return 3;", "RE", "exit code 3", {}),
    ("exit_255", "return -1;", "RE", "exit code 255", {}),
    ("exit_like_a_signal", "return 137;", "RE", "exit code 137", {}),
    ("segv", "*(volatile int *)8 = 1;", "RE", "signal 11 (Segmentation fault)", {}),
    ("abort", "abort();", "RE", "signal 6 (Aborted)", {}),
    ("divides", "volatile int a = 7, z = 0; return a / z;", "RE", "signal 8 (Floating point exception)", {}),
    ("kills_itself", "kill(getpid(), SIGKILL);", "RE", "signal 9 (Killed)", {}),
    ("kills_all", "return kill(-1, SIGKILL) == 0;", "AC", None, {}),
    ("kills_its_parent", "return kill(getppid(), SIGKILL) == 0;", "AC", None, {}),
    ("file_too_much_dies", "return fill(\"x\", 40);", "OLE", "more than 1 MiB", {}),
    ("sigxcpu_of_its_own", "raise(SIGXCPU);", "RE", "signal 24 (CPU time limit exceeded)", {}),
    ("sigsys_of_its_own", "raise(SIGSYS);", "RE", "signal 31 (Bad system call)", {}),
    ("sigpipe", "int p[2]; if (pipe(p)) return 1; close(p[0]); return write(p[1], p, 1) < 0;", "RE", "signal 13 (Broken pipe)",
     {}),
    ("null_after_malloc", "volatile size_t n = 1UL << 62; *(volatile char *)malloc(n) = 1;", "RE",
     "signal 11 (Segmentation fault)", {}),
    ("fork_denied", "if (fork() < 0) { perror(\"fork\"); return 1; } return 0;", "RE",
     "exit code 1: no more processes or threads could be started", {}),
    ("file_too_much", "signal(SIGXFSZ, SIG_IGN); return fill(\"x\", 40) == EFBIG ? 5 : 6;", "RE", "exit code 5", {}),
    ("box_full", "char n[9]; for (int i = 0; i < 80; i++) { sprintf(n, \"%d\", i); int e = fill(n, 1); "
     "if (e) return e == ENOSPC ? 5 : 6; } return 7;", "RE", "exit code 5",
     {"files": 100, "memory": "128MiB"}),
    ("files_used_up", "char n[9]; for (int i = 0; i < 80; i++) { sprintf(n, \"%d\", i); "
     "if (open(n, O_WRONLY | O_CREAT, 0600) < 0) return errno == ENOSPC ? 5 : 6; } return 7;", "RE",
     "exit code 5", {"files": 20}),
    ("stdout_closed", "close(1); return printf(\"x\") < 0 || fflush(stdout) != 0;", "RE", "exit code 1", {}),
    # ---- forbidden calls
    ("socket", "socket(AF_INET, SOCK_STREAM, 0);", "SV", "socket() is not allowed", {}),
    ("socket_after_right_output", "print(MIB); socket(AF_INET, SOCK_STREAM, 0);", "SV",
     "socket() is not allowed", {}),
    ("socket_in_a_thread", "pthread_t t; pthread_create(&t, 0, (void *(*)(void *))call, 0); pthread_join(t, 0);",
     "SV", "socket() is not allowed", {"processes": 2}),
    ("socket_in_a_child", "if (fork() == 0) { call(); _exit(0); } wait(0);", "SV", "socket() is not allowed",
     {"processes": 2}),
    ("socket_in_an_orphan", "if (fork() == 0) { if (fork() == 0) { call(); _exit(0); } _exit(0); } wait(0); nap(60000);",
     "SV", "socket() is not allowed", {"processes": 3}),
]

HELPERS = """/* Its errno, when not all of it can be written. */
static int fill(const char *name, long mib) { static char b[MIB]; int fd = open(name, O_WRONLY | O_CREAT, 0600);
	if (fd < 0) return errno;
	for (long n = mib * MIB, k; n > 0; n -= k) if ((k = write(fd, b, n < MIB ? n : MIB)) < 0) return errno;
	close(fd); return 0; }
static char fifty[50 * MIB], large[80 * MIB];
static void spin(void) { for (;;) ; }
static void call(void) { socket(AF_INET, SOCK_STREAM, 0); }
static void quiet(int s) { (void)s; }
static int __attribute__((noinline)) dive(long mib) { volatile char a[MIB]; touch((void *)a, MIB);
	return mib > 1 ? dive(mib - 1) + a[0] - 1 : 0; }
static void unused_too(void) { (void)fifty; (void)large; (void)spin; (void)call; (void)quiet; (void)fill; (void)dive; (void)unused_too; }
"""
LIMITS = {"time": "400ms", "wall": "30s", "memory": "64MiB", "output": "1MiB", "files": 16}


@lib.rows(C)
def border(body, verdict, words, limits):
    times = TIMES if verdict not in ("TLE", "ILE") else CHEAP
    answer = "\0" * (1 << 20) if "print(MIB);" in body else ""
    source = C_HEAD + HELPERS + "int main(void) { " + body + " return 0; }\n"
    source = source.replace("return 0; return 0;", "return 0;")
    all_are(judged("a.c", source, {**LIMITS, **limits}, times, answer=answer), verdict, words)


# ------------------------------------------------------------- a little too slow is run again

def slow(ms):
    return (C_HEAD + "int main(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); "
            f"burn({ms}); return 0; }}\n")


@lib.test
def near_the_limit_is_run_again():
    for t in judged("a.c", slow("410"), LIMITS, CHEAP):
        lib.equal((t["verdict"], t["runs"]), ("TLE", 3), str(t))
        lib.check(400000 < t["cpu_us"] <= t["slowest_us"], t)


@lib.test
def far_from_the_limit_is_not():
    for ms, verdict in (("300", "AC"), ("600", "TLE")):
        for t in judged("a.c", slow(ms), LIMITS, CHEAP):
            lib.equal((t["verdict"], t["runs"], t["slowest_us"]), (verdict, 1, t["cpu_us"]), str(t))


@lib.test
def chance_is_not_slowness():
    """Three of four runs are too slow, by chance: some of these tests need more than one run,
    none of those that were within the limit once is told to be too slow."""
    tests = judged("a.c", slow("(t.tv_nsec / 1000 % 4 ? 410 : 300)"), {**LIMITS, "confirm": 9}, 20)
    for t in tests:
        lib.check(t["cpu_us"] > 400000 if t["verdict"] == "TLE" else t["cpu_us"] < 400000, t)
        lib.check(t["verdict"] == "AC" or t["runs"] == 10, t)
    again = [t for t in tests if t["verdict"] == "AC" and t["runs"] > 1]
    lib.check(again, "no test was run again")
    for t in again:
        lib.check(t["slowest_us"] > 400000, t)


@lib.test
def without_confirm_one_run_decides():
    for t in judged("a.c", slow("410"), {**LIMITS, "confirm": 0}, CHEAP):
        lib.equal((t["verdict"], t["runs"]), ("TLE", 1), str(t))


# ------------------------------------------------------------- what languages say

OTHERS = [
    ("cpp_bad_alloc", "a.cpp", "#include <vector>\nint main() { std::vector<char> v(1L << 40); return v.size() == 0; }\n",
     "MLE", "asked for more than", {}),
    ("cpp_exception", "a.cpp", "#include <stdexcept>\nint main() { throw std::runtime_error(\"x\"); }\n", "RE",
     "signal 6 (Aborted)", {}),
    ("python_memory", "a.py", "x = bytearray(1 << 40)\n", "MLE", "more than", {}),
    ("python_memory_touched", "a.py", "x = b'x' * (1 << 29)\n", "MLE", "used more than", {}),
    ("python_exception", "a.py", "x = 1 // 0\n", "RE", "exit code 1", {}),
    ("python_recursion", "a.py", "def f(n): return f(n + 1) + 1\nf(0)\n", "RE", "exit code 1", {}),
    ("python_exit", "a.py", "import sys\nsys.exit(7)\n", "RE", "exit code 7", {}),
    ("python_sleep", "a.py", "import time\ntime.sleep(60)\n", "ILE", "did not end within", {"time": "1s", "wall": "2s"}),
    ("java_memory", "a.java", "public class Main { public static void main(String[] a) { long[][] x = new long[4096][]; "
     "for (int i = 0; i < 4096; i++) x[i] = new long[1 << 17]; System.out.print(x[7][7]); } }\n", "MLE", "more than", {}),
    ("java_recursion", "a.java", "public class Main { static int f(int n) { return f(n + 1) + 1; } "
     "public static void main(String[] a) { f(0); } }\n", "RE", "exit code 1", {}),
    ("java_exit", "a.java", "public class Main { public static void main(String[] a) { System.exit(5); } }\n", "RE",
     "exit code 5", {}),
    ("node_memory", "a.js", "const a = []; for (;;) a.push(new Array(100000).fill(1.5));\n", "MLE", "more than", {}),
    ("go_panic", "a.go", "package main\nfunc main() { var p *int; *p = 1 }\n", "RE", "exit code 2", {}),
    ("rust_panic", "a.rs", "fn main() { panic!(); }\n", "RE", "exit code 101", {}),
    ("pascal_runtime", "a.pas", "var a: array[1..2] of longint; i, z: longint;\nbegin z := 0; i := 1 div z; writeln(i); end.\n",
     "RE", "exit code 200", {}),
]


@lib.rows(OTHERS)
def language(name, source, verdict, words, limits):
    limits = {"time": "5s", "memory": "128MiB", "output": "1MiB", **limits}
    all_are(judged(name, source, limits, CHEAP), verdict, words)


try:
    lib.main()
finally:
    shutil.rmtree(SCRATCH, ignore_errors=True)
