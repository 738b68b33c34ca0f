#!/usr/bin/python3
"""Every attack of this folder, its expected verdict, and an observer outside that must see nothing.

An attack is a file GROUP/NAME.EXT, or a row of a table GROUP/*.table. The first lines of a file say:

    attack: what it tries
    expect: exited 0 | SV socket        one of these; see below
    with: --processes=20                options of judgectl run
    problem: aplusb                     submitted to that problem through the mount instead
    says: a regular expression          found in the verdict's text, or what the compiler said
    by: student                         the file is what a student's program does outside, on the mount

Without `problem` or `by` a program is run by `judgectl run`, expected to end as `exited N`,
`signaled NAME`, `SV CALL`, `cpu-limit`, ... With `problem` the verdict's first line begins so. A student's
script is Python with the functions of class Student; `shut` when it ends well.

A table's row: NAME, expected end and an expression in C, between tabs. The attack has found a way
when the expression is true, or when it comes back from a call that must end it.

@SECRET@ @STATE@ @MOUNT@ @VICTIM@ @TOP@ stand for a secret file, the judge's state and mount, another
student's submission, and the sources.
"""
import concurrent.futures
import glob
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib
from observer import CHEAP, Heartbeat, Observer
from student import Student

HERE = os.path.dirname(os.path.abspath(__file__))
GROUPS = ("escape", "process", "time", "memory", "output", "compile", "checker", "between", "fs")
FOLDER = tempfile.mkdtemp(prefix="judgefs-attacks.", dir=os.environ.get("TMPDIR", "/tmp"))
SECRET = os.path.join(FOLDER, "secret")
TOKEN = "TOKEN" + secrets.token_hex(8)		# in what no student may ever read
VICTIM = 20003					# whose submissions are attacked
PAUSE = 30 * lib.SLOW				# seconds that a host must not stand still for
GCC = ["gcc", "-O0", "-pthread", "-w"]		# what a compiler would warn of, or leave out, is meant

lib.need_root()

TWO = {"1": ("1 2\n", "3\n"), "2": ("20 22\n", "42\n")}
HIDDEN = {"1": ("1 2\n", "3\n"), "2": (f"{TOKEN}\n", f"{TOKEN}-answer\n")}
LIMITS = f"[limits]\nwall = {60 * lib.SLOW}s\n"	# on a loaded host a loop may look idle
judge = lib.Judge(workers=2, ini="[submit]\nsettle = 0s\nquota-files = 200\n",
                  problems={"aplusb": TWO, "idle": TWO, "hidden": HIDDEN, "twice": {"1": ("1 2\n", "3\n"), "2": ("2 1\n", "3\n"), "3": ("0 3\n", "3\n")},
                            "float": {"1": ("1\n", "0.5\n")},
                            **{os.path.basename(p): p for p in glob.glob(HERE + "/checker/problems/*")}})
INIS = {
    "idle": f"[limits]\nwall = {2 * lib.SLOW}s\n",
    "aplusb": "[tests]\nsample = 1\n" + LIMITS,
    "hidden": "[tests]\nsample = 1\n" + LIMITS + f"compile-time = {3 * lib.SLOW}s\ncompile-memory = 512MiB\n",
    "twice": "[tests]\ncontinue = yes\n" + LIMITS + "processes = 20\nmemory = 64MiB\n",
    "float": "[check]\ntype = float\nabsolute = 1e-6\nrelative = 1e-6\n",
}


class Attack:
    def __init__(self, name, path, head):
        self.name, self.path = name, path
        self.options = [re.sub(r"(?<=-time=)[\d.]+(?=s$)", lambda m: f"{float(m[0]) * lib.SLOW:g}", option)
                        for option in head.get("with", "").split()]
        self.expect = head["expect"].split(" | ")
        self.problem, self.by, self.says = head.get("problem"), head.get("by"), head.get("says")
        self.command = None


def read_head(path):
    """The keys in the first lines of a file."""
    with open(path, "rb") as f:
        lines = f.read(2000).decode(errors="replace").splitlines()[:12]
    found = (re.match(r"\W*(attack|expect|with|problem|says|by): +(.*?)\s*(?:\*/|\*\)|-->)?$", line) for line in lines)
    return {m[1]: m[2] for m in found if m}


def attacks():
    for group in GROUPS:
        for path in sorted(glob.glob(f"{HERE}/{group}/*")):
            base, ext = os.path.splitext(os.path.basename(path))
            if ext == ".table":
                for line in lib.read(path).splitlines():
                    if line and not line.startswith("#"):
                        name, expect, _ = re.split(r"\t+", line, maxsplit=2)
                        yield Attack(f"{group}/{name}", path, {"expect": expect})
            elif os.path.isfile(path):
                yield Attack(f"{group}/{base}", path, read_head(path))


