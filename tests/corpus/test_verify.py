#!/usr/bin/python3
"""`judgectl verify`: on packages made here, on the real packages of the corpus with programs of
our own, and on the fetched packages with the submissions that their authors wrote.

Environment: CORPUS (data of real packages, and EXPECTED.tsv), FETCHED (the same packages as their
repositories have them). What is not there is skipped.
"""
import csv
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

lib.need_root()

EXAMPLES = os.path.join(lib.TOP, "examples/problems")
CORPUS = os.environ.get("CORPUS", os.path.join(lib.TOP, "../shared/corpus"))
FETCHED = os.environ.get("FETCHED", "")
SCRATCH = tempfile.mkdtemp(prefix="verify-test.")
LONG = 1800		# seconds for a package with hundreds of slow runs

C = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"


def verify(*arguments, timeout=LONG):
    return lib.run([lib.JUDGECTL, "verify", *arguments], timeout=timeout)


def verify_json(*packages):
    done = verify("--json", *packages)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        raise lib.Failed(f"exit {done.returncode}: {done.stdout[:500]}")


def package(files):
    folder = tempfile.mkdtemp(dir=SCRATCH)
    for path, content in files.items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        lib.write(path, content)
    return folder


# ------------------------------------------------------------- packages made here

ECHO = {"problem.yaml": "name: Echo\n", "data/sample/1.in": "1\n", "data/sample/1.ans": "1\n",
        "data/secret/2.in": "2\n", "data/secret/2.ans": "2\n", ".timelimit": "1\n",
        "submissions/accepted/a.py": "print(input())\n",
        "submissions/wrong_answer/w.py": "print(1)\n",
        "submissions/run_time_error/r.py": "print(1 / (2 - int(input())))\n",
        "submissions/time_limit_exceeded/t.c": "int main(void) { for (;;); }\n"}


@lib.test
def promises_that_are_kept():
    done = verify(package(ECHO))
    lib.equal(done.stdout.splitlines()[-1], "4 passed, 0 failed")
    lib.equal(done.returncode, 0)


@lib.test
def no_reference_submissions():
    done = verify(package({"1.in": "1\n", "1.ans": "1\n"}))
    lib.check("no reference submissions" in done.stdout, done.stdout)
    lib.equal(done.stdout.splitlines()[-1], "0 passed, 0 failed")


@lib.test
def a_name_moves_no_cursor():
    done = verify(package(dict(ECHO, **{"submissions/accepted/\x1b[2J\n9 passed.py": "print()\n"})))
    lib.check("\x1b" not in done.stdout, "a raw control character")
    row = next(l for l in done.stdout.splitlines() if "9 passed" in l)
    lib.check(row.startswith("  skipped  submissions/accepted/\\x1b[2J"), row)


@lib.test
def a_promise_that_is_broken():
    done = verify(package(dict(ECHO, **{"submissions/wrong_answer/right.py": "print(input())\n"})))
    lib.equal(done.stdout.splitlines()[-1], "4 passed, 1 failed")
    lib.equal(done.returncode, 1)
    row = next(l for l in done.stdout.splitlines() if "right.py" in l)
    lib.check("FAILED" in row and "Accepted" in row and "promised: " in row, row)


@lib.test
def an_earlier_failure_does_not_hide_what_is_promised():
    files = dict(ECHO)
    files["submissions/time_limit_exceeded/late.py"] = "n = int(input())\nprint(9)\n" \
                                                       "while n == 2: pass\n"
    files["submissions/time_limit_exceeded/never.py"] = "print(9)\n"
    status, result = verify_json(package(files))
    rows = {os.path.basename(r["path"]): r for r in result["results"]}
    lib.equal(rows["late.py"]["result"], "ok")
    lib.equal(rows["never.py"]["result"], "FAILED")
    lib.equal(status, 1)


@lib.test
def languages_that_are_missing_are_not_counted():
    done = verify(package(dict(ECHO, **{"submissions/accepted/x.cobol": "x"})))
    lib.equal(done.stdout.splitlines()[-1], "4 passed, 0 failed")
    lib.check("skipped" in next(l for l in done.stdout.splitlines() if "x.cobol" in l), done.stdout)


@lib.test
def the_time_limit_from_the_accepted():
    files = dict(ECHO, **{"submissions/accepted/slow.c":
                          C + "#include <time.h>\nint main(void) { int n; scanf(\"%d\", &n); "
                              "while (clock() < CLOCKS_PER_SEC * 3 / 10); "
                              "printf(\"%d\\n\", n); }\n"})
    del files[".timelimit"]
    done = verify(package(files))
    lib.check("time limit 2 s" in done.stdout.splitlines()[0], done.stdout)
    lib.equal(done.stdout.splitlines()[-1], "5 passed, 0 failed")


@lib.test
def no_time_limit_and_none_that_is_accepted():
    files = dict(ECHO)
    del files[".timelimit"], files["submissions/accepted/a.py"]
    done = verify(package(files))
    lib.equal(done.returncode, 1)
    lib.check("no time limit" in done.stdout, done.stdout)


