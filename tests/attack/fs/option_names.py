# attack: names that a compiler takes for options, other files or commands
# by: student
# expect: shut
import os
names = ["-fplugin=x.c", "-o.c", "@args.c", "--help.c", "-.c", "$(id).c", "`id`.c", "a b.c", "a;id.c", "*.c", "|id.c", "a'b.c", 'a"b.c', "-x.py", "%s%n.c", "con.c"]
for name in names:
    write(SUB + "/" + name, "int main(void) { return 0; }\n")
for name in names:
    got = final(name)
    assert got.startswith(("Wrong answer", "Compile error")), (name, got)
    os.unlink(SUB + "/" + name)
