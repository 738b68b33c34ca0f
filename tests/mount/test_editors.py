#!/usr/bin/python3
"""What programs do to save a file: each leaves one submission for one content, the right one.

Every case runs as an ordinary user in sub/, first to make a file, then to change it (where the
program can); what is left must be the content, its one result, and nothing judged that is not it.
"""
import os
import pty
import select
import signal
import time

import alone
import lib

lib.need_root()
serve = alone.Serve({"hello": {"source_bytes": 1 << 20}}, ini="[submit]\nsettle = 0s\n")
ONE = "int main(void) { return 1; }\n"
TWO = "int main(void) { return 22; }\n"		# of another size: rsync looks at it
home = os.path.join(serve.folder, "home")
_users = iter(range(20100, 20200))


def environment():
    return dict(os.environ, HOME=home, TMPDIR=home, TERM="xterm", LC_ALL="C.UTF-8")


def run(uid, sub, argv, stdin=None, code=0):
    """In sub/, with a home of its own; must succeed."""
    kw = {"input": stdin, "stdin": None} if stdin is not None else {}
    got = lib.run(argv, uid=uid, cwd=sub, env=environment(), **kw)
    lib.check(got.returncode == code, f"{argv[0]} ended with {got.returncode}: {got.stdout}")


def typed(uid, sub, argv, keys):
    """On a terminal: once it shows the file's name each of keys is typed when the program has
    been quiet for a moment."""
    pid, fd = pty.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os.chdir(sub)
            os.execvpe(argv[0], argv, environment())
        finally:
            os._exit(127)
    screen = b""
    try:
        end = time.monotonic() + lib.PATIENCE
        keys = list(keys)
        while True:
            lib.check(time.monotonic() < end, f"{argv[0]} hangs: {screen[-300:]!r}")
            ready = select.select([fd], [], [], 0.3)[0]
            if ready:
                try:
                    screen += os.read(fd, 65536)
                except OSError:		# EIO: the program has ended
                    break
            elif keys and b"a.c" in screen:
                os.write(fd, keys.pop(0))
        lib.equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, f"{argv[0]}'s status")
        pid = 0
    finally:
        os.close(fd)
        if pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def source(uid, content, name="a.c"):
    """A file outside of the mount."""
    path = f"{home}/{uid}.{name}"
    lib.write(path, content)
    os.chown(path, uid, uid)
    return path


def vim(*settings):
    def save(uid, sub, content):
        sets = [a for s in settings for a in ("-c", f"set {s}")]
        text = content.rstrip("\n")
        run(uid, sub, ["vim", "-Nu", "NONE", "-i", "NONE", "-es", *sets, "-c", "%d",
                       "-c", f"call setline(1, '{text}')", "-c", "wq", "a.c"])
    return save


def vim_typed(uid, sub, content):
    """With its swap file."""
    typed(uid, sub, ["vim", "-Nu", "NONE", "-i", "NONE", "a.c"],
          [b":%d\r", b"i" + content.rstrip("\n").encode() + b"\x1b", b":wq\r"])


def emacs_typed(uid, sub, content):
    """With its lock file and its backup."""
    typed(uid, sub, ["emacs", "-nw", "-Q", "--eval", "(setq make-backup-files t)", "a.c"],
          [b"\x18h", b"\x7f", content.encode(), b"\x18\x13", b"\x18\x03"])


def emacs(uid, sub, content):
    run(uid, sub, ["emacs", "-nw", "-Q", "--batch", "a.c", "--eval",
                   f'(progn (erase-buffer) (insert "{content.rstrip()}\\n") (save-buffer))'])


def emacs_precious(uid, sub, content):
    run(uid, sub, ["emacs", "-nw", "-Q", "--batch", "a.c", "--eval",
                   f'(progn (setq file-precious-flag t) (erase-buffer)'
                   f' (insert "{content.rstrip()}\\n") (save-buffer))'])