def chosen(attack):
    """By the words of the command line, as lib.main() does."""
    return len(sys.argv) < 2 or any(a in attack.name for a in sys.argv[1:])


ALL = list(attacks())
HERE_NOW = [a for a in ALL if chosen(a)]


# ------------------------------------------------------------ making the programs

def fill(text):
    for name, value in (("SECRET", SECRET), ("STATE", judge.state), ("MOUNT", judge.mount), ("TOP", lib.TOP),
                        ("VICTIM", f"{judge.mount}/users/{VICTIM}/aplusb/sub/victim.py")):
        text = text.replace(f"@{name}@".encode(), value.encode())
    return text


def read_source(path):
    with open(path, "rb") as f:
        return fill(f.read())


def place(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    lib.write(path, content, 0o755)
    return path


def table_source(path):
    """One program for all rows of a table: its argument is the row's name."""
    rows = [re.split(r"\t+", line, maxsplit=2) for line in read_source(path).decode().splitlines()
            if line and not line.startswith("#")]
    text = '#include "attack.h"\n'
    for i, (_, _, expression) in enumerate(rows):
        text += f"static int row{i}(void) {{ return ({expression}) ? 1 : 0; }}\n"
    text += "int main(int argc, char **argv) {\n"
    for i, (name, _, _) in enumerate(rows):
        text += f'if (argc > 1 && strcmp(argv[1], "{name}") == 0) return row{i}();\n'
    return text + "return 255; }\n"


def gcc(source, to):
    got = lib.run([*GCC, "-I", FOLDER, "-o", to, source])
    lib.check(got.returncode == 0, f"{source}: {got.stdout}")


def make_all():
    """The commands of those that judgectl runs."""
    jobs = {}
    for a in HERE_NOW:
        if a.problem or a.by:
            continue
        base, ext = os.path.splitext(os.path.relpath(a.path, HERE))
        file = os.path.join(FOLDER, "made", base + ext)
        if ext in (".c", ".table"):
            if file not in jobs:
                text = table_source(a.path) if ext == ".table" else read_source(a.path)
                jobs[file] = (place(file.replace(".table", ".c"), text), file + ".out")
            a.command = [file + ".out"] + ([a.name.partition("/")[2]] if ext == ".table" else [])
        else:
            a.command = [place(file, read_source(a.path))]
    shutil.copy(HERE + "/attack.h", FOLDER)
    lib.run([*GCC, "-x", "c-header", FOLDER + "/attack.h",
             "-o", FOLDER + "/attack.h.gch"])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda job: gcc(*job), jobs.values()))


# ------------------------------------------------------------ judging the attacks

def end_of(meta):
    end = meta["end"]
    if end == "exited":
        return f"exited {meta['exit_code']}"
    if end == "signaled":
        return f"signaled {signal.Signals(meta['signal']).name[3:]}"
    return f"SV {meta['syscall']}" if end == "forbidden" else end


def run_attack(a):
    meta = os.path.join(FOLDER, "meta")
    # As a worker has them: files without a name.
    with os.fdopen(os.memfd_create("out"), "w+b") as out, os.fdopen(os.memfd_create("err"), "w+b") as err:
        got = subprocess.run([lib.JUDGECTL, "run", "--meta", meta, f"--wall-time={60 * lib.SLOW}s",
                              f"--cpu-time={5 * lib.SLOW}s", *a.options, "--", *a.command], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                             timeout=2 * lib.PATIENCE)
        err.seek(0)
        said = err.read(2000).decode(errors="replace")
    lib.equal(got.returncode, 0, f"judgectl run: {said}")
    end = end_of(json.loads(lib.read(meta)))
    lib.check(end in a.expect, f"got {end}, wanted {' or '.join(a.expect)}; it said: {said[:500]}")
    observer.check(CHEAP)


def results(path):
    """All that a student can read about a submission."""
    texts = {}
    for suffix in (".verdict", ".result.json", ".compile.txt"):
        try:
            texts[suffix] = lib.read(path + suffix)
        except FileNotFoundError:
            pass
    return texts


def look_at_results(path):
    """No secret, nothing that moves a cursor, and not too much."""
    for suffix, text in results(path).items():
        lib.check(TOKEN not in text, f"{suffix} tells the secret")
        lib.check(not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), f"control characters in {suffix}")
        lib.check(len(text) < 1 << 20, f"{len(text)} bytes in {suffix}")


