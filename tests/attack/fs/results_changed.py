# attack: write, remove, rename and cover one's own verdict
# by: student
# expect: shut
import os
write(SUB + "/v.py", "print(7)\n")
final("v.py")
for suffix in (".verdict", ".result.json"):
    path = SUB + "/v.py" + suffix
    before = read(path)
    for fn, *args in ((write, path, "Accepted\n"), (os.unlink, path), (os.rename, path, SUB + "/x.py"), (os.truncate, path, 0),
                      (os.rename, SUB + "/v.py", path), (os.mkdir, path), (os.symlink, "x", path), (os.chown, path, os.getuid(), -1)):
        refused(fn, *args)
    assert read(path) == before
refused(write, SUB + "/never.py.verdict", "Accepted\n")
