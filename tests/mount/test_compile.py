#!/usr/bin/python3
"""What is prepared for compilers, and what was compiled before: a matter of speed alone. A C++ with
a precompiled header and one without must say the same of every program; what befalls a header
in its life is seen with a small one."""
import contextlib
import functools
import glob
import json
import os
import re
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

lib.need_root()

LANGUAGES = os.path.join(lib.TOP, "examples/languages.d")
CPP = lib.read(LANGUAGES + "/cpp17.ini")
# What is precompiled says so, which the real one must not.
MARKED = CPP.replace("files = ", 'files = 1.h "#define IS_PREPARED 1" 2.h "#define IS_PREPARED 2" ') \
            .replace("-x c++-header -o lean", "-include 1.h -x c++-header -o lean") \
            .replace("-x c++-header -o all", "-include 2.h -x c++-header -o all")
WITHOUT = re.sub(r"\S*{prepared}\S* ", "", CPP.partition("[prepare]")[0])
SMALL = WITHOUT.replace("g++ -std", "g++ -I{prepared}/all -std") + """[prepare]
files = cstdio.h "#include <cstdio>" mark.h "#define IS_PREPARED"
commands = g++ -std=gnu++17 -O2 -pipe -DONLINE_JUDGE -include mark.h -x c++-header -o all/cstdio.gch cstdio.h
keep = all/cstdio.gch
"""
BITS = "#include <bits/stdc++.h>\n"
MAIN = "int main() { long long a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n"
HEAD = "#include <cstdio>\n"
SUM = 'int main() { long long a, b; scanf("%lld %lld", &a, &b); printf("%lld\\n", a + b); }\n'
IS_PREPARED = HEAD + "#ifdef IS_PREPARED\n" + SUM + '#else\nint main() { puts("no"); }\n#endif\n'
INI = "[compile]\nprepare = {}\n[sandbox]\npin = no\n"

# A problem with a file of a header's name.
OWN = os.path.join(tempfile.mkdtemp(prefix="judgefs."), "own")
lib.make_problem(OWN, lib.APLUSB)
os.makedirs(OWN + "/include/default")
lib.write(OWN + "/include/default/iostream", "#define MINE 1\n")


def judge(languages, prepare="yes", **more):
    j = lib.Judge(problems={"aplusb": lib.APLUSB}, ini=INI.format(prepare), **more)
    os.mkdir(j.state + "/languages.d")
    for name, text in languages.items():
        lib.write(f"{j.state}/languages.d/{name}.ini", text)
    return j


PYTHON = lib.read(LANGUAGES + "/python3.ini")
both = judge({"cpp17": MARKED, "cpp17without": WITHOUT.replace("cpp cc cxx c++ C\n", "cc\n").replace("= 17", "= 18")}, workers=2)
small = judge({"small": SMALL, "python3": PYTHON})
both.place("own", OWN)
shutil.rmtree(os.path.dirname(OWN))


def entries(j):
    return [n for n in glob.glob(j.state + "/prepared/*") if re.fullmatch("[0-9a-f]{64}", os.path.basename(n))]


def headers(j):
    return sorted(glob.glob(j.state + "/prepared/*/**/*.gch", recursive=True))


def hurry(j):
    """What gives way to all else would not end on a busy host."""
    for pid in j.descendants():
        with contextlib.suppress(OSError):
            if os.getpriority(os.PRIO_PROCESS, pid) == 10:
                os.setpriority(os.PRIO_PROCESS, pid, 0)
            if lib.read(f"/proc/{pid}/autogroup").endswith("nice 10\n"):
                lib.write(f"/proc/{pid}/autogroup", "0")


@functools.cache
def prepared(j):
    """Wait until judgefs-prepare has done its work."""
    def done():
        hurry(j)
        return entries(j) and not j.pids("judgefs-prepare")
    lib.wait_for(done, "the header", timeout=600, every=0.2)


def times_prepared(j):
    return sum("was prepared" in line for line in j.log_tail(100000))


def start():
    both.start()
    submit_all("cc")
    small.start()
    prepared(small)


def verdict(j, uid, name, content):
    path = j.submit(uid, "aplusb", name, content)
    return path, j.wait_result(path, 300)


_count = 0


def is_prepared(j, uid=lib.ALICE):
    """Whether a compiler gets it now; each time another program."""
    global _count
    _count += 1
    result = verdict(j, uid, f"probe{_count}.cpp", IS_PREPARED + f"// {_count}\n")[1]
    lib.check(result["verdict"] in ("AC", "WA"), result)
    return result["verdict"] == "AC"


