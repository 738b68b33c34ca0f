# attack: an object file, an archive, a script of the linker, a bomb of zeros
# by: student
# expect: shut
import os, zipfile
sources = {"elf.c": open("/usr/bin/true", "rb").read(), "archive.c": b"!<arch>\n" + b"x" * 100, "linker.c": b"INPUT(/etc/shadow)\nGROUP(-lc)\n",
           "zeros.c": bytes(200000), "shell.c": b"#!/bin/sh\nid\n", "elf.py": open("/usr/bin/true", "rb").read(), "empty.java": b"\xca\xfe\xba\xbe" * 10}
for name, content in sources.items():
    write(SUB + "/" + name, content)
for name in sources:
    got = final(name)
    assert got.startswith("Compile error"), (name, got)
    os.unlink(SUB + "/" + name)
