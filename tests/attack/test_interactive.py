#!/usr/bin/python3
"""Programs against interactors, and interactors that are broken, through `judgectl judge`: who is
to blame, and is it the same one every time? A row is a pair, run again and again."""
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

lib.need_root()

SCRATCH = tempfile.mkdtemp(prefix="interactive-test.")
AGAIN = 20		# of what ends at once
SLOWLY = 3		# of what ends by a limit

HEAD = """#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
static void say(const char *words) { puts(words); fflush(stdout); }
static char word[64];
static int hear(void) { return scanf("%63s", word) == 1; }
static int heard(const char *what) { return hear() && strcmp(word, what) == 0; }
static void spin(void) { for (volatile long i = 0;; i++); }
static void wait_long(void) { for (;;) pause(); }
static void eat(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }
"""
NOTE = """static char *feedback;
static void note(const char *name, const char *words) {
  char path[256]; FILE *f;
  snprintf(path, sizeof(path), "%s%s", feedback, name);
  f = fopen(path, "w"); if (!f) exit(9); fputs(words, f); fclose(f); }
"""


def program(body):
    return HEAD + "int main(void) { " + body + " return 0; }\n"


def interactor(body):
    return HEAD + NOTE + "int main(int argc, char **argv) { if (argc < 4) return 8; " \
        "feedback = argv[3]; note(\"started\", \"\"); " + body + " }\n"


# What programs do; each is told a number and asked for its double, three times.
DOUBLE = 'while (hear() && strcmp(word, "bye") != 0) { printf("%d\\n", 2 * atoi(word)); fflush(stdout); }'
ONCE = 'hear(); printf("%d\\n", 2 * atoi(word)); fflush(stdout);'
# What interactors do.
ASK = """for (int i = 1; i <= 3; i++) { int n; printf("%d\\n", i); fflush(stdout);
  if (scanf("%d", &n) != 1 || n != 2 * i) return 43; }"""
REST = 'if (hear()) return 43; return 42;'
FAIR = ASK + 'say("bye");' + REST

