# attack: an archive that unpacks to gigabytes or to a path outside: no language takes it
# by: student
# expect: shut
import io, os, tarfile, zipfile
made = io.BytesIO()
with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("../../../../tmp/judgefs-out.c", "int main(void) { return 0; }")
    z.writestr("/etc/judgefs-out", "x")
    z.writestr("zeros", bytes(20 << 20))
write(SUB + "/bomb.zip", made.getvalue())
made = io.BytesIO()
with tarfile.open(fileobj=made, mode="w:gz") as t:
    info = tarfile.TarInfo("../../out")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/shadow"
    t.addfile(info)
write(SUB + "/bomb.tar.gz", made.getvalue())
for name in ("bomb.zip", "bomb.tar.gz"):
    assert not final(name).startswith("Accepted")
    os.unlink(SUB + "/" + name)
assert not os.path.exists("/tmp/judgefs-out.c")
