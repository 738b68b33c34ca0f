#!/usr/bin/python3
"""What is prepared for compilers, and what was compiled before: a matter of speed alone. Two
judges, one with a precompiled header and one without, must say the same of every program."""
import functools
import glob
import json
import os
import re
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

lib.need_root()

LANGUAGES = os.path.join(lib.TOP, "examples/languages.d")
CPP = lib.read(LANGUAGES + "/cpp17.ini")
# What is precompiled says so, which the real one must not.
MARKED = CPP.replace("files = ", 'files = mark.h "#define IS_PREPARED" ') \
            .replace("-x c++-header", "-include mark.h -x c++-header")
BITS = "#include <bits/stdc++.h>\n"
MAIN = "int main() { long long a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n"
IS_PREPARED = BITS + """#ifdef IS_PREPARED
""" + MAIN + """#else
int main() { std::cout << "not prepared" << std::endl; }
#endif
"""


def judge(prepare, cpp=MARKED, **more):
    j = lib.Judge(problems={"aplusb": lib.APLUSB},
                  ini=f"[compile]\nprepare = {prepare}\n[sandbox]\npin = no\n", **more)
    os.mkdir(j.state + "/languages.d")
    lib.write(j.state + "/languages.d/cpp17.ini", cpp)
    for name in ("c17", "python3"):
        shutil.copy(f"{LANGUAGES}/{name}.ini", j.state + "/languages.d")
    return j


with_it, without = judge("yes"), judge("no")


def entries(j):
    return [n for n in glob.glob(j.state + "/prepared/*") if re.fullmatch("[0-9a-f]{64}", os.path.basename(n))]


def headers(j):
    return sorted(glob.glob(j.state + "/prepared/*/**/*.gch", recursive=True))


def prepared(j):
    """Wait until judgefs-prepare has done its work."""
    lib.wait_for(lambda: entries(j) and not j.pids("judgefs-prepare"), "the header", timeout=300)


def times_prepared(j):
    return sum("was prepared" in line for line in j.log_tail(100000))


def start():
    with_it.start()
    without.start()
    prepared(with_it)


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
    lib.check(is_prepared(with_it), "it is not")
    lib.check(not is_prepared(without), "there should be none")
    status = lib.run([lib.JUDGECTL, "status", "--json", "--state", with_it.state])
    states = {l["name"]: l["prepared"] for l in json.loads(status.stdout)["languages"]}
    lib.equal(states, {"C++17": "yes", "C17": None, "Python 3": None})


# ------------------------------------------------------------- the same with and without

