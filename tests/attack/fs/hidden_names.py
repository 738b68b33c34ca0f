# attack: names that are or look like the judge's own
# by: student
# expect: shut
import os
for name in ("verdict", "result.json", "compile.txt", "tests", ".", "..", "", "x.verdict", "a.py.result.json"):
    refused(write, SUB + "/" + name, RIGHT)
for name in (".hidden.py", "x.py~", "#x.py#", ".nfs0000000000000001"):
    write(SUB + "/" + name, RIGHT)
    assert not os.path.exists(SUB + "/" + name + ".verdict") or not verdict(name).startswith("Queued")
    os.unlink(SUB + "/" + name)
