#!/usr/bin/python3
"""What the manual pages and the README promise is there, and what is there is in them."""
import os
import re
import subprocess

import lib


def page(name):
    return lib.read(os.path.join(lib.TOP, "docs/man", name))


def helps(*argv):
    got = subprocess.run([os.path.join(lib.BIN, argv[0]), *argv[1:], "--help"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lib.equal(got.returncode, 0, got.stdout)
    return got.stdout


def verbs():
    return set(re.findall(r"^  ([a-z]+) ", helps("judgectl"), re.M))


@lib.test
def every_verb_is_in_the_manual():
    told = set(re.findall(r"^\.It Ic ([a-z]+)", page("judgectl.1"), re.M))
    lib.equal(sorted(told), sorted(verbs()))


@lib.test
def every_option_of_a_verb_is_in_the_manual():
    text = page("judgectl.1")
    missing = []
    for verb in sorted(verbs()):
        usage = helps("judgectl", verb)
        for option in set(re.findall(r"--([a-z][a-z-]+)", usage)) - {"help"}:
            if f"Fl Fl {option}" not in text:
                missing.append(f"{verb} --{option}")
    lib.equal(missing, [])


@lib.test
def every_option_of_judgefs_is_in_the_manual():
    text = page("judgefs.8")
    missing = [o for o in set(re.findall(r"--([a-z]+)", helps("judgefs")))
               if f"Fl Fl {o}" not in text]
    lib.equal(missing, [])


@lib.test
def every_key_of_a_problem_is_in_the_manual():
    text, section, told = page("problem.ini.5"), "", set()
    for line in text.splitlines():
        if line.startswith(".Ss ["):
            section = line[5:].split("]")[0]
        for key in re.findall(r"[a-z-]+", line.split(" No ")[0][7:]) if line.startswith(".It Ic ") else ():
            told.add((section, key))
    rows = set(re.findall(r'(?:KEY|WHOLE)\("([a-z]+)", "([a-z-]+)"',
                          lib.read(os.path.join(lib.TOP, "judge/package/ini.c"))))
    lib.check(len(rows) > 20, rows)
    lib.equal(sorted(told), sorted(rows))


@lib.test
def every_key_of_a_language_is_described():
    text = lib.read(os.path.join(lib.TOP, "docs/PROBLEMS.md")).split("## Languages")[1]
    keys = re.findall(r'KEY\("[a-z]+", "([a-z-]+)"', lib.read(os.path.join(lib.TOP, "judge/lang.c")))
    lib.equal([k for k in keys if not re.search(rf"^{k} =", text, re.M)], [])


@lib.test
def manual_pages_have_no_faults():
    pages = [os.path.join(lib.TOP, "docs/man", n)
             for n in sorted(os.listdir(os.path.join(lib.TOP, "docs/man")))]
    lib.need_programs("mandoc")
    got = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages],
                         stdout=subprocess.PIPE, text=True)
    lib.equal((got.returncode, got.stdout), (0, ""))
    lib.check(len(pages) >= 3, f"only {pages}")


@lib.test
def links_of_the_documents_lead_somewhere():
    broken = []
    for name in ["README.md", *[os.path.join("docs", n)
                                for n in os.listdir(os.path.join(lib.TOP, "docs"))
                                if n.endswith(".md")]]:
        for to in re.findall(r"\]\(([^)#:]+)\)", lib.read(os.path.join(lib.TOP, name))):
            if not os.path.exists(os.path.join(lib.TOP, os.path.dirname(name), to)):
                broken.append(f"{name} -> {to}")
    lib.equal(broken, [])


@lib.test
def readme_commands_are_targets():
    known = subprocess.run(["make", "-s", "help"], cwd=lib.TOP, stdout=subprocess.PIPE,
                           text=True, check=True).stdout
    wanted = set(re.findall(r"make ([a-z]+)", lib.read(os.path.join(lib.TOP, "README.md"))))
    missing = [t for t in wanted if not re.search(rf"make {t}\b", known)]
    lib.equal(missing, [])


lib.main()
