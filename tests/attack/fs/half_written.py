# attack: a file that is written in halves by two
# by: student
# expect: shut
import os
text = RIGHT.encode()
a = os.open(SUB + "/half.py", os.O_WRONLY | os.O_CREAT, 0o600)
b = os.open(SUB + "/half.py", os.O_WRONLY)
os.pwrite(a, text[:10], 0)
os.close(a)
assert not verdict("half.py").startswith("Compile"), "judged while it is open"
os.pwrite(b, text[10:], 10)
os.close(b)
assert final("half.py") == "Accepted"