@lib.test
def input_validators():
    good = "import sys\nsys.exit(42 if sys.stdin.read() in ('1\\n', '2\\n') else 43)\n"
    files = dict(ECHO, **{"input_validators/v.py": good})
    done = verify(package(files))
    lib.equal(done.stdout.splitlines()[-1], "5 passed, 0 failed")
    files["data/secret/2.in"] = "3\n"
    files["input_format_validators/flag.c"] = C + \
        "int main(int n, char **v) { return n == 2 && !strcmp(v[1], \"x\") ? 42 : 43; }\n"
    files["data/testdata.yaml"] = "input_validator_flags: x\n"
    done = verify(package(files))
    row = next(l for l in done.stdout.splitlines() if "v.py" in l)
    lib.check("FAILED" in row and "secret/2" in row and "status 43" in row, row)
    row = next(l for l in done.stdout.splitlines() if "flag.c" in l)
    lib.check(row.split()[0] == "ok", row)


UNREADABLE = [
    ("no_tests", {"problem.yaml": "name: X\n"}, "no test"),
    ("bad_yaml", dict(ECHO, **{"problem.yaml": "name: [\n"}), "problem.yaml:"),
    ("no_such_validator", dict(ECHO, **{"problem.yaml": "name: X\nvalidation: custom\n"}),
     "problem.yaml:2"),
    ("no_answer", {k: v for k, v in ECHO.items() if k != "data/secret/2.ans"}, "data/secret/2"),
]


@lib.rows(UNREADABLE)
def unreadable(files, words):
    done = verify(package(files))
    lib.equal(done.returncode, 1, done.stdout)
    lib.check(words in done.stdout, done.stdout)
    lib.equal(done.stdout.splitlines()[-1], "0 passed, 1 failed")


@lib.test
def not_a_package():
    for path in ("/nonexistent", __file__):
        done = verify(path)
        lib.equal(done.returncode, 1, done.stdout)
        lib.check(path in done.stdout, done.stdout)


@lib.test
def one_bad_package_does_not_hide_the_others():
    done = verify("/nonexistent", package(ECHO))
    lib.equal(done.stdout.splitlines()[-1], "4 passed, 1 failed")


@lib.test
def examples():
    done = verify(*[os.path.join(EXAMPLES, n) for n in sorted(os.listdir(EXAMPLES))])
    lib.equal(done.returncode, 0, done.stdout)
    lib.check(" 0 failed" in done.stdout.splitlines()[-1], done.stdout)


# ------------------------------------------------------------- corpus: real data, our programs

SPIN = "int main(void) { for (;;); }\n"
CRASH = C + "int main(void) { abort(); }\n"
FLOOD = C + "int main(void) { static char b[1 << 16]; for (;;) write(1, b, sizeof b); }\n"
HOG = C + "int main(void) { for (;;) memset(malloc(1 << 22), 1, 1 << 22); }\n"

# What every package gets beside its own accepted and wrong programs.
COMMON = {"submissions/time_limit_exceeded/spin.c": SPIN,
          "submissions/time_limit_exceeded/sleep.py": "import time\ntime.sleep(1000)\n",
          "submissions/run_time_error/crash.c": CRASH,
          "submissions/run_time_error/raise.py": "raise ValueError\n",
          "submissions/memory_limit_exceeded/hog.c": HOG,
          "submissions/output_limit_exceeded/flood.c": FLOOD,
          "submissions/compile_error/broken.c": "int main(void) { return x; }\n",
          "submissions/compile_error/broken.java": "public class broken { int x = ; }\n",
          "submissions/wrong_answer/nothing.c": C + "int main(void) { return 0; }\n"}

JAVA = "import java.util.*;\npublic class %s { public static void main(String[] a) { " \
       "Scanner in = new Scanner(System.in); %s } }\n"

# A validator of our own where the package's is not among its data: the answers, token by token.
TOKENS = """#include <fstream>
#include <iostream>
#include <string>
int main(int argc, char **argv) {
  std::ifstream ans(argv[2]); std::string a, b;
  std::ofstream note(std::string(argv[3]) + "judgemessage.txt");
  while (ans >> a) if (!(std::cin >> b) || a != b) { note << a << " " << b; return 43; }
  return std::cin >> b ? 43 : 42;
}
"""

DICE = """import sys
v = list(map(int, sys.stdin.read().split()))[1:]
once = [x for x in v if v.count(x) == 1]
print(v.index(max(once)) + 1 if once else 'none')
"""