# name, interactor, program, verdict, and of its one test: how the message begins, what staff is told
EITHER_IS_TO_BLAME = [
    ("honest", FAIR, DOUBLE, "AC", None, None),
    ("honest_first_to_end", ASK + 'say("bye"); return 42;', DOUBLE, "AC", None, None),
    ("wrong", FAIR, ONCE + 'say("5");' + DOUBLE, "WA", None, None),

    # Last words to one that has left.
    ("does_not_hear_the_end", FAIR, ONCE * 3, "AC", None, None),
    ("ends_before_it_is_told_much", ASK + "for (int i = 0; i < 100000; i++) say(\"more\");" + REST,
     ONCE * 3, "AC", None, None),
    ("talks_on", ASK + "return 42;", DOUBLE + 'say("thanks"); say("and bye");', "AC", None, None),
    ("talks_to_nobody", "return 42;", 'for (int i = 0; i < 100; i++) say("hello");', "AC", None, None),
    ("floods_nobody", "return 42;", 'for (;;) say("hello");', "AC", None, None),
    ("floods_nobody_rejected", "return 43;", 'for (;;) say("hello");', "WA", None, None),
    ("exits_when_nobody_hears", "return 43;", 'signal(SIGPIPE, SIG_IGN); while (puts("x") > 0 && '
     'fflush(stdout) == 0); return 5;', "WA", None, None),

    # The program breaks down, and all that the interactor sees is its end.
    ("crashes", FAIR, ONCE + "abort();", "RE", "killed by signal 6", None),
    ("exits_1", FAIR, ONCE + "return 3;", "RE", "exit code 3", None),
    ("crashes_at_once", FAIR, "abort();", "RE", "killed by signal 6", None),
    ("kills_itself_by_a_pipe", FAIR, "raise(SIGPIPE);", "RE", "killed by signal 13", None),
    ("kills_everything", FAIR, "kill(-1, SIGKILL);" + DOUBLE, "AC", None, None),
    ("is_not_killed_by_the_interactor", "kill(-1, SIGKILL);" + FAIR, DOUBLE, "AC", None, None),
    ("goes_to_the_network", FAIR, ONCE + "socket(AF_INET, SOCK_STREAM, 0);", "SV",
     "socket() is not allowed", None),
    ("crashes_after_the_end", FAIR, DOUBLE + "abort();", "RE", "killed by signal 6", None),
    ("fails_after_the_end", ASK + 'say("bye"); return 42;', DOUBLE + "return 3;", "RE", "exit code 3",
     None),
    ("leaves_at_once", FAIR, "", "WA", None, None),

    # What was rejected stays so.
    ("crashes_when_rejected", "return 43;", "while (hear()); abort();", "WA", None, None),
    ("exits_when_rejected", "return 43;", "while (hear()); return 3;", "WA", None, None),
    ("crashes_by_last_words", 'say("-1"); return 43;', 'if (heard("-1")) { while (hear()); abort(); }',
     "WA", None, None),

    # The program's end is too much for the interactor.
    ("leaves_and_it_aborts", "say(\"1\"); if (!hear()) abort(); return 42;", "", "WA",
     "ended before", "was killed by signal 6"),
    ("leaves_and_it_exits", "if (!hear()) return 1; return 42;", "hear;", "WA",
     "ended before", "ended with status 1"),
    ("leaves_and_its_pipe_breaks", "if (!hear()) raise(SIGPIPE); return 42;", "", "WA",
     "ended before", "was killed by signal 13"),
    ("crashes_and_it_aborts", "if (!hear()) abort(); return 42;", "abort();", "RE",
     "killed by signal 6", "was killed by signal 6"),
    ("closes_stdout_and_it_aborts", "if (!hear()) abort(); return 42;", "fclose(stdout); hear();",
     "WA", "ended before", "was killed by signal 6"),

    # Ends of one stream only.
    ("closes_stdout", FAIR, ONCE + "fclose(stdout); while (hear());", "WA", None, None),
    ("closes_stdout_when_done", FAIR, DOUBLE + "fclose(stdout);", "AC", None, None),
    ("closes_stdin", 'say("1"); say("2");' + "return heard(\"x\") ? 42 : 43;", "fclose(stdin); "
     'say("x");', "AC", None, None),
    ("interactor_closes_stdout", ASK + "fclose(stdout);" + REST, DOUBLE, "AC", None, None),
    ("answers_after_the_end_of_input", 'say("3"); fclose(stdout); return heard("1") && !hear() ? 42 : 43;',
     'int n = 0; while (hear()) n++; printf("%d\\n", n);', "AC", None, None),
    ("keeps_the_pipe_open", FAIR, ONCE * 3 + "if (fork() == 0) for (;;) pause();", "AC", None, None),
    ("opens_its_pipes_again", FAIR, 'int a = open("/dev/stdin", O_WRONLY), b = open("/dev/stdout", '
     'O_RDONLY); if (a < -1 || b < -1) return 1;' + DOUBLE, "AC", None, None),

    # stderr is no answer; what is written there is for nobody else.
    ("says_it_on_stderr", 'say("1"); return heard("2") ? 42 : 43;', 'hear(); fputs("2\\n", stderr);', "WA",
     None, None),
    ("hears_no_stderr_of_the_interactor", 'fputs("secret\\n", stderr); say("open"); return heard("open") ? '
     "42 : 43;", "hear(); say(word);", "AC", None, None),
]