def nano(uid, sub, content):
    """^K cuts the one line, ^O writes it out, Return confirms the name, ^X leaves."""
    typed(uid, sub, ["nano", "-I", "a.c"],
          [b"\x0b", content.rstrip("\n").encode(), b"\x0f", b"\r", b"\x18"])


def ed(uid, sub, content):
    start = "a.c" if os.path.exists(f"{sub}/a.c") else None
    script = ("1,$c\n" if start else "a\n") + content + ".\nw a.c\nq\n"
    run(uid, sub, ["ed", "-s", *([start] if start else [])], stdin=script)


def shell(script):
    def save(uid, sub, content):
        run(uid, sub, ["sh", "-ec", script, "sh", source(uid, content), content])
    return save


def rsync(*options):
    def save(uid, sub, content):
        run(uid, sub, ["rsync", *options, source(uid, content), "a.c"])
    return save


def python_atomic(uid, sub, content):
    """As atomicwrites and many others: tempfile in the folder, fsync, rename."""
    run(uid, sub, ["python3", "-c", "import os, sys, tempfile\n"
                   "fd, name = tempfile.mkstemp(dir='.')\n"
                   "os.write(fd, sys.argv[1].encode()); os.fsync(fd); os.close(fd)\n"
                   "os.rename(name, 'a.c')\n", content])


def gio(uid, sub, content):
    lib.need_programs("gio")
    run(uid, sub, ["gio", "save", "a.c"], stdin=content)


def glib(uid, sub, content):
    """As g_file_set_contents(), QSaveFile: x.c.AbC123, then rename."""
    run(uid, sub, ["sh", "-ec", 'printf %s "$1" > a.c.AbC123; mv a.c.AbC123 a.c', "sh", content])


def jetbrains(uid, sub, content):
    run(uid, sub, ["sh", "-ec", 'printf %s "$1" > a.c___jb_tmp___; '
                   "if [ -e a.c ]; then mv a.c a.c___jb_old___; fi; mv a.c___jb_tmp___ a.c; "
                   "rm -f a.c___jb_old___", "sh", content])


def sed(uid, sub, content):
    if not os.path.exists(f"{sub}/a.c"):
        lib.as_user(uid, lib.write, f"{sub}/a.c", content)
        return
    run(uid, sub, ["sed", "-i", "s/return 1/return 22/", "a.c"])


def sed_backup(uid, sub, content):
    if not os.path.exists(f"{sub}/a.c"):
        lib.as_user(uid, lib.write, f"{sub}/a.c", content)
        return
    run(uid, sub, ["sed", "-i~", "s/return 1/return 22/", "a.c"])


def python_mmap(uid, sub, content):
    run(uid, sub, ["python3", "-c", "import mmap, os, sys\n"
                   "data = sys.argv[1].encode()\n"
                   "fd = os.open('a.c', os.O_RDWR | os.O_CREAT)\n"
                   "os.ftruncate(fd, len(data))\n"
                   "m = mmap.mmap(fd, len(data)); os.close(fd); m[:] = data; m.close()\n", content])


