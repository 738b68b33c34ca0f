# attack: names with newlines, terminal codes, directions of writing and no UTF-8
# by: student
# expect: shut
import os
sub = os.fsencode(SUB)
for name in (b"a\nb.py", b"\033[2J.py", b"\033]0;x\a.py", b"\xff\xfe.py", b"\xc0\x80.py", b"a\rb.py", b"\xe2\x80\xae.py", b"a\x7f.py",
             b"\xc2\x9b31m.py", b"\x01.py", b"a\tb.py", b"\xed\xa0\x80.py"):
    refused(write, sub + b"/" + name, RIGHT)