@lib.test
def a_header_that_is_prepared_is_used():
    lib.check(is_prepared(small), "it is not")
    status = lib.run([lib.JUDGECTL, "status", "--json", "--state", small.state])
    states = {l["name"]: l["prepared"] for l in json.loads(status.stdout)["languages"]}
    lib.equal(states, {"C++17": "yes", "Python 3": None})


# ------------------------------------------------------------- the same with and without

PROGRAMS = [
    ("plain", BITS + MAIN),
    ("other_headers_after", BITS + "#include <regex>\n#include <thread>\n" + MAIN),
    ("define_int", "#define int long long\n" + BITS +
     "using namespace std;\nsigned main() { int a, b; cin >> a >> b; cout << a + b << endl; }\n"),
    ("define_private_used", "#define private public\n" + BITS +
     "int main() { std::ostringstream s; std::cout << sizeof(s._M_stringbuf) << std::endl; }\n"),
    ("define_debug", "#define _GLIBCXX_DEBUG\n" + BITS +
     "int main() { std::vector<int> v(1); std::cout << v[1] << std::endl; }\n"),
    ("define_unused", "#define LOCAL 1\n#define REP(i, n) for (int i = 0; i < n; i++)\n" + BITS + MAIN),
    ("pragma_optimize", '#pragma GCC optimize("O3,unroll-loops")\n' + BITS + MAIN),
    ("pragma_target", '#pragma GCC target("avx2")\n' + BITS + MAIN),
    ("declared_before", "int before = 0;\n" + BITS + MAIN),
    ("include_in_namespace", "namespace a {\n" + BITS + "}\n" + MAIN),
    ("date_and_counter", BITS + "static_assert(__COUNTER__ == 0);\nint main() { long long a, b; "
     "std::cin >> a >> b; std::cout << a + b << std::endl; }\n"),
    ("own_name_of_std", BITS + "using namespace std;\nint count;\nint main() { cout << count; }\n"),
    ("own_name_of_arg", BITS + "using namespace std;\nint arg;\nint main() { cout << arg; }\n"),
    ("define_a_member", "#define lock_shared 5\n" + BITS + MAIN),
    ("own_name_of_regex", BITS + "using namespace std;\nint regex;\nint main() { cout << regex; }\n"),
    ("regex", BITS + 'int main() { long long a, b; std::cin >> a >> b; std::regex r("a+"); '
     'std::cout << a + b + std::regex_match("b", r) << std::endl; }\n'),
    ("pasted", BITS + "#define J(a, b) a##b\nint main() { long long a, b; std::cin >> a >> b; "
     "std::cout << a + (long long)std::J(com, plex)<double>(b, 1).real() << std::endl; }\n"),
    ("word_of_two_lines", BITS + "#ifdef _GLIBCXX_COM\\\nPLEX\nint there = 1;\n#else\nint there = 0;\n#endif\n"
     "int main() { long long a, b; std::cin >> a >> b; std::cout << a + b + there << std::endl; }\n"),
    ("imaginary", BITS + "using namespace std;\nint main() { long long a, b; cin >> a >> b; "
     "cout << a + b + is_class<decltype(1.0i)>::value << endl; }\n"),
    ("warning", BITS + "int main() { char c = 1000; std::cout << c; }\n"),
    ("error", BITS + "int main() { std::vector<int> v; v.push(1); }\n"),
    ("error_in_header", BITS + "struct S {};\nint main() { std::map<S, int> m; m[S()]; }\n"),
    ("undefined", BITS + "int f();\nint main() { return f(); }\n"),
    ("endless_template", BITS + "template<int N> struct A { typename A<N + 1>::t t; };\n"
     "int main() { A<1> x; }\n"),
    ("reads_what_is_prepared", "#include \"/prepared/x\"\n" + MAIN),
]


# In the other problem.
OWN_HEADER = [
    ("own_header", BITS + '#include "iostream"\n#ifdef MINE\n' + MAIN + "#endif\n"),
    ("own_header_first", '#include "iostream"\n' + BITS + "#ifdef MINE\n" + MAIN + "#endif\n"),
    ("own_header_unasked", BITS + "#include <iostream>\n#ifndef MINE\n" + MAIN + "#endif\n"),
]
# A test that all fail is none.
ACCEPTED = ("plain", "define_unused", "pragma_target", "regex", "pasted", "own_header",
            "own_header_first", "own_header_unasked")