UTIL = "long long add(long long, long long);\n"
PROGRAMS = [
    ("plain", BITS + MAIN),
    ("twice", BITS + BITS + MAIN),
    ("other_headers_before", "#include <vector>\n#include <iostream>\n" + BITS + MAIN),
    ("other_headers_after", BITS + "#include <regex>\n#include <thread>\n" + MAIN),
    ("define_int", "#define int long long\n" + BITS +
     "using namespace std;\nsigned main() { int a, b; cin >> a >> b; cout << a + b << endl; }\n"),
    ("define_int_after", BITS + "#define int long long\n"
     "using namespace std;\nsigned main() { int a, b; cin >> a >> b; cout << a + b << endl; }\n"),
    ("define_private_used", "#define private public\n" + BITS +
     "int main() { std::ostringstream s; std::cout << sizeof(s._M_stringbuf) << std::endl; }\n"),
    ("define_debug", "#define _GLIBCXX_DEBUG\n" + BITS +
     "int main() { std::vector<int> v(1); std::cout << v[1] << std::endl; }\n"),
    ("define_unused", "#define LOCAL 1\n#define REP(i, n) for (int i = 0; i < n; i++)\n" + BITS + MAIN),
    ("pragma_optimize", '#pragma GCC optimize("O3,unroll-loops")\n' + BITS + MAIN),
    ("pragma_target", '#pragma GCC target("avx2")\n' + BITS + MAIN),
    ("pragma_both_after", BITS + '#pragma GCC optimize("Ofast")\n#pragma GCC target("popcnt")\n' +
     "int main() { long long a, b; std::cin >> a >> b; std::cout << a + b + "
     "__builtin_popcountll(0) << std::endl; }\n"),
    ("declared_before", "int before = 0;\n" + BITS + MAIN),
    ("include_in_namespace", "namespace a {\n" + BITS + "}\n" + MAIN),
    ("date_and_counter", BITS + "static_assert(__COUNTER__ == 0);\nint main() { long long a, b; "
     "std::cin >> a >> b; std::cout << a + b << std::endl; }\n"),
    ("own_name_of_std", BITS + "using namespace std;\nint count;\nint main() { cout << count; }\n"),
    ("own_name_of_regex", BITS + "using namespace std;\nint regex;\nint main() { cout << regex; }\n"),
    ("regex", BITS + 'int main() { long long a, b; std::cin >> a >> b; std::regex r("a+"); '
     'std::cout << a + b + std::regex_match("b", r) << std::endl; }\n'),
    ("complex", BITS + "int main() { long long a, b; std::cin >> a >> b; "
     "std::cout << a + (long long)std::complex<double>(b, 1).real() << std::endl; }\n"),
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


@functools.cache
def submit_all():
    """All at once: while one is looked at, the others are judged."""
    for name, content in PROGRAMS:
        for j in (with_it, without):
            j.submit(lib.BOB, "aplusb", f"{name}.cpp", content)


@lib.rows([(name, name) for name, _ in PROGRAMS])
def same(name):
    said = []
    submit_all()
    for j in (with_it, without):
        path = os.path.join(j.sub(lib.BOB, "aplusb"), f"{name}.cpp")
        result = j.wait_result(path, 300)
        text = lib.read(path + ".compile.txt") if os.path.exists(path + ".compile.txt") else ""
        said.append((result["verdict"], result["compile"]["message"],
                     re.sub("/tmp/cc[A-Za-z0-9]+", "/tmp/cc", text)))
    lib.equal(said[0], said[1])


@lib.test
def same_with_a_file_of_that_name():
    """A program that brings its own bits/stdc++.h."""
    said = []
    folder = os.path.join(with_it.folder, "own")
    os.makedirs(folder + "/bits", exist_ok=True)
    lib.write(folder + "/main.cpp", '#include "bits/stdc++.h"\nint main() { return MINE; }\n')
    for name in ("bits/stdc++.h", "stdc++.h"):
        lib.write(os.path.join(folder, name), "#define MINE 0\n")
    for extra in (["stdc++.h"], []):
        got = lib.run([lib.JUDGECTL, "judge", "--json", "--languages", with_it.state + "/languages.d",
                       "-l", "cpp17", with_it.state + "/problems/aplusb", folder + "/main.cpp",
                       *[os.path.join(folder, n) for n in extra]])
        said.append(json.loads(got.stdout)["verdict"])
    lib.equal(said, ["CE", "CE"])


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
    before = {p: os.stat(p).st_ctime_ns for p in headers(with_it)}
    result = verdict(with_it, lib.BOB, "meddler.py", MEDDLER)[1]
    lib.equal(result["verdict"], "AC", result["tests"][0])
    lib.equal({p: os.stat(p).st_ctime_ns for p in headers(with_it)}, before)


@lib.test
def a_compiler_can_not_change_it():
    """The assembler is the one that writes where a source says; so is a link's output."""
    digest = os.path.basename(entries(with_it)[0])
    source = BITS + f'asm(".incbin \\"/prepared/{digest}/.list\\"");\n' + MAIN
    lib.equal(verdict(with_it, lib.BOB, "incbin.cpp", source)[1]["verdict"], "AC")
    lib.equal(os.listdir(with_it.state + "/prepared"), [digest])


@lib.test
def nobody_else_can():
    for folder in ("prepared", "objects"):
        lib.raises(13, lib.as_user, lib.ALICE, os.mkdir, f"{with_it.state}/{folder}/x")
    lib.raises(13, lib.as_user, lib.ALICE, os.listdir, with_it.state + "/objects")


# ------------------------------------------------------------- what was compiled before

def objects(j):
    return sorted(glob.glob(j.state + "/objects/*"), key=os.path.getmtime)


@lib.test
def the_same_source_is_compiled_once():
    """By another user, after a restart, and judged again: its compile time is the first one's."""
    source = BITS + MAIN + "// once\n"
    first = verdict(without, lib.ALICE, "once.cpp", source)[1]
    without.stop_keep()
    without.start()
    path, second = verdict(without, lib.BOB, "another.cpp", source)
    lib.equal(second["compile"]["cpu_us"], first["compile"]["cpu_us"])
    done = lib.run([lib.JUDGECTL, "rejudge", "--state", without.state, str(second["id"])])
    lib.equal(done.returncode, 0, done.stdout)
    lib.wait_for(lambda: without.result(path).get("attempt", 0) > second["attempt"] and
                 without.result(path)["final"], "another verdict")
    lib.equal(without.result(path)["compile"]["cpu_us"], first["compile"]["cpu_us"])


@lib.test
def what_does_not_compile_is_not_kept():
    """A header that was missing may be there after a package was installed."""
    known = objects(without)
    path, result = verdict(without, lib.ALICE, "twice.cpp", "int main() { return x; } // twice\n")
    lib.equal(result["verdict"], "CE")
    lib.check("was not declared" in lib.read(path + ".compile.txt"), "no words of the compiler")
    lib.equal(objects(without), known)


@lib.test
def poison_is_not_taken():
    """A file under the name of another program, with everything right but that."""
    good, bad = BITS + MAIN + "// good\n", BITS + "int main() { std::cout << 0; }\n// bad\n"
    known = set(objects(without))
    verdict(without, lib.ALICE, "good.cpp", good)
    a = (set(objects(without)) - known).pop()
    verdict(without, lib.ALICE, "bad.cpp", bad)
    b = (set(objects(without)) - known - {a}).pop()
    without.stop_keep()
    shutil.copy(b, a)
    without.start()
    lib.equal(verdict(without, lib.BOB, "good.cpp", good)[1]["verdict"], "AC")
    lib.check(any("is broken" in line for line in without.log_tail(200)), "nothing was said")
    lib.check(lib.read(a) != lib.read(b), "it is still there")


# ------------------------------------------------------------- broken, failed, changed

@lib.test
def a_broken_header_costs_time_only():
    sizes = {path: os.path.getsize(path) for path in headers(with_it)}
    with_it.stop_keep()
    for path, size in sizes.items():
        os.truncate(path, size // 2)
    with_it.configure(ini="[compile]\nprepare = no\n[sandbox]\npin = no\n")
    with_it.start()
    lib.check(not is_prepared(with_it), "a header that was cut is used")
    # Of full length, and nonsense: the compiler fails with it, and is asked again.
    for path, size in sizes.items():
        os.truncate(path, size)
    lib.check(not is_prepared(with_it), "a header of zeros is used")
    with_it.stop_keep()
    with_it.configure(ini="[compile]\nprepare = yes\n[sandbox]\npin = no\n")
    before = times_prepared(with_it)
    with_it.start()
    # Without probes beside it: whatever else runs goes before judgefs-prepare.
    lib.wait_for(lambda: times_prepared(with_it) > before, "the header to be made again", timeout=300)
    lib.check(is_prepared(with_it), "the new one is not used")


@lib.test
def another_section_is_prepared_anew():
    old = entries(with_it)
    lib.write(with_it.state + "/languages.d/cpp17.ini",
              MARKED.replace('files = ', 'files = more.h "" '))
    with_it.proc.send_signal(signal.SIGHUP)
    lib.wait_for(lambda: entries(with_it) and entries(with_it) != old and len(entries(with_it)) == 1,
                 "another header", timeout=300)
    lib.wait_for(lambda: is_prepared(with_it), "its use", timeout=300, every=1)


@lib.test
def what_fails_is_said():
    lib.write(with_it.state + "/languages.d/cpp17.ini",
              MARKED.replace("-x c++-header", "-x c++-header -fno-such-option"))
    with_it.proc.send_signal(signal.SIGHUP)
    lib.wait_for(lambda: "no-such-option" in lib.run([lib.JUDGECTL, "status", "--state",
                                                      with_it.state]).stdout,
                 "a word in the status", timeout=300)
    lib.wait_for(lambda: not is_prepared(with_it), "compiling without", every=1)
    lib.check(any("could not be prepared" in line for line in with_it.log_tail(200)), "the log")
    with_it.stop_keep()
    with_it.start()
    lib.wait_for(lambda: "no-such-option" in lib.read(with_it.mount + "/health.txt"), "health.txt")


@lib.test
def no_submission_waits_for_it():
    """The first verdict is there while the header is still being made."""
    slow = judge("yes", MARKED.replace("commands = ", "commands = sleep 1000 && "))
    slow.start()
    lib.equal(verdict(slow, lib.ALICE, "a.cpp", BITS + MAIN)[1]["verdict"], "AC")
    lib.check(slow.pids("judgefs-prepare"), "it is not being made")
    slow.stop()


lib.main(setup=start)