OURS = {
    "kattis-legacy/hello": {
        "submissions/accepted/a.c": C + 'int main(void) { puts("Hello World!"); }\n',
        "submissions/accepted/b.py": "print('hello   WORLD!')\n",
        "submissions/accepted/H.java": JAVA % ("H", 'System.out.println("Hello World!");'),
        "submissions/wrong_answer/w.cpp": "#include <iostream>\nint main() { std::cout << "
                                          "\"Hello Moon!\"; }\n",
    },
    "kattis-legacy/different": {
        "output_validators/tokens/tokens.cc": TOKENS,
        "submissions/accepted/a.c": C + 'int main(void) { long long a, b; while (scanf("%lld '
                                    '%lld", &a, &b) == 2) printf("%lld\\n", llabs(a - b)); }\n',
        "submissions/accepted/b.py": "import sys\nfor l in sys.stdin:\n"
                                     "    a, b = map(int, l.split())\n    print(abs(a - b))\n",
        "submissions/accepted/D.java": JAVA % ("D", "while (in.hasNextLong()) System.out.println("
                                               "Math.abs(in.nextLong() - in.nextLong()));"),
        "submissions/wrong_answer/w.c": C + 'int main(void) { long long a, b; while (scanf("%lld '
                                        '%lld", &a, &b) == 2) printf("%lld\\n", a - b); }\n',
    },
    "kattis-legacy/blackfriday": {
        "submissions/accepted/a.py": DICE,
        "submissions/wrong_answer/w.py": DICE.replace("max(once)", "min(once)"),
    },
    "kattis-2025/passfail": {
        "submissions/accepted/a.cpp": "#include <iostream>\nint main() { int n; std::cin >> n; "
                                      "std::cout << n + 1; }\n",
        "submissions/accepted/P.java": JAVA % ("P", "System.out.println(in.nextInt() + 1);"),
        "submissions/wrong_answer/w.py": "print(input())\n",
    },
}


@lib.rows([(name, name) for name in OURS])
def corpus(name):
    source = os.path.join(CORPUS, name)
    if not os.path.isdir(source):
        raise lib.Skip("CORPUS has no such package")
    folder = os.path.join(SCRATCH, os.path.basename(name))
    shutil.copytree(source, folder)
    ours = dict(COMMON, **OURS[name])
    ours["problem.ini"] = "[limits]\nmemory = 64MiB\n"		# hog: soon there
    for path, content in ours.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        lib.write(os.path.join(folder, path), content)
    done = verify(folder)
    lib.equal(done.returncode, 0, done.stdout)
    programs = sum(p.startswith("submissions/") for p in ours)
    answers = "output_validators/tokens/tokens.cc" in ours
    lib.equal(done.stdout.splitlines()[-1], f"{programs + answers} passed, 0 failed")


# ------------------------------------------------------------- fetched: their submissions

LANGUAGES = ("c", "cpp", "python3", "java")

CLASSES = {"AC": "accepted", "WA": "wrong_answer", "PE": "wrong_answer",
           "TLE": "time_limit_exceeded", "ILE": "time_limit_exceeded", "RE": "run_time_error",
           "SV": "run_time_error", "MLE": "memory_limit_exceeded", "OLE": "output_limit_exceeded",
           "CE": "compile_error", "JE": "judge_error"}


def table(name):
    with open(os.path.join(CORPUS, name), encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def expected_of(package_name):
    """{path: set of classes that are right} for our languages."""
    found = {}
    with open(os.path.join(CORPUS, "EXPECTED.tsv"), encoding="utf-8") as f:
        for line in f:
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 7 or fields[0] != package_name or fields[2] not in LANGUAGES:
                continue
            right = set(fields[3].split("|")) | set(fields[4].split("|"))
            if fields[6].startswith("also_ok: "):
                right |= set(fields[6][len("also_ok: "):].split("|"))
            found[fields[1]] = right - {""}
    return found


def judged_packages():
    if not FETCHED or not os.path.isfile(os.path.join(CORPUS, "PACKAGES.tsv")):
        return []
    return [row["package"] for row in table("PACKAGES.tsv")
            if row["package"].startswith(("kattis-legacy/", "kattis-2025/"))
            and row["type"].endswith(("pass-fail", "interactive"))
            and "multi-pass" not in row["validator"]]


@lib.rows([(name, name) for name in judged_packages()])
def fetched(name):
    folder = os.path.join(FETCHED, name)
    if not os.path.isdir(folder):
        raise lib.Skip("FETCHED has no such package")
    status, result = verify_json(folder)
    rows = {r["path"]: r for r in result["results"]}
    wrong = [r for r in result["results"] if r["result"] == "FAILED"]
    expected = expected_of(name)
    lib.check(expected, "EXPECTED.tsv has no rows for it")
    for path, right in expected.items():
        lib.check(path in rows, f"{path} was not judged")
        row = rows[path]
        got = CLASSES.get(row["verdict"], row["note"])
        if got not in right:
            wrong.append(dict(row, right=sorted(right)))
    lib.equal(wrong, [])
    lib.equal(status, 0, "exit status")


if not judged_packages():
    @lib.test
    def fetched_packages():
        raise lib.Skip("set CORPUS and FETCHED")


try:
    lib.main()
finally:
    shutil.rmtree(SCRATCH, ignore_errors=True)
