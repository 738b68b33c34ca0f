#!/usr/bin/python3
"""`judgectl judge`: a small program for each verdict, in every language of this host, on the
example problems and on packages made here. No daemon, no mount."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

lib.need_root()

APLUSB = os.path.join(lib.TOP, "examples/problems/aplusb")
HELLO = os.path.join(lib.TOP, "examples/problems/hello")
SCRATCH = tempfile.mkdtemp(prefix="judge-test.")

C = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"


def judge(problem, sources, *options):
    """(exit status, result.json's object or None, what was said) of `judgectl judge --json`."""
    folder = tempfile.mkdtemp(dir=SCRATCH)
    paths = []
    for name, content in sources.items():
        paths.append(os.path.join(folder, name))
        lib.write(paths[-1], content)
    done = lib.run([lib.JUDGECTL, "judge", "--json", *options, problem, *paths])
    try:
        result = json.loads(done.stdout)
    except ValueError:
        result = None
    shutil.rmtree(folder)
    return done.returncode, result, done.stdout


def verdict_is(problem, name, content, wanted, *options):
    status, result, said = judge(problem, {name: content}, *options)
    if status == 2 and "is not available here" in said:
        raise lib.Skip(said)
    lib.check(result, f"exit {status}: {said}")
    lib.equal(result["verdict"], wanted, said[:600])
    lib.equal(status, {"AC": 0, "JE": 2}.get(wanted, 1), "exit status")
    lib.equal(len(result["tests"]), len(result["detail"]), "tests and detail")
    return result


# ------------------------------------------------------------- languages

SOLUTIONS = [
    ("c", "a.c", lib.APLUSB_C),
    ("cpp", "a.cpp", "#include <iostream>\nint main() { long long a, b; std::cin >> a >> b; "
                     "std::cout << a + b << std::endl; }\n"),
    ("python3", "a.py", lib.APLUSB_PY),
    ("java", "a.java", """import java.util.Scanner;
/* public class Not */
public class Sum { public static void main(String[] args) {
  Scanner in = new Scanner(System.in); System.out.println(in.nextLong() + in.nextLong()); } }
"""),
    ("java_package", "x.java", """package a.b;
class Helper { static long add(long a, long b) { return a + b; } }
public class Main { public static void main(String[] args) {
  java.util.Scanner in = new java.util.Scanner(System.in);
  System.out.println(Helper.add(in.nextLong(), in.nextLong())); } }
"""),
    ("javascript", "a.js", "const [a, b] = require('fs').readFileSync('/dev/stdin', 'utf8')"
                           ".split(/\\s+/).map(BigInt);\nconsole.log((a + b).toString());\n"),
    ("go", "a.go", 'package main\nimport "fmt"\nfunc main() { var a, b int64; '
                   'fmt.Scan(&a, &b); fmt.Println(a + b) }\n'),
    ("rust", "a.rs", "use std::io::*;\nfn main() { let mut s = String::new(); "
                     "stdin().read_to_string(&mut s).unwrap(); let v: Vec<i64> = "
                     "s.split_whitespace().map(|x| x.parse().unwrap()).collect(); "
                     'println!("{}", v[0] + v[1]); }\n'),
    ("pascal", "a.pas", "var a, b: int64;\nbegin read(a, b); writeln(a + b); end.\n"),
]


@lib.rows(SOLUTIONS)
def accepted(name, content):
    result = verdict_is(APLUSB, name, content, "AC")
    lib.equal({t["verdict"] for t in result["tests"]}, {"AC"})
    lib.check(result["cpu_us"] > 0, "no time was measured")
    lib.check(not result["compiler"], result["compiler"])


BROKEN = [
    ("c", "a.c", "int main(void) { return x; }\n"),
    ("c_no_main", "a.c", "int f(void) { return 1; }\n"),
    ("cpp", "a.cpp", "int main() { std::cout << 1; }\n"),
    ("python3", "a.py", "def f(:\n"),
    ("java", "a.java", "public class Main { int x = ; }\n"),
    ("javascript", "a.js", "let x = ;\n"),
    ("go", "a.go", "package main\nfunc main() { x := 1 }\n"),
    ("rust", "a.rs", "fn main() { let x: i32 = \"\"; }\n"),
    ("pascal", "a.pas", "begin writeln(x) end.\n"),
    ("huge_array", "a.c", "main[-1u] = {1};\n"),
    ("includes_itself", "a.c", "#include __FILE__\nint main(void) { return 0; }\n"),
    ("endless_template", "a.cpp", "template<int N> struct A { typename A<N + 1>::t t; };\n"
                                  "int main() { A<1> x; }\n"),
    ("reads_shadow", "a.c", '__asm__(".incbin \\"/etc/shadow\\"\\n");\n'
                            "int main(void) { return 0; }\n"),
    ("binary_garbage", "a.c", bytes(range(256)) * 40),
]


@lib.rows(BROKEN)
def compile_error(name, content):
    result = verdict_is(APLUSB, name, content, "CE")
    lib.check(result["compiler"], "the compiler said nothing")
    lib.equal({t["verdict"] for t in result["tests"]}, {"SK"})


@lib.test
def endless_words_of_a_compiler_are_cut():
    line = "\x1b\x01\x02" * 300
    for source in ("int main(void) {\n" + f'char *p = 1; "{line}";\n' * 200,
                   "#error " + "\x01" * 200000 + "\n"):
        result = verdict_is(APLUSB, "a.c", source, "CE")
        text = result["compile"]["text"]
        lib.check(len(text.encode()) < 70000, f"{len(text)} characters")
        lib.check("\x1b" not in text and "\x01" not in text, "control characters")


@lib.test
def compiled_but_no_binary():
    languages = tempfile.mkdtemp(dir=SCRATCH)
    lib.write(languages + "/nothing.ini", "[language]\nsuffixes = c\ncompile = true {sources}\n"
                                          "exe = main\nrun = {exe}\ntools = true\n")
    result = verdict_is(APLUSB, "a.c", "x", "CE", "--languages", languages)
    lib.equal(result["compile"]["message"], "the compiler succeeded but left no 'main'")


@lib.test
def compiled_to_something_else():
    result = verdict_is(APLUSB, "a.go", "package notmain\n", "CE")
    lib.check("not a program" in result["compile"]["message"], result["compile"])


# ------------------------------------------------------------- ends of a program

ENDS = [
    ("wrong", "a.c", C + 'int main(void) { puts("0"); }\n', "WA"),
    ("nothing_printed", "a.c", C + "int main(void) { return 0; }\n", "WA"),
    ("more_than_asked", "a.c", lib.APLUSB_C.replace("return 0", 'puts("7"); return 0'), "WA"),
    ("exit_code", "a.c", C + "int main(void) { return 3; }\n", "RE"),
    ("segfault", "a.c", C + "int main(void) { *(volatile int *)8 = 1; }\n", "RE"),
    ("abort", "a.c", C + "int main(void) { abort(); }\n", "RE"),
    ("divide", "a.c", C + "int main(void) { volatile int z = 0; return 7 / z; }\n", "RE"),
    ("exception", "a.cpp", "int main() { throw 1; }\n", "RE"),
    ("python_exception", "a.py", "print(undefined_name)\n", "RE"),
    ("java_exception", "A.java", "public class A { public static void main(String[] a) { "
                                 "throw new RuntimeException(); } }\n", "RE"),
    ("spin", "a.c", C + "int main(void) { for (volatile int i = 0;; i++); }\n", "TLE"),
    ("spin_python", "a.py", "while True: pass\n", "TLE"),
    ("spin_java", "A.java", "public class A { public static void main(String[] a) { "
                            "for (long i = 0;; i++) if (i < 0) System.out.print(i); } }\n", "TLE"),
    ("spin_ignoring_signals", "a.c", C + "#include <signal.h>\nint main(void) { for (int i = 1; "
                                     "i < 64; i++) signal(i, SIG_IGN); for (;;); }\n", "TLE"),
    ("sleep", "a.c", C + "int main(void) { sleep(1000); }\n", "ILE"),
    ("wait_for_input", "a.c", C + "int main(void) { for (;;) pause(); }\n", "ILE"),
    ("memory", "a.c", C + "int main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }\n",
     "MLE"),
    ("memory_cpp", "a.cpp", "#include <vector>\nint main() { std::vector<int> v; "
                            "for (;;) v.push_back(1); }\n", "MLE"),
    ("memory_python", "a.py", "x = []\nwhile True: x.append(bytearray(1 << 20))\n", "MLE"),
    ("memory_python_at_once", "a.py", "bytearray(1 << 60)\n", "MLE"),
    ("memory_cpp_at_once", "a.cpp", "#include <vector>\nint main() { volatile long n = 1L << 50; "
                                    "std::vector<char> v(n); return v[1]; }\n", "MLE"),
    ("memory_java", "A.java", "public class A { public static void main(String[] a) { var l = "
                              "new java.util.ArrayList<long[]>(); "
                              "for (;;) l.add(new long[1 << 17]); } }\n", "MLE"),
    ("memory_javascript", "a.js", "const l = []; for (;;) l.push(new Array(1000).fill(l.length));\n",
     "MLE"),
    ("flood", "a.c", C + 'int main(void) { for (;;) puts("flood"); }\n', "OLE"),
    ("flood_stderr", "a.c", C + "int main(void) { static char b[65536]; "
                          "for (;;) fwrite(b, 1, sizeof b, stderr); }\n", "OLE"),
    ("flood_python", "a.py", "while True: print('flood')\n", "OLE"),
    ("network", "a.c", C + "#include <sys/socket.h>\nint main(void) { "
                       "socket(AF_INET, SOCK_STREAM, 0); return 0; }\n", "SV"),
]


@lib.rows(ENDS)
def end(name, content, wanted):
    result = verdict_is(APLUSB, name, content, wanted)
    failed = [t for t in result["tests"] if t["verdict"] not in ("AC", "SK")]
    lib.equal(len(failed), 1, "failed tests")
    lib.equal(failed[0]["name"], result["test"], "the test that decided")
    if wanted in ("RE", "SV", "TLE", "ILE", "MLE", "OLE"):
        lib.check(failed[0]["message"], "no word on how it ended")


@lib.test
def ends_are_told_in_words():
    rows = [("exit_code", "exit code 3", None), ("segfault", "Segmentation fault", 11),
            ("abort", "Aborted", 6), ("divide", "Floating point exception", 8),
            ("network", "socket() is not allowed", 31)]
    for end_name, words, signal in rows:
        name, content = next(e[1:3] for e in ENDS if e[0] == end_name)
        test = judge(APLUSB, {name: content})[1]["tests"][0]
        lib.check(words in test["message"], f"{end_name}: {test}")
        lib.equal(test["signal"], signal, end_name)


# ------------------------------------------------------------- the input and the files

@lib.test
def stdin_may_be_opened_again():
    source = "a, b = map(int, open('/dev/stdin').read().split())\n" \
             "open('/dev/stdout', 'w').write(str(a + b))\n"
    verdict_is(APLUSB, "a.py", source, "AC")


@lib.test
def nothing_of_the_problem_is_in_sight():
    source = """import os
a, b = map(int, input().split())
seen = []
for top, dirs, files in os.walk('/'):
    dirs[:] = [d for d in dirs if os.path.join(top, d) not in ('/usr', '/proc', '/lib', '/lib64',
                                                                '/bin', '/etc', '/sys', '/dev', '/prepared',
                                                                '/var/lib/ghc')]
    seen += [os.path.join(top, f) for f in files]
print(a + b if seen == ['/box/main.py'] else seen)
"""
    verdict_is(APLUSB, "a.py", source, "AC")


@lib.test
def several_files():
    sources = {"main.c": '#include <stdio.h>\n#include "add.h"\nint main(void) { long a, b; '
                         'scanf("%ld %ld", &a, &b); printf("%ld\\n", add(a, b)); }\n',
               "add.c": '#include "add.h"\nlong add(long a, long b) { return a + b; }\n',
               "add.h": "long add(long a, long b);\n"}
    status, result, said = judge(APLUSB, sources)
    lib.equal(status, 0, said)


@lib.test
def names_that_look_like_options():
    for name in ("-o.c", "@file.c", "a b.c", "new\nline.c", "\x1b[31m.c", "$(id).c"):
        folder = tempfile.mkdtemp(dir=SCRATCH)
        path = os.path.join(folder, name)
        lib.write(path, lib.APLUSB_C)
        done = lib.run([lib.JUDGECTL, "judge", APLUSB, path])
        lib.equal(done.returncode, 0, f"{name!r}: {done.stdout}")
        lib.check("\x1b" not in done.stdout, "a raw control character")


@lib.test
def first_line_names_the_language():
    source = "// judgefs: language=cpp14\n" + SOLUTIONS[1][2]
    lib.equal(verdict_is(APLUSB, "a.c", source, "AC")["language"], "cpp14")
    lib.equal(verdict_is(APLUSB, "a.txt", SOLUTIONS[1][2], "AC", "-l", "cpp20")["language"],
              "cpp20")


# ------------------------------------------------------------- problems made here

def plain(ini, tests, files=None):
    """A plain package with this problem.ini."""
    folder = tempfile.mkdtemp(dir=SCRATCH)
    lib.write(os.path.join(folder, "problem.ini"), ini)
    for name, (given, answer) in tests.items():
        lib.write(os.path.join(folder, name + ".in"), given)
        lib.write(os.path.join(folder, name + ".ans"), answer)
    for name, content in (files or {}).items():
        lib.write(os.path.join(folder, name), content)
    return folder


CHECKS = [
    ("tokens_blanks", "", "1 2\n", "print(1); print(2)", "AC"),
    ("tokens_case", "", "Yes\n", "print('YES')", "WA"),
    ("tokens_any_case", "[check]\ncase = no\n", "Yes\n", "print('YES')", "AC"),
    ("float_near", "[check]\ntype = float\n", "0.333333\n", "print(1/3)", "AC"),
    ("float_far", "[check]\ntype = float\n", "0.333333\n", "print(0.3334)", "WA"),
    ("float_nan", "[check]\ntype = float\n", "0.333333\n", "print('nan')", "WA"),
    ("lines_same", "[check]\ntype = lines\n", "a b\nc\n", "print('a b '); print('c\\n')", "AC"),
    ("lines_blanks", "[check]\ntype = lines\n", "a b\nc\n", "print('a  b'); print('c')", "PE"),
    ("lines_words", "[check]\ntype = lines\n", "a b\nc\n", "print('a b'); print('d')", "WA"),
    ("bytes_same", "[check]\ntype = bytes\n", "a\n", "print('a')", "AC"),
    ("bytes_newline", "[check]\ntype = bytes\n", "a", "print('a')", "WA"),
]


@lib.rows(CHECKS)
def check(ini, answer, source, wanted):
    verdict_is(plain(ini, {"1": ("", answer)}), "a.py", source, wanted)


VALIDATOR = "import sys, os\nsaid = sys.stdin.read().split()\nfeedback = sys.argv[3]\n"

VALIDATORS = [
    ("right", VALIDATOR + "sys.exit(42)\n", "AC", None),
    ("wrong", VALIDATOR + "open(feedback + 'judgemessage.txt', 'w').write('for staff')\n"
                          "open(feedback + 'teammessage.txt', 'w').write('for you')\n"
                          "sys.exit(43)\n", "WA", "for staff"),
    ("reads_its_files", VALIDATOR +
     "sys.exit(42 if open(sys.argv[1]).read() == '5\\n' and open(sys.argv[2]).read() == '6\\n' "
     "and said == ['7'] and sys.argv[4:] == ['x', '1e-3'] and feedback.endswith('/') else 43)\n",
     "AC", None),
    ("exit_0", VALIDATOR + "sys.exit(0)\n", "JE", "ended with status 0"),
    ("crash", VALIDATOR + "raise ValueError('bad validator')\n", "JE", "bad validator"),
    ("flood", VALIDATOR + "while True: print('x' * 1000)\n", "JE", "wrote more than"),
    ("sees_nothing_of_the_submission", VALIDATOR +
     "found = sorted(os.listdir('.'))\n"
     "print(found)\nsys.exit(42 if not [f for f in found if f.startswith('a.')] else 1)\n", "AC", None),
]


@lib.rows(VALIDATORS)
def validator(program, wanted, staff):
    problem = plain("[check]\ntype = program\nprogram = valid.py\narguments = x 1e-3\n",
                    {"1": ("5\n", "6\n")}, {"valid.py": program})
    result = verdict_is(problem, "a.py", "print(7)\n", wanted)
    shown = json.dumps(result)
    lib.check("for staff" not in shown and "bad validator" not in shown, "staff's words are shown")
    if wanted == "WA":
        lib.equal(result["tests"][0]["message"], "for you")
    if staff:
        folder = tempfile.mkdtemp(dir=SCRATCH)
        lib.write(folder + "/a.py", "print(7)\n")
        said = lib.run([lib.JUDGECTL, "judge", problem, folder + "/a.py"]).stdout
        lib.check(staff in said, said)


@lib.test
def validator_in_c_and_cpp():
    source = ('#include <stdio.h>\nint main(int n, char **v) { long a, b; FILE *f = '
              'fopen(v[2], "r"); if (!f || fscanf(f, "%ld", &a) != 1) return 1; '
              'return scanf("%ld", &b) == 1 && a == b ? 42 : 43; }\n')
    for name in ("valid.c", "valid.cpp"):
        problem = plain(f"[check]\ntype = program\nprogram = {name}\n",
                        {"1": ("5\n", "6\n"), "2": ("", "7\n")}, {name: source})
        result = verdict_is(problem, "a.py", "print(6)\n", "WA")
        lib.equal([t["verdict"] for t in result["tests"]], ["AC", "WA"])


@lib.test
def validator_that_does_not_compile_is_a_judge_error():
    problem = plain("[check]\ntype = program\nprogram = valid.c\n", {"1": ("", "6\n")},
                    {"valid.c": "int main(void) { return x; }\n"})
    result = verdict_is(problem, "a.py", "print(6)\n", "JE")
    lib.equal({t["verdict"] for t in result["tests"]}, {"SK"})


@lib.test
def go_on_after_a_failed_test():
    tests = {"1": ("1\n", "1\n"), "2": ("2\n", "0\n"), "3": ("3\n", "3\n")}
    source = "print(input())\n"
    result = verdict_is(plain("", tests), "a.py", source, "WA")
    lib.equal([t["verdict"] for t in result["tests"]], ["AC", "WA", "SK"])
    result = verdict_is(plain("[tests]\ncontinue = yes\n", tests), "a.py", source, "WA")
    lib.equal([t["verdict"] for t in result["tests"]], ["AC", "WA", "AC"])
    lib.equal(result["test"], "2")


@lib.test
def language_that_is_not_allowed():
    problem = plain("[problem]\nlanguages = c cpp\n", {"1": ("", "1\n")})
    result = verdict_is(problem, "a.py", "print(1)\n", "CE")
    lib.check("not allowed" in result["compile"]["message"], result["compile"])
    verdict_is(problem, "a.c", C + 'int main(void) { puts("1"); }\n', "AC")


@lib.test
def source_that_is_too_large():
    problem = plain("[limits]\nsource = 1KiB\n", {"1": ("", "1\n")})
    result = verdict_is(problem, "a.py", "#" * 2000 + "\nprint(1)\n", "CE")
    lib.check("2010 bytes" in result["compile"]["message"], result["compile"])


@lib.test
def megabytes_in_and_out():
    numbers = "".join(f"{i}\n" for i in range(600000))
    problem = plain("[limits]\ntime = 5s\n", {"1": (numbers, numbers)})
    source = C + "int main(void) { static char b[65536]; ssize_t n; " \
                 "while ((n = read(0, b, sizeof b)) > 0) write(1, b, n); }\n"
    result = verdict_is(problem, "a.c", source, "AC")
    lib.check(result["memory_bytes"] < 2 << 20, f"charged {result['memory_bytes']} bytes: the "
              "output is the judge's")


# ------------------------------------------------------------- what a person sees

@lib.test
def a_person_reads():
    folder = tempfile.mkdtemp(dir=SCRATCH)
    lib.write(folder + "/a.c", C + '#warning look here\nint main(void) { long a, b; '
              'scanf("%ld %ld", &a, &b); printf("%ld\\n", a - b); }\n')
    done = lib.run([lib.JUDGECTL, "judge", APLUSB, folder + "/a.c"])
    lib.equal(done.returncode, 1)
    lines = done.stdout.splitlines()
    lib.equal(lines[0], "Wrong answer on test 1")
    for words in ("First difference in test 1: line 1, column 1: expected", "Language  C17, gcc",
                  "The compiler said", "look here", "Hint: "):
        lib.check(words in done.stdout, f"'{words}' is missing in: {done.stdout}")


REFUSALS = [
    ("no_arguments", [], "usage: judgectl judge"),
    ("no_source", [APLUSB], "usage: judgectl judge"),
    ("no_problem", ["/nonexistent", __file__], "/nonexistent"),
    ("problem_is_a_file", [__file__, __file__], "is a file"),
    ("no_such_source", [APLUSB, "/nonexistent.c"], "/nonexistent.c"),
    ("source_is_a_folder", [APLUSB, "-l", "c", "/usr"], "not a regular file"),
    ("unknown_suffix", [APLUSB, "/etc/passwd"], "unknown language"),
    ("unknown_language", [APLUSB, "-l", "nolang", __file__], "unknown language 'nolang'"),
    ("unknown_option", ["--nonsense", APLUSB, __file__], "--nonsense"),
]


@lib.rows(REFUSALS)
def refused(arguments, words):
    done = lib.run([lib.JUDGECTL, "judge", *arguments])
    lib.equal(done.returncode, 2, done.stdout)
    lib.check(words in done.stdout, done.stdout)
    lib.equal(len(re.findall("judgectl.* judge: ", done.stdout)), 1, done.stdout)


@lib.test
def without_root_it_says_what_to_do():
    for verb in (["judge", APLUSB, __file__], ["verify", APLUSB]):
        done = lib.run([lib.JUDGECTL, *verb], uid=lib.ALICE)
        lib.equal(done.returncode, 2, done.stdout)
        lib.check("sudo" in done.stdout, done.stdout)


@lib.test
def nothing_is_left_behind():
    lib.write(SCRATCH + "/spin.c", "int main(void) { for (;;); }\n")
    slow = plain("[limits]\ntime = 1000s\n", {"1": ("", "")})
    for problem, sign, status in ((APLUSB, None, 1), (slow, signal.SIGINT, 2),
                                  (slow, signal.SIGTERM, 2)):
        child = subprocess.Popen([lib.JUDGECTL, "judge", problem, SCRATCH + "/spin.c"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        group = f"judgefs-ctl-{child.pid}"
        if sign:
            lib.wait_for(lambda: lib.cgroups(group), "its groups")
            child.send_signal(sign)
        lib.equal(child.wait(lib.PATIENCE), status)
        lib.equal(lib.cgroups(group), [], "groups")


try:
    lib.main()
finally:
    shutil.rmtree(SCRATCH, ignore_errors=True)