# Which of the two headers a source gets: a word of the rest, or one that can not be seen, is for both.
ASKS = [("small", 1, "int i, g, valid, depth, add;"), ("all", 2, "std::regex r;"), ("unseen", 2, "#define J(a, b) a##b\n"),
        ("defined", 2, "#define depth 5\n"), ("argued", 2, "int arg;")]


@functools.cache
def submit_all(suffix):
    """All at once: while one is looked at, the others are judged."""
    for problem, programs in (("aplusb", PROGRAMS), ("own", OWN_HEADER)):
        for name, content in programs:
            both.submit(lib.BOB, problem, f"{name}.{suffix}", content)
    for name, number, words in ASKS if suffix == "cpp" else []:
        both.submit(lib.BOB, "aplusb", f"asks_{name}.cpp",
                    f"{BITS}#if IS_PREPARED == {number}\n{words}\n{MAIN}#endif\n")


@lib.rows([(name, "aplusb", name) for name, _ in PROGRAMS] + [(name, "own", name) for name, _ in OWN_HEADER])
def same(problem, name):
    said = []
    prepared(both)
    submit_all("cpp")
    for suffix in ("cpp", "cc"):
        path = os.path.join(both.sub(lib.BOB, problem), f"{name}.{suffix}")
        result = both.wait_result(path, 300)
        lib.equal(result["language"], "cpp17" if suffix == "cpp" else "cpp17without")
        text = lib.read(path + ".compile.txt") if os.path.exists(path + ".compile.txt") else ""
        said.append((result["verdict"], result["compile"]["message"],
                     re.sub("/tmp/cc[A-Za-z0-9]+", "/tmp/cc", text)))
    lib.equal(said[0], said[1])
    lib.check(name not in ACCEPTED or said[0][0] == "AC", said[0])


@lib.rows([(name, name) for name, _, _ in ASKS])
def header(name):
    path = os.path.join(both.sub(lib.BOB, "aplusb"), f"asks_{name}.cpp")
    lib.equal(both.wait_result(path, 300)["verdict"], "AC")


# ------------------------------------------------------------- who may write there

MEDDLER = r"""
import os
done = []
def attempt(name, fn, *args):
    try:
        fn(*args)
        done.append(name)
    except OSError:
        pass
def new(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))
seen = [os.path.join(d, f) for d, _, fs in os.walk("/prepared") for f in fs]
tops = ["/prepared"] + [os.path.join("/prepared", n) for n in os.listdir("/prepared")]
for path in seen:
    attempt("write " + path, lambda: os.close(os.open(path, os.O_WRONLY)))
    attempt("truncate " + path, os.truncate, path, 0)
    attempt("chmod " + path, os.chmod, path, 0o777)
    attempt("unlink " + path, os.unlink, path)
    attempt("link " + path, os.link, path, path + ".2")
    attempt("utime " + path, os.utime, path)
for top in tops:
    attempt("create in " + top, new, top + "/x")
    attempt("mkdir in " + top, os.mkdir, top + "/d")
    attempt("symlink in " + top, os.symlink, "/", top + "/l")
    attempt("rename " + top, os.rename, top, "/tmp/p")
a, b = map(int, input().split())
print(a + b if seen and not done else (len(seen), done))
"""


@lib.test
def a_program_sees_it_and_can_not_change_it():
    before = {p: os.stat(p).st_ctime_ns for p in headers(small)}
    result = verdict(small, lib.BOB, "meddler.py", MEDDLER)[1]
    lib.equal(result["verdict"], "AC", result["tests"][0])
    lib.equal({p: os.stat(p).st_ctime_ns for p in headers(small)}, before)


@lib.test
def a_compiler_can_not_change_it():
    """The assembler is the one that writes where a source says; so is a link's output."""
    digest = os.path.basename(entries(small)[0])
    source = HEAD + f'asm(".incbin \\"/prepared/{digest}/.list\\"");\n' + SUM
    lib.equal(verdict(small, lib.BOB, "incbin.cpp", source)[1]["verdict"], "AC")
    lib.equal(os.listdir(small.state + "/prepared"), [digest])


@lib.test
def nobody_else_can():
    for folder in ("prepared", "objects"):
        lib.raises(13, lib.as_user, lib.ALICE, os.mkdir, f"{small.state}/{folder}/x")
    lib.raises(13, lib.as_user, lib.ALICE, os.listdir, small.state + "/objects")


# ------------------------------------------------------------- what was compiled before

def objects(j):
    return sorted(glob.glob(j.state + "/objects/*"), key=os.path.getmtime)