BROKEN = [
    ("exits_0", ASK + "return 0;", DOUBLE, "JE", None, "ended with status 0, not 42 or 43"),
    ("exits_1", ASK + "return 1;", DOUBLE, "JE", None, "ended with status 1, not 42 or 43"),
    ("aborts", 'say("1"); hear(); abort();', DOUBLE, "JE", None, "was killed by signal 6"),
    ("aborts_and_the_program_crashes", "abort();", "while (hear()); abort();", "JE", None,
     "was killed by signal 6"),
    ("aborts_and_the_program_fails", "abort();", "if (!hear()) return 1;", "JE", None,
     "was killed by signal 6"),
    ("aborts_and_the_program_talks", "abort();", 'for (;;) say("x");', "JE", None,
     "was killed by signal 6"),
    ("spins", "spin();", DOUBLE, "JE", None, "took longer than 1 s"),
    ("eats", "eat();", DOUBLE, "JE", None, "took more memory than"),
    ("goes_to_the_network", "socket(AF_INET, SOCK_STREAM, 0);", DOUBLE, "JE", None,
     "called socket(), which is not allowed"),
    ("fills_its_log", "FILE *f = fopen(\"/box/feedback/judgemessage.txt\", \"w\"); "
     "while (fputs(\"more\", f) > 0); return 42;", DOUBLE, "JE", None, "wrote more than"),
]

# Ended by a limit.
LIMITS = [
    ("spins", FAIR, "spin();", "TLE", "used more than", None),
    ("spins_after_the_end", FAIR, DOUBLE + "fclose(stdout); spin();", "TLE", "used more than", None),
    ("spins_when_rejected", "return 43;", "spin();", "WA", None, None),
    ("spins_not_heard", "return 42;", "signal(SIGPIPE, SIG_IGN); for (;;) say(\"x\");", "TLE",
     "used more than", None),
    ("spins_and_it_aborts", "if (!hear()) abort(); return 42;", "spin();", "TLE", "used more than",
     "was killed by signal 6"),
    ("eats", FAIR, ONCE + "eat();", "MLE", "used more than", None),
    ("floods", "while (hear()); return 43;", "for (;;) fwrite(word, 1, sizeof(word), stdout);", "OLE",
     "printed more than", None),
    ("floods_stderr", FAIR, 'for (;;) fputs("flood", stderr);', "OLE", "printed more than", None),
    ("flood_is_too_much_for_it", "char *p = NULL; size_t n = 0; while (getdelim(&p, &n, 7, stdin) > 0); "
     "abort();", "for (;;) say(\"flood\");", "OLE", "printed more than", "was killed by signal 6"),
    # The interactor tells it everything, and it does not listen.
    ("is_flooded", "for (;;) say(\"flood\");", "", "WA", "ended before", "took longer than"),
    ("spins_on_the_end", "if (!hear()) spin(); return 42;", "", "WA", "ended before",
     "took longer than"),
]

# Whoever waits.
WAITING = [
    ("sleeps", FAIR, "wait_long();", "ILE", "did not end", None),
    ("does_not_flush", FAIR, 'while (hear()) printf("%d\\n", 2 * atoi(word));', "ILE", "did not end", None),
    ("both_wait", "hear(); return 42;", "hear();", "ILE", "did not end", None),
    ("waits_after_the_end", "return 42;", "wait_long();", "ILE", "did not end", None),
    ("waits_when_rejected", "return 43;", "wait_long();", "WA", None, None),
    ("waits_and_it_aborts", "if (!hear()) abort(); return 42;", "wait_long();", "ILE", "did not end",
     "was killed by signal 6"),
    ("closes_stdout_and_waits", "if (!hear()) abort(); return 42;", "fclose(stdout); wait_long();", "ILE",
     "did not end", "was killed by signal 6"),
    ("floods_one_that_does_not_listen", "wait_long();", "for (;;) say(\"x\");", "ILE", "did not end", None),
    ("is_flooded_and_waits", "for (int i = 0; i < 300000; i++) say(\"x\"); return hear() ? 43 : 42;",
     "wait_long();", "ILE", "did not end", None),
    ("holds_its_stdin_open", "say(\"1\"); return 42;", 'open("/dev/stdin", O_WRONLY); while (hear());', "ILE",
     "did not end", None),
]


def problem(talk, tests, wall="60s"):
    folder = tempfile.mkdtemp(dir=SCRATCH)
    files = {"problem.yaml": "name: Talk\nvalidation: custom interactive\n"
                             "limits:\n  validation_time: 1\n  validation_memory: 64\n"
                             "  validation_output: 1\n",
             "problem.ini": f"[limits]\ntime = 300ms\nwall = {wall}\nmemory = 32MiB\noutput = 256KiB\n"
                            "processes = 4\n[tests]\ncontinue = yes\n",
             "output_validators/interactor.c": interactor(talk)}
    for i in range(tests):
        files[f"data/secret/{i}.in"] = files[f"data/secret/{i}.ans"] = ""
    for name, content in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        lib.write(f"{folder}/{name}", content)
    return folder


