#!/usr/bin/python3
"""The house stands as docs/ARCHITECTURE.md draws it: fs -> judge -> sandbox/box.h -> base."""
import os
import re
import shutil
import subprocess

import lib

# Who may include whom. tests/ may include everything.
MAY = {
    "base": {"base"},
    "sandbox": {"sandbox", "base"},
    "judge": {"judge", "sandbox", "base"},
    "fs": {"fs", "judge", "sandbox", "base"},
}
# What the one privileged program that hostile code speaks to must not carry.
BOX_NEVER = ("fuse", "sqlite", "archive", "yaml", "expat")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def sources(ext):
    for folder in MAY:
        for where, _, names in os.walk(os.path.join(lib.TOP, folder)):
            for name in sorted(names):
                if name.endswith(ext):
                    yield os.path.relpath(os.path.join(where, name), lib.TOP)


def target(source, name):
    """The included file relative to the top: as named from there, or beside the source."""
    if os.path.exists(os.path.join(lib.TOP, name)):
        return name
    return os.path.normpath(os.path.join(os.path.dirname(source), name))


@lib.test
def includes_go_one_way():
    seen, wrong = 0, []
    for path in [*sources(".c"), *sources(".h")]:
        area = path.split("/")[0]
        for name in INCLUDE.findall(lib.read(os.path.join(lib.TOP, path))):
            seen += 1
            to = target(path, name)
            if not os.path.exists(os.path.join(lib.TOP, to)):
                wrong.append(f"{path} includes {name}, which is not there")
            elif to.split("/")[0] not in MAY[area]:
                wrong.append(f"{path} includes {to}")
            elif area != "sandbox" and to.startswith("sandbox/") and to != "sandbox/box.h":
                wrong.append(f"{path} includes {to}; only sandbox/box.h is for others")
    lib.check(not wrong, "; ".join(wrong))
    lib.check(seen > 20, f"only {seen} includes found: is this the right folder?")


@lib.test
def every_header_compiles_alone():
    compiler = shutil.which("gcc") or shutil.which("clang")
    lib.check(compiler, "no compiler")
    flags = subprocess.run(["pkg-config", "--cflags", "fuse3"], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.split()
    wrong, seen = [], 0
    for path in sources(".h"):
        seen += 1
        got = subprocess.run([compiler, "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE",
                              "-D_FILE_OFFSET_BITS=64", '-DVERSION="0"', '-DPREFIX="/"', "-I.",
                              *flags, "-fsyntax-only", "-x", "c", "-include", path, "/dev/null"],
                             cwd=lib.TOP, stderr=subprocess.PIPE, text=True)
        if got.returncode:
            wrong.append(f"{path}: {got.stderr.splitlines()[0] if got.stderr else '?'}")
    lib.check(not wrong, "; ".join(wrong))
    lib.check(seen > 10, f"only {seen} headers found")


@lib.test
def the_box_links_little():
    box = os.path.join(lib.BIN, "judgefs-box")
    got = subprocess.run(["readelf", "-d", box], stdout=subprocess.PIPE, text=True, check=True)
    needed = re.findall(r"NEEDED.*\[(.*)\]", got.stdout)
    lib.check(any(n.startswith("libc.") for n in needed), f"odd list: {needed}")
    wrong = [n for n in needed if any(word in n for word in BOX_NEVER)]
    lib.check(not wrong, f"judgefs-box links {' '.join(wrong)}")


lib.main()