CASES = [
    ("cp", "cp", shell('cp "$1" a.c')),
    ("cp -p", "cp", shell('cp -p "$1" a.c')),
    ("cp -a", "cp", shell('cp -a "$1" a.c')),
    ("cp --reflink", "cp", shell('cp --reflink=auto --sparse=always "$1" a.c')),
    ("cp -f over", "cp", shell('cp -f --remove-destination "$1" a.c')),
    ("cp -b", "cp", shell('cp --backup=simple "$1" a.c')),
    ("mv", "mv", shell('mv "$1" a.c')),
    ("install", "install", shell('install -m 644 "$1" a.c')),
    ("install -C", "install", shell('install -C -m 644 "$1" a.c')),
    ("redirect", "sh", shell('cat "$1" > a.c')),
    ("redirect printf", "sh", shell('printf "%s" "$2" > a.c')),
    ("brace group", "sh", shell('{ printf "%s" "$2" | head -c 5; printf "%s" "$2" | tail -c +6; } > a.c')),
    ("two appends at once", "sh", shell(': > a.c; { head -c 5 "$1"; tail -c +6 "$1"; } >> a.c')),
    ("tee", "tee", shell('tee a.c < "$1" > /dev/null')),
    ("dd", "dd", shell('dd if="$1" of=a.c bs=4 status=none')),
    ("dd fsync", "dd", shell('dd if="$1" of=a.c bs=7 conv=fsync status=none')),
    ("dd sync direct", "dd", shell('dd if="$1" of=a.c bs=512 oflag=sync status=none')),
    ("tar", "tar", shell('d=$(mktemp -d); cp "$1" $d/a.c; tar -C $d -cf - a.c | tar -xf - -C .')),
    ("rsync", "rsync", rsync()),
    ("rsync -a", "rsync", rsync("-a")),
    ("rsync --inplace", "rsync", rsync("--inplace", "--ignore-times")),
    ("rsync --delay-updates", "rsync", rsync("-a", "--partial", "--fsync")),
    ("vim", "vim", vim()),
    ("vim backupcopy=yes", "vim", vim("backup", "backupcopy=yes", "backupdir=.")),
    ("vim backupcopy=no", "vim", vim("backup", "backupcopy=no", "backupdir=.")),
    ("vim nofsync", "vim", vim("nofsync", "nowritebackup", "noswapfile")),
    ("vim typed", "vim", vim_typed),
    ("emacs", "emacs", emacs),
    ("emacs typed", "emacs", emacs_typed),
    ("emacs precious", "emacs", emacs_precious),
    ("nano", "nano", nano),
    ("ed", "ed", ed),
    ("sed -i", "sed", sed),
    ("sed -i with backup", "sed", sed_backup),
    ("atomic by Python", "python3", python_atomic),
    ("gio", "gio", gio),
    ("GLib's temporary", "sh", glib),
    ("JetBrains", "sh", jetbrains),
    ("mmap", "python3", python_mmap),
]


def content_check(uid, sub, content):
    serve.settled()
    lib.equal(lib.as_user(uid, lib.read, sub + "/a.c"), content, "content")
    shown = [n for n in os.listdir(sub) if n.endswith(".verdict")]
    lib.equal(shown, ["a.c.verdict"], "results")


@lib.rows(CASES)
def saves(program, save):
    lib.need_programs(program)
    uid = next(_users)
    sub = serve.sub(uid, "hello")
    for content in (ONE, TWO):
        save(uid, sub, content)
        content_check(uid, sub, content)
    got = [(name, content.decode()) for name, content in submissions(uid)]
    lib.equal(got, [("a.c", ONE), ("a.c", TWO)])
    lib.check(not serve.rows("SELECT 1 FROM file WHERE state = 1"), "accepted, not submitted")


def submissions(uid):
    names = {row[0] for row in serve.rows("SELECT submission.id FROM submission JOIN user"
                                          " ON user.id = submission.user WHERE uid = ?", uid)}
    every = serve.rows("SELECT id FROM submission ORDER BY id")
    return [s for (id,), s in zip(every, serve.submissions()) if id in names]


@lib.test
def git_sees_an_honest_folder():
    """Not a way to submit; but status and diff of sub/ must not be confused."""
    lib.need_programs("git")
    uid = next(_users)
    sub = serve.sub(uid, "hello")
    lib.as_user(uid, lib.write, sub + "/a.c", ONE)
    run(uid, sub, ["git", "--git-dir", f"{home}/{uid}.git", "--work-tree", ".", "init", "-q"])
    run(uid, sub, ["git", "--git-dir", f"{home}/{uid}.git", "--work-tree", ".", "add", "a.c"])
    run(uid, sub, ["git", "--git-dir", f"{home}/{uid}.git", "--work-tree", ".", "diff",
                   "--exit-code"])


def setup():
    os.mkdir(home)
    os.chmod(home, 0o1777)
    serve.start()


@lib.test
def it_ends_with_its_mount():
    serve.stop()


lib.main(setup=setup)