def judge(folder, name, source):
    """What `judgectl judge` says: result.json, and a function for what it tells staff."""
    path = os.path.join(tempfile.mkdtemp(dir=SCRATCH), name)
    lib.write(path, source)
    got = lib.run([lib.JUDGECTL, "judge", "--json", folder, path])
    try:
        return json.loads(got.stdout), lambda: lib.run([lib.JUDGECTL, "judge", folder, path]).stdout
    except ValueError:
        raise lib.Failed(got.stdout)


def blame(times, talk, source, verdict, message, staff, wall="60s"):
    result, said = judge(problem(talk, times, wall), "a.c", program(source))
    # A judge error ends the judging.
    tests = [t for t in result["tests"] if t["verdict"] != "SK"]
    lib.equal({t["verdict"] for t in tests}, {verdict},
              str([t["message"] for t in tests if t["verdict"] != verdict][:3]))
    lib.equal(len(tests), 1 if verdict == "JE" else times)
    for t in tests:
        if message:
            lib.starts(t["message"] or "", message)
        else:
            lib.check(t["message"] is None, t["message"])
    if staff:
        lib.check(f"interactor {staff}" in said(), said())
        lib.check("interactor was" not in json.dumps(result), "students are told the cause")


@lib.rows(EITHER_IS_TO_BLAME)
def pair(talk, source, verdict, message, staff):
    blame(AGAIN, talk, source, verdict, message, staff)


@lib.rows(BROKEN)
def broken_interactor(talk, source, verdict, message, staff):
    for told in [None] * (SLOWLY - 1) + [staff]:
        blame(1, talk, source, verdict, message, told)


@lib.rows(LIMITS)
def limit(talk, source, verdict, message, staff):
    blame(SLOWLY, talk, source, verdict, message, staff)


@lib.rows(WAITING)
def waiting(talk, source, verdict, message, staff):
    blame(SLOWLY, talk, source, verdict, message, staff, wall="500ms")


@lib.test
def python_is_not_to_blame_for_a_broken_pipe():
    result, _ = judge(problem("return 42;", AGAIN), "a.py", "for i in range(1000): print('hello')\n")
    lib.equal({t["verdict"] for t in result["tests"]}, {"AC"})


@lib.test
def what_the_interactor_uses_is_not_the_programs():
    uses = "char *p = malloc(40 << 20); memset(p, 1, 40 << 20); " \
           "for (clock_t end = clock() + CLOCKS_PER_SEC * 7 / 10; clock() < end;);"
    result, _ = judge(problem(uses + FAIR, 1), "a.c", program(DOUBLE))
    lib.equal(result["verdict"], "AC")
    lib.check(result["cpu_us"] < 300000 and result["memory_bytes"] < 32 << 20, result["tests"])


@lib.test
def it_says_why():
    notes = 'hear(); note("teammessage.txt", "for you\\n"); note("judgemessage.txt", "for staff\\n"); '
    for end, verdict in (("return 42;", "AC"), ("return 43;", "WA")):
        result, said = judge(problem(notes + end, 1), "a.c", program('say("x");'))
        lib.equal((result["verdict"], result["tests"][0]["message"]), (verdict, "for you"))
        lib.check("for staff" in said() and "for staff" not in json.dumps(result), said())


@lib.test
def neither_sees_the_other():
    def look(path):
        return f'if (open("{path}", O_RDONLY) >= 0) return 45;'
    result, _ = judge(problem(look("/box/a.c") + FAIR, SLOWLY), "a.c",
                      program(look("/box/judge.in") + look("/box/feedback") + DOUBLE))
    lib.equal(result["verdict"], "AC", str(result["tests"]))


try:
    lib.main()
finally:
    shutil.rmtree(SCRATCH, ignore_errors=True)