@lib.test
def the_same_source_is_compiled_once():
    """By another user, after a restart, and judged again: its compile time is the first one's."""
    source = HEAD + SUM + "// once\n"
    first = verdict(small, lib.ALICE, "once.cpp", source)[1]
    small.stop_keep()
    small.start()
    path, second = verdict(small, lib.BOB, "another.cpp", source)
    lib.equal(second["compile"]["cpu_us"], first["compile"]["cpu_us"])
    done = lib.run([lib.JUDGECTL, "rejudge", "--state", small.state, str(second["id"])])
    lib.equal(done.returncode, 0, done.stdout)
    lib.wait_for(lambda: small.result(path).get("attempt", 0) > second["attempt"] and
                 small.result(path)["final"], "another verdict")
    lib.equal(small.result(path)["compile"]["cpu_us"], first["compile"]["cpu_us"])


@lib.test
def what_does_not_compile_is_not_kept():
    """A header that was missing may be there after a package was installed."""
    known = objects(small)
    path, result = verdict(small, lib.ALICE, "twice.cpp", "int main() { return x; } // twice\n")
    lib.equal(result["verdict"], "CE")
    lib.check("was not declared" in lib.read(path + ".compile.txt"), "no words of the compiler")
    lib.equal(objects(small), known)


@lib.test
def poison_is_not_taken():
    """A file under the name of another program, with everything right but that."""
    good, bad = HEAD + SUM + "// good\n", HEAD + "int main() { puts(\"0\"); }\n// bad\n"
    known = set(objects(small))
    verdict(small, lib.ALICE, "good.cpp", good)
    a = (set(objects(small)) - known).pop()
    verdict(small, lib.ALICE, "bad.cpp", bad)
    b = (set(objects(small)) - known - {a}).pop()
    small.stop_keep()
    shutil.copy(b, a)
    small.start()
    lib.equal(verdict(small, lib.BOB, "good.cpp", good)[1]["verdict"], "AC")
    lib.check(any("is broken" in line for line in small.log_tail(200)), "nothing was said")
    lib.check(lib.read(a) != lib.read(b), "it is still there")


# ------------------------------------------------------------- broken, failed, changed

@lib.test
def a_broken_header_costs_time_only():
    sizes = {path: os.path.getsize(path) for path in headers(small)}
    small.stop_keep()
    for path, size in sizes.items():
        os.truncate(path, size // 2)
    small.configure(ini=INI.format("no"))
    small.start()
    lib.check(not is_prepared(small), "a header that was cut is used")
    # Of full length, and nonsense: the compiler fails with it, and is asked again.
    for path, size in sizes.items():
        os.truncate(path, size)
    lib.check(not is_prepared(small), "a header of zeros is used")
    small.stop_keep()
    small.configure(ini=INI.format("yes"))
    before = times_prepared(small)
    small.start()
    # Without probes beside it: whatever else runs goes before judgefs-prepare.
    lib.wait_for(lambda: times_prepared(small) > before, "the header to be made again", timeout=300)
    lib.check(is_prepared(small), "the new one is not used")


@lib.test
def another_section_is_prepared_anew():
    old = entries(small)
    lib.write(small.state + "/languages.d/small.ini",
              SMALL.replace('files = ', 'files = more.h "" '))
    small.proc.send_signal(signal.SIGHUP)
    lib.wait_for(lambda: entries(small) and entries(small) != old and len(entries(small)) == 1,
                 "another header", timeout=300)
    lib.wait_for(lambda: is_prepared(small), "its use", timeout=300, every=1)


@lib.test
def what_fails_is_said():
    lib.write(small.state + "/languages.d/small.ini",
              SMALL.replace("-x c++-header", "-x c++-header -fno-such-option"))
    small.proc.send_signal(signal.SIGHUP)
    lib.wait_for(lambda: "no-such-option" in lib.run([lib.JUDGECTL, "status", "--state",
                                                      small.state]).stdout,
                 "a word in the status", timeout=300)
    lib.wait_for(lambda: not is_prepared(small), "compiling without", every=1)
    lib.check(any("could not be prepared" in line for line in small.log_tail(200)), "the log")
    small.stop_keep()
    small.start()
    lib.wait_for(lambda: "no-such-option" in lib.read(small.mount + "/health.txt"), "health.txt")


@lib.test
def no_submission_waits_for_it():
    """The first verdict is there while the header is still being made."""
    slow = judge({"small": SMALL.replace("commands = ", "commands = sleep 1000 && ")})
    slow.start()
    lib.equal(verdict(slow, lib.ALICE, "a.cpp", HEAD + SUM)[1]["verdict"], "AC")
    lib.check(slow.pids("judgefs-prepare"), "it is not being made")
    slow.stop()


lib.main(setup=start)