submitted = {}


def submit_all():
    for a in HERE_NOW:
        if a.problem:
            name = a.name.replace("/", "-") + os.path.splitext(a.path)[1]
            submitted[a.name] = judge.submit(lib.ALICE, a.problem, name, read_source(a.path))


def mount_attack(a):
    path = submitted[a.name]
    got = judge.wait_final(path)
    lib.check(any(got.startswith(e) for e in a.expect), f"got {got!r}, wanted {' or '.join(a.expect)}: "
              f"{results(path)['.verdict'][:600]}")
    if a.says:
        text = "\n".join(results(path).values())
        lib.check(re.search(a.says, text), f"{a.says!r} is not in {text[:600]!r}")
    look_at_results(path)


_count = 0


def victim_submits():
    global _count
    _count += 1
    return judge.submit(VICTIM, "aplusb", f"honest{_count}.py", lib.APLUSB_PY)


def student_attack(a):
    """While it goes on, and after it, another student's work is judged."""
    path = victim_submits()
    student = Student(judge, lib.ALICE, a.path, read_source(a.path).decode(), TOKEN)
    student.run()
    lib.equal(judge.wait_final(path), "Accepted", "another's submission")
    for p in student.paths():
        look_at_results(p)
    lib.equal(lib.read(victim), lib.APLUSB_PY, "another's source")
    lib.equal(judge.verdict(victim), "Accepted", "another's verdict")


def case(a):
    how = student_attack if a.by else mount_attack if a.problem else run_attack

    def one():
        heart.start()
        how(a)
        gap = heart.longest_gap()
        if gap > longest[0]:
            longest[:] = gap, a.name
        lib.check(gap < PAUSE, f"the host stood still for {gap:.0f} s")
    one.__name__ = a.name
    lib.test(one)


def after(group):
    def one():
        observer.check()
    one.__name__ = f"nothing_outside_after_{group}"
    lib.test(one)


longest = [0, ""]


def setup():
    global observer, heart, victim
    lib.need_programs("gcc")
    os.chmod(FOLDER, 0o755)
    lib.write(SECRET, TOKEN + "\n", 0o644)
    for name, ini in INIS.items():
        lib.write(f"{judge.state}/problems/{name}/problem.ini", ini)
    make_all()
    if any(a.problem or a.by for a in HERE_NOW):
        judge.start()
        victim = judge.submit(VICTIM, "aplusb", "victim.py", lib.APLUSB_PY)
        lib.equal(judge.wait_final(victim), "Accepted")
        submit_all()
    observer = Observer(FOLDER, ())
    heart = Heartbeat(os.path.join(FOLDER, "beat"))


# The judge works at what was submitted while judgectl runs the others.
for group in GROUPS:
    mine = [a for a in HERE_NOW if a.name.startswith(group + "/") and not a.problem and not a.by]
    for a in mine:
        case(a)
    if mine:
        after(group)
for a in sorted((a for a in HERE_NOW if a.problem or a.by), key=lambda a: bool(a.by)):
    case(a)


@lib.test
def nothing_has_changed_outside():
    observer.uids |= set(range(judge.first_uid, judge.first_uid + 256))
    observer.check()
    lines = observer.kernel_lines()
    print(f"# longest pause of the host: {longest[0]:.2f} s, in {longest[1]}; the kernel said {lines} lines")
    if judge.proc:
        lib.equal(lib.read(victim), lib.APLUSB_PY)
        judge.fsck()


@lib.test
def every_attack_says_what_it_tries():
    names = [a.name for a in ALL]
    lib.equal(sorted({n for n in names if names.count(n) > 1}), [], "twice")
    for a in ALL:
        if not a.path.endswith(".table"):
            lib.check("attack" in read_head(a.path), a.path)
    print(f"# {len(names)} attacks")


@lib.test
def the_table_of_what_is_tried_is_true():
    known = {a.name for a in ALL} | {"channels/" + line.partition("\t")[0]
                                     for line in lib.read(HERE + "/channels.table").splitlines()}
    groups = "|".join((*GROUPS, "channels"))
    named = set(re.findall(rf"(?<![\w/])(?:{groups})/\w+(?![\w/])", lib.read(HERE + "/COVERAGE.md")))
    lib.equal(sorted(named - known), [], "named but not there")
    lib.check(len(named) > 300, f"{len(named)} are named")


try:
    lib.main(setup)
finally:
    if "heart" in globals():
        heart.close()
        observer.close()
    shutil.rmtree(FOLDER, ignore_errors=True)
