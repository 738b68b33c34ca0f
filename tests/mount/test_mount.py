#!/usr/bin/python3
"""The mount itself, by judgefs-serve alone: names, modes, refusals, freshness, handles."""
import contextlib
import ctypes
import errno
import json
import os
import socket
import stat
import subprocess
import time

import alone
import lib

lib.need_root()
DAY = 86400 * 10**6
now = int(time.time() * 1e6)
serve = alone.Serve({
    "hello": {},
    "small": {"source_bytes": 1000},
    "later": {"open_us": now + DAY},
    "over": {"close_us": now - DAY},
}, ini="[submit]\nsettle = 0s\nquiet = 400ms\nquota = 300KiB\nquota-files = 40\n")
SOURCE = "int main(void) { return 0; }\n"
MODE = 0o7777
_count = 0


def fresh():
    """A name that no test had."""
    global _count
    _count += 1
    return f"t{_count}.c"


def put(uid, problem, name, content=SOURCE):
    path = os.path.join(serve.sub(uid, problem), name)
    lib.as_user(uid, lib.write, path, content)
    return path


def submission_of(path):
    serve.settled()
    return serve.rows("SELECT submission FROM file WHERE name = ? AND gone = 0",
                      os.path.basename(path))[0][0]


# ------------------------------------------------------------- the tree

@lib.test
def the_root_lists_what_there_is():
    names = sorted(os.listdir(serve.mount))
    lib.equal(names, ["README.txt", "health.txt", "hello", "languages.txt", "later", "over",
                      "queue.txt", "small", "users"])
    lib.equal(os.stat(serve.mount).st_ino, 1)


@lib.test
def links_lead_everybody_to_their_own_place():
    for uid in (lib.ALICE, lib.BOB, 0):
        name = "root" if uid == 0 else str(uid)
        for link in ("sub", "history"):
            path = f"{serve.mount}/hello/{link}"
            lib.equal(lib.as_user(uid, os.readlink, path), f"../users/{name}/hello/{link}")
            st = lib.as_user(uid, os.lstat, path)
            lib.equal(st.st_uid, uid)
            lib.equal(st.st_size, len(f"../users/{name}/hello/{link}"))
    a = lib.as_user(lib.ALICE, os.lstat, serve.mount + "/hello/sub")
    b = lib.as_user(lib.BOB, os.lstat, serve.mount + "/hello/sub")
    lib.check(a.st_ino != b.st_ino, "one inode for two users")
    lib.check(str(lib.ALICE) in os.listdir(serve.mount + "/users"), "not in users/")


@lib.test
def the_first_step_below_users_makes_the_place():
    uid = 20017
    path = f"{serve.mount}/users/{uid}/hello/sub"
    lib.raises(errno.ENOENT, os.stat, f"{serve.mount}/users/{uid}")
    lib.equal(lib.as_user(uid, os.listdir, path), [])
    lib.raises(errno.ENOENT, lib.as_user, uid, os.stat, f"{serve.mount}/users/nobody-else")
    # And who lists the own folder finds every problem.
    lib.equal(sorted(lib.as_user(uid, os.listdir, f"{serve.mount}/users/{uid}")),
              ["hello", "later", "over", "small"])


@lib.test
def modes_keep_the_others_out():
    put(lib.ALICE, "hello", "mine.c")
    sub = serve.sub(lib.ALICE, "hello")
    lib.equal(os.stat(sub).st_mode & MODE, 0o700)
    lib.equal(os.stat(sub + "/../history").st_mode & MODE, 0o500)
    lib.raises(errno.EACCES, lib.as_user, lib.BOB, os.listdir, sub)
    lib.raises(errno.EACCES, lib.as_user, lib.BOB, lib.read, sub + "/mine.c")
    lib.raises(errno.EACCES, lib.as_user, lib.BOB, lib.read, sub + "/mine.c.verdict")
    lib.raises(errno.EACCES, lib.as_user, lib.BOB, lib.write, sub + "/bobs.c", "x")


@lib.test
def two_users_one_name():
    a = put(lib.ALICE, "hello", "same.c", "alice\n")
    b = put(lib.BOB, "hello", "same.c", "bob\n")
    lib.equal(lib.as_user(lib.ALICE, lib.read, serve.mount + "/hello/sub/same.c"), "alice\n")
    lib.equal(lib.as_user(lib.BOB, lib.read, serve.mount + "/hello/sub/same.c"), "bob\n")
    serve.settled()
    lib.equal(sorted(c for _, c in serve.submissions("same.c")), [b"alice\n", b"bob\n"])
    lib.check(a != b, "one path")


@lib.test
def nothing_can_be_made_elsewhere():
    for path in ("x", "hello/x", "users/x", f"users/{lib.ALICE}/x", f"users/{lib.ALICE}/hello/x",
                 f"users/{lib.ALICE}/hello/history/x"):
        for uid in (lib.ALICE, 0):
            for make in (os.mkdir, os.mknod, lambda p: os.symlink("y", p)):
                try:
                    lib.as_user(uid, make, f"{serve.mount}/{path}")
                except OSError as e:
                    lib.check(e.errno in (errno.EACCES, errno.EPERM), f"{path}: {e}")
                else:
                    raise lib.Failed(f"{path} was made")


# ------------------------------------------------------------- results

@lib.test
def results_exist_from_the_first_moment():
    path = os.path.join(serve.sub(lib.ALICE, "hello"), fresh())

    def watch():
        seen = []
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        for step in (lambda: None, lambda: os.write(fd, b"x\n"), lambda: os.close(fd)):
            step()
            seen.append((lib.read(path + ".verdict").split("\n")[0],
                         "final" in lib.read(path + ".result.json")))
        return seen
    first, written, closed = lib.as_user(lib.ALICE, watch)
    lib.equal(first, ("Not judged", True))
    lib.equal(written, ("Not judged", True))
    lib.equal(closed, ("Queued, 0 before it", True))
    lib.raises(errno.ENOENT, os.stat, path + ".compile.txt")
    listed = os.listdir(os.path.dirname(path))
    for suffix in ("", ".verdict", ".result.json"):
        lib.check(os.path.basename(path) + suffix in listed, f"{suffix} is not listed")


@lib.test
def sizes_are_exact():
    path = put(lib.ALICE, "hello", fresh())
    sub = submission_of(path)
    serve.done(sub, "Accepted\n" + "y" * 9000, compile="warning: x\n" * 1000)
    serve.publish(path + ".verdict", sub, "Accepted\n" + "y" * 9000)
    for top, _, names in os.walk(serve.mount):
        for name in names:
            at = os.path.join(top, name)
            if os.path.islink(at):
                lib.equal(os.lstat(at).st_size, len(os.readlink(at)), at)
                continue
            with open(at, "rb") as f:
                lib.equal(len(f.read()), os.stat(at).st_size, at)


@lib.test
def results_are_the_judges():
    path = put(lib.ALICE, "hello", fresh())
    for suffix in (".verdict", ".result.json"):
        at = path + suffix
        st = os.stat(at)
        lib.equal((st.st_uid, st.st_mode & MODE), (alone.UID, 0o644))
        for uid in (lib.ALICE, 0):
            lib.raises(errno.EACCES, lib.as_user, uid, lib.write, at, "Accepted\n")
            lib.raises(errno.EACCES, lib.as_user, uid, os.truncate, at, 0)
            lib.raises(errno.EPERM, lib.as_user, uid, os.unlink, at)
            lib.raises(errno.EPERM, lib.as_user, uid, os.rename, at, path + ".x")
            lib.raises(errno.EPERM, lib.as_user, uid, os.rename, path, at)
            lib.raises(errno.EPERM, lib.as_user, uid, os.chmod, at, 0o777)
        lib.raises(errno.EPERM, lib.as_user, lib.ALICE, os.utime, at, (1, 1))
    lib.equal(lib.read(path), SOURCE)


@lib.test
def the_publisher_writes_for_the_newest_only():
    path = put(lib.ALICE, "hello", fresh(), "one\n")
    old = submission_of(path)
    serve.publish(path + ".verdict", old, "Running test 1 of 9\n")
    lib.equal(lib.read(path + ".verdict"), "Running test 1 of 9\n")
    lib.raises(errno.ESTALE, serve.publish, path + ".verdict", None, "Accepted\n")
    put(lib.ALICE, "hello", os.path.basename(path), "two\n")
    lib.equal(lib.read(path + ".verdict"), "Queued, 0 before it\n")
    new = submission_of(path)
    lib.check(new != old, "no new submission")
    lib.raises(errno.ESTALE, serve.publish, path + ".verdict", old, "Wrong answer\n")
    lib.equal(lib.read(path + ".verdict"), "Queued, 0 before it\n")
    serve.publish(path + ".verdict", new, "Accepted\n")
    lib.equal(lib.read(path + ".verdict"), "Accepted\n")


@lib.test
def what_is_read_is_never_stale():
    path = put(lib.ALICE, "hello", fresh())
    sub = submission_of(path)
    at = path + ".verdict"
    mtimes = set()
    tail = subprocess.Popen(["tail", "-F", "-s", "0.05", "-n", "+1", at], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    seen = os.open(at, os.O_RDONLY)
    try:
        for i in range(30):
            text = f"Running test {i % 10} of 9\n"	# the same size each time
            serve.publish(at, sub, text)
            lib.equal(lib.read(at), text)
            lib.equal(os.pread(seen, 100, 0).decode(), text)
            st = os.stat(at)
            lib.equal(st.st_size, len(text))
            mtimes.add(st.st_mtime_ns)
        lib.equal(len(mtimes), 30, "times of change")
        serve.publish(at, sub, "Accepted\n" + "a line more\n" * 3)
        got = b""
        while b"a line more" not in got:
            more = tail.stdout.read1()
            lib.check(more, "tail ended")
            got += more
    finally:
        tail.kill()
        tail.wait()
        os.close(seen)


@lib.test
def a_change_wakes_inotify():
    path = put(lib.ALICE, "hello", fresh())
    sub = submission_of(path)
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init1(os.O_NONBLOCK)
    lib.check(libc.inotify_add_watch(fd, os.path.dirname(path).encode(), 0x2 | 0x8) > 0, "watch")
    serve.publish(path + ".verdict", sub, "Accepted\n")
    got = lib.wait_for(lambda: os.read(fd, 4096), "an event")
    lib.check(os.path.basename(path).encode() + b".verdict" in got, got)
    os.close(fd)


@lib.test
def times_of_folders_move():
    path = put(lib.ALICE, "hello", fresh())
    sub = submission_of(path)
    folder = os.path.dirname(path)
    before = os.stat(folder).st_mtime_ns
    serve.change("UPDATE place SET changed_us = changed_us + 1000000")
    lib.wait_for(lambda: os.stat(folder).st_mtime_ns > before, "the store's change to be seen")
    before = os.stat(folder).st_mtime_ns
    lib.as_user(lib.ALICE, os.unlink, path)
    lib.check(os.stat(folder).st_mtime_ns > before, "a removal is not seen")
    lib.check(sub, "no submission")


@lib.test
def the_same_content_again_shows_its_result_again():
    path = put(lib.ALICE, "hello", fresh(), "answer\n")
    sub = submission_of(path)
    serve.done(sub, "Accepted\n", compile="note: fine\n")
    serve.publish(path + ".verdict", sub, "Accepted\n")
    put(lib.ALICE, "hello", os.path.basename(path), "answer\n")
    serve.settled()
    lib.equal(len(serve.submissions(os.path.basename(path))), 1)
    lib.wait_for(lambda: lib.read(path + ".verdict") == "Accepted\n", "the verdict to be back")
    lib.equal(lib.read(path + ".compile.txt"), "note: fine\n")
    for idle in (lambda: os.utime(path), lambda: os.chmod(path, 0o600),
                 lambda: os.close(os.open(path, os.O_RDWR))):
        lib.as_user(lib.ALICE, idle)
    serve.settled()
    lib.equal(lib.read(path + ".verdict"), "Accepted\n")
    lib.equal(len(serve.submissions(os.path.basename(path))), 1)


@lib.test
def history_keeps_everything():
    path = put(lib.BOB, "small", "h.c", "first\n")
    first = submission_of(path)
    serve.done(first, "Wrong answer on test 1\n", compile="a warning\n")
    put(lib.BOB, "small", "h.c", "second\n")
    submission_of(path)
    lib.as_user(lib.BOB, os.unlink, path)
    lib.equal(lib.as_user(lib.BOB, os.listdir, os.path.dirname(path)), [])
    history = os.path.normpath(os.path.dirname(path) + "/../history")
    lib.equal(sorted(os.listdir(history)), ["1", "2"])
    lib.equal(sorted(os.listdir(history + "/1")), ["compile.txt", "h.c", "result.json", "verdict"])
    lib.equal(sorted(os.listdir(history + "/2")), ["h.c", "result.json", "verdict"])
    lib.equal(lib.read(history + "/1/h.c"), "first\n")
    lib.equal(lib.read(history + "/1/verdict"), "Wrong answer on test 1\n")
    lib.equal(lib.read(history + "/1/compile.txt"), "a warning\n")
    lib.equal(lib.read(history + "/2/h.c"), "second\n")
    lib.equal(lib.read(history + "/2/verdict"), "Queued, 0 before it\n")
    for name in ("3", "01", "0", "x", "-1", "1x"):
        lib.raises(errno.ENOENT, os.stat, f"{history}/{name}")
    for uid in (lib.BOB, 0):
        lib.raises(errno.EACCES, lib.as_user, uid, lib.write, history + "/1/h.c", "x")
        try:
            lib.as_user(uid, os.unlink, history + "/1/h.c")
            raise lib.Failed("removed from history")
        except OSError as e:
            lib.check(e.errno in (errno.EPERM, errno.EACCES), e)


# ------------------------------------------------------------- refusals

def beyond_quota(path):
    for i in range(5):
        lib.write(f"{path}{i}", "x" * 60_000)
    lib.write(path, "x" * 60_000)


EMPTY = "The file is empty: there is nothing to judge."


@lib.rows([
    ("too large", 20021, "small", lambda path: lib.write(path, "x" * 2000), errno.EFBIG,
     "The last copy was not taken: it is larger than a source may be here: 1000 bytes."),
    ("beyond quota", 20022, "hello", beyond_quota, errno.EDQUOT, "The last copy was not taken: "
     "remove old files from sub/, all together may have 300 KiB."),
    ("emptied", 20023, "hello", lambda path: lib.write(path, ""), 0, EMPTY),
    ("emptied by name", 20024, "hello", lambda path: os.truncate(path, 0), 0, EMPTY),
    ("removed before", 20025, "hello", lambda path: (os.unlink(path), lib.write(path, "")), 0,
     EMPTY),
])
def what_was_not_taken_says_so(uid, problem, change, number, why):
    path = put(uid, problem, fresh(), "")

    def says(text):
        want = f"Not judged\n\n{why}\n{text}\n"
        lib.wait_for(lambda: lib.read(path + ".verdict").startswith("Not judged"), "it to go")
        lib.equal(lib.read(path + ".verdict"), want)

    lib.starts(lib.read(path + ".verdict"), f"Not judged\n\n{EMPTY}\nNothing was handed in")
    lib.as_user(uid, lib.write, path, "fine\n")
    sub = submission_of(path)
    serve.done(sub, "Accepted\n")
    serve.publish(path + ".verdict", sub, "Accepted\n")
    if number:
        lib.raises(number, lib.as_user, uid, change, path)
    else:
        lib.as_user(uid, change, path)
    says("Attempt 1, the last under this name, stands in history/1.")
    place = os.path.dirname(os.path.dirname(path))
    lib.equal(lib.read(f"{place}/history/1/{os.path.basename(path)}"), "fine\n")


@lib.test
def emptied_and_begun_again_is_whole():
    """Also when the very first write was refused, so that there was nothing to empty."""
    path = os.path.join(serve.sub(lib.BOB, "small"), fresh())

    def again():
        fd = os.open(path, os.O_WRONLY | os.O_CREAT)
        lib.raises(errno.EFBIG, os.write, fd, b"x" * 2000)
        os.ftruncate(fd, 0)
        os.write(fd, b"whole\n")
        os.fsync(fd)
        os.close(fd)
    lib.as_user(lib.BOB, again)
    serve.settled()
    lib.equal(serve.submissions(os.path.basename(path)), [(os.path.basename(path), b"whole\n")])


@lib.test
def a_sync_by_a_reader_accepts():
    """sync(1) opens for reading."""
    path = put(lib.BOB, "hello", fresh(), "")

    def state():
        return serve.rows("SELECT state FROM file WHERE name = ?", os.path.basename(path))[0][0]
    # No fork while they are open: a child's end is a flush.
    writer, reader = os.open(path, os.O_WRONLY), os.open(path, os.O_RDONLY)
    os.write(writer, SOURCE.encode())
    before = state()
    os.fsync(reader)
    after = state()
    os.close(reader)
    os.close(writer)
    lib.equal((before, after), (0, 1))
    serve.settled()
    lib.equal(len(serve.submissions(os.path.basename(path))), 1)


@lib.test
def renamed_is_judged_though_it_can_not_be_shown():
    """What can not be written beside the source is no reason to forget it."""
    path = put(lib.BOB, "hello", ".debris")
    row = serve.rows("SELECT id FROM file WHERE name = '.debris' AND gone = 0")[0][0]
    name = fresh()
    in_the_way = f"{serve.state}/results/{row}.verdict"
    os.mkdir(in_the_way)
    try:
        lib.as_user(lib.BOB, os.rename, path, os.path.join(os.path.dirname(path), name))
        lib.wait_for(lambda: serve.submissions(name), "it to be handed in")
    finally:
        os.rmdir(in_the_way)


@lib.test
def a_quota_of_bytes_and_files():
    uid = 20018
    sub = serve.sub(uid, "hello")

    def fill(size, most):
        for i in range(most):
            try:
                lib.write(f"{sub}/q{i}.c", b"x" * size)
            except OSError as e:
                return i, e.errno
        return most, 0
    lib.equal(lib.as_user(uid, fill, 60_000, 100), (5, errno.EDQUOT))
    lib.as_user(uid, lambda: [os.unlink(f"{sub}/q{i}.c") for i in range(6)])
    nothing_is_gone()
    lib.equal(lib.as_user(uid, fill, 1, 100), (40, errno.EDQUOT))
    lib.as_user(uid, os.unlink, sub + "/q0.c")
    nothing_is_gone()
    lib.as_user(uid, lib.write, sub + "/again.c", "x")


def nothing_is_gone():
    """A close is answered before the file system hears of it: it may come after an unlink."""
    lib.wait_for(lambda: not serve.rows("SELECT 1 FROM file WHERE gone = 1"),
                 "removed files to be forgotten")


class Hoarder:
    """Opens files and closes none, in a process of its own: a fork of ours would flush them."""

    def __init__(self, uid, sub):
        self.ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.ours.close()
                lib.as_user(uid, self._answer, theirs, sub)
            finally:
                os._exit(0)
        theirs.close()

    @staticmethod
    def _answer(at, sub):
        kept, n = {}, 0
        while line := at.recv(100).decode():
            what, arg = line.split()
            done, error = 0, 0
            try:
                while what == "write" and done < 60:
                    n += 1
                    fd = os.open(f"{sub}/.h{n}.c", os.O_WRONLY | os.O_CREAT)
                    kept[n] = fd
                    if int(arg):
                        os.write(fd, b"x" * int(arg))
                    done += 1
                for i, fd in list(kept.items()):
                    if what == "unlink":
                        os.unlink(f"{sub}/.h{i}.c")
                    if what == "truncate":
                        os.ftruncate(fd, int(arg))
                    if what == "close":		# says again what was refused
                        with contextlib.suppress(OSError):
                            os.close(kept.pop(i))
            except OSError as e:
                error = e.errno
            at.send(f"{done} {error}".encode())

    def do(self, what, arg=0):
        self.ours.send(f"{what} {arg}".encode())
        return tuple(map(int, self.ours.recv(100).split()))

    def end(self):
        self.ours.close()
        os.waitpid(self.pid, 0)


@lib.test
def a_quota_counts_what_is_open_or_removed():
    """None is closed, so nothing of it is accepted; and a killed server has forgotten nothing."""
    uid = 20026
    sub = serve.sub(uid, "hello")
    h = Hoarder(uid, sub)
    refused = (0, errno.EDQUOT)
    try:
        lib.equal(h.do("write", 60_000), (5, errno.EDQUOT))
        lib.equal(h.do("unlink"), (0, 0))
        lib.equal(h.do("write", 60_000), refused, "with all unlinked")
        serve.kill()
        serve.start()
        lib.equal(h.do("write", 60_000), refused, "after a restart")
        lib.equal(h.do("truncate", 0), (0, 0))
        lib.equal(h.do("truncate", 20_000), (0, 0))
        lib.equal(h.do("write", 60_000), (2, errno.EDQUOT), "with what was given back")
        lib.equal(h.do("close"), (0, 0))
    finally:
        h.end()
    lib.as_user(uid, lambda: [os.unlink(f"{sub}/{name}") for name in os.listdir(sub)])
    nothing_is_gone()
    h = Hoarder(uid, sub)
    try:
        lib.equal(h.do("write", 60_000), (5, errno.EDQUOT), "with all forgotten")
        lib.equal(h.do("truncate", 0), (0, 0))
        lib.equal(h.do("unlink"), (0, 0))
        lib.equal(h.do("write", 0), (34, errno.EDQUOT), "number")
    finally:
        h.end()


@lib.test
def the_reserve_is_kept():
    full = alone.Serve({"hello": {}}, ini="[submit]\nreserve = 1000G\n").start()
    try:
        sub = full.sub(lib.ALICE, "hello")
        lib.raises(errno.ENOSPC, lib.as_user, lib.ALICE, lib.write, sub + "/a.c", "x")
    finally:
        full.stop()


@lib.test
def folders_and_links_are_refused():
    path = put(lib.ALICE, "hello", fresh())
    folder = os.path.dirname(path)
    for make in (lambda: os.mkdir(folder + "/d"), lambda: os.symlink("x", folder + "/l"),
                 lambda: os.link(path, folder + "/h.c"), lambda: os.mkfifo(folder + "/p")):
        lib.raises(errno.EPERM, lib.as_user, lib.ALICE, make)


@lib.test
def attributes_as_editors_need_them():
    path = put(lib.ALICE, "hello", fresh())

    def change():
        os.chmod(path, 0o640)
        os.utime(path, ns=(1_000_000_000_123_456_789, 1_111_111_111_987_654_321))
        os.chown(path, lib.ALICE, lib.ALICE)
        os.chown(path, -1, -1)
        return os.stat(path)
    st = lib.as_user(lib.ALICE, change)
    lib.equal((st.st_mode & MODE, st.st_mtime_ns), (0o640, 1_111_111_111_987_654_321))
    lib.equal((st.st_uid, st.st_gid), (lib.ALICE, lib.ALICE))
    lib.raises(errno.EPERM, lib.as_user, 0, os.chown, path, lib.BOB, lib.BOB)
    lib.raises(errno.EPERM, lib.as_user, lib.ALICE, os.chown, path, lib.BOB, -1)
    serve.kill()
    serve.start()
    lib.equal(os.stat(path).st_mtime_ns, 1_111_111_111_987_654_321)


# ------------------------------------------------------------- when it is complete

@contextlib.contextmanager
def as_server(name, fn):
    """fn(fd) by a process that is called so, which keeps the file open for ever."""
    path = os.path.join(serve.sub(lib.ALICE, "hello"), fresh())

    def keep():
        alone._libc.prctl(15, name.encode(), 0, 0, 0)		# PR_SET_NAME
        fn(os.open(path, os.O_RDWR | os.O_CREAT, 0o644))
        os.write(ready[1], b"x")
        os.read(go[0], 1)
    ready, go = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            lib.as_user(lib.ALICE, keep)
        finally:
            os._exit(0)
    try:
        lib.equal(os.read(ready[0], 1), b"x")
        yield os.path.basename(path)
    finally:
        os.write(go[1], b"x")
        os.waitpid(pid, 0)
        for end in (*ready, *go):
            os.close(end)


@lib.rows([("nfsd", "nfsd", True), ("ganesha", "ganesha.nfsd", True),
           ("ganesha without a commit", "ganesha.nfsd", False)])
def a_server_need_not_close(name, sync):
    def write(fd):
        os.write(fd, b"by a server\n")
        if sync:
            os.fsync(fd)
    with as_server(name, write) as file:
        lib.wait_for(lambda: serve.submissions(file) == [(file, b"by a server\n")],
                     "the submission, while it is open")


@lib.test
def a_program_must_close():
    def write(fd):
        os.write(fd, b"half\n")
        os.fsync(fd)
    with as_server("editor", write) as file:
        time.sleep(1)		# longer than every quiet of this test
        lib.equal(serve.submissions(file), [])
    serve.settled()
    lib.equal(serve.submissions(file), [(file, b"half\n")])


@lib.test
def nfsd_makes_files_by_mknod():
    path = os.path.join(serve.sub(lib.ALICE, "hello"), fresh())
    name = os.path.basename(path)

    def write():
        os.mknod(path, 0o644 | stat.S_IFREG)
        lib.raises(errno.EEXIST, os.mknod, path, 0o644 | stat.S_IFREG)
        lib.starts(lib.read(path + ".verdict"), "Not judged")
        with open(path, "r+") as f:
            f.write("made by mknod\n")
    lib.as_user(lib.ALICE, write)
    serve.settled()
    lib.equal(serve.submissions(name), [(name, b"made by mknod\n")])


@lib.test
def truncate_by_name_is_a_change_too():
    path = put(lib.ALICE, "hello", fresh(), "a long line\n")
    name = os.path.basename(path)
    submission_of(path)
    lib.as_user(lib.ALICE, os.truncate, path, 6)
    lib.wait_for(lambda: [c for _, c in serve.submissions(name)] == [b"a long line\n", b"a long"],
                 "the shorter content")


# ------------------------------------------------------------- open files, names

@lib.test
def an_open_file_outlives_its_name():
    path = put(lib.ALICE, "hello", fresh(), "still here\n")
    fd = os.open(path, os.O_RDONLY)
    file = serve.rows("SELECT id FROM file WHERE name = ?", os.path.basename(path))[0][0]
    lib.as_user(lib.ALICE, os.unlink, path)
    lib.raises(errno.ENOENT, os.stat, path + ".verdict")
    lib.equal(os.pread(fd, 100, 0), b"still here\n")
    lib.equal(os.fstat(fd).st_nlink, 0)
    serve.kill()
    serve.start()
    lib.equal(os.pread(fd, 100, 0), b"still here\n")
    os.close(fd)
    lib.wait_for(lambda: not os.path.exists(f"{serve.state}/spool/{file}"), "the spool to go")
    lib.equal(serve.submissions(os.path.basename(path)), [(os.path.basename(path), b"still here\n")])


@lib.test
def accepted_and_removed_at_once_is_judged():
    names = [fresh() for _ in range(20)]
    folder = serve.sub(lib.ALICE, "hello")

    def hurry():
        for n in names:
            lib.write(f"{folder}/{n}", n)
            os.unlink(f"{folder}/{n}")
    lib.as_user(lib.ALICE, hurry)
    serve.settled()
    for n in names:
        lib.equal(serve.submissions(n), [(n, n.encode())])


@lib.test
def a_rename_is_judged_under_its_new_name():
    folder = serve.sub(lib.ALICE, "hello")
    temp, name, other = f"{folder}/.x.tmp", fresh(), fresh()
    lib.as_user(lib.ALICE, lib.write, temp, "renamed\n")
    lib.raises(errno.ENOENT, os.stat, temp + ".verdict")
    lib.as_user(lib.ALICE, os.rename, temp, f"{folder}/{name}")
    lib.equal(lib.read(f"{folder}/{name}.verdict"), "Queued, 0 before it\n")
    serve.settled()
    lib.equal(serve.submissions(name), [(name, b"renamed\n")])
    lib.equal(serve.submissions(".x.tmp"), [])
    # Onto one that was judged: the new content counts, its results are the new ones.
    lib.as_user(lib.ALICE, lib.write, f"{folder}/{other}", "old\n")
    sub = submission_of(f"{folder}/{other}")
    serve.done(sub, "Accepted\n")
    serve.publish(f"{folder}/{other}.verdict", sub, "Accepted\n")
    lib.as_user(lib.ALICE, lib.write, temp, "new\n")
    lib.as_user(lib.ALICE, os.rename, temp, f"{folder}/{other}")
    lib.equal(lib.read(f"{folder}/{other}.verdict"), "Queued, 0 before it\n")
    serve.settled()
    lib.equal(serve.submissions(other), [(other, b"old\n"), (other, b"new\n")])
    # And the same content once more: the one that was judged, with its result.
    sub = submission_of(f"{folder}/{other}")
    serve.done(sub, "Wrong answer\n")
    lib.as_user(lib.ALICE, lib.write, temp, "new\n")
    lib.as_user(lib.ALICE, os.rename, temp, f"{folder}/{other}")
    serve.settled()
    lib.equal(len(serve.submissions(other)), 2)
    lib.wait_for(lambda: lib.read(f"{folder}/{other}.verdict") == "Wrong answer\n", "the result")


@lib.test
def a_rename_that_must_not_replace():
    folder = serve.sub(lib.ALICE, "hello")
    a, b = f"{folder}/{fresh()}", f"{folder}/{fresh()}"
    libc = ctypes.CDLL(None, use_errno=True)

    def rename(flags, frm, to):
        if libc.renameat2(-100, frm.encode(), -100, to.encode(), flags) != 0:
            raise OSError(ctypes.get_errno(), "renameat2")
    lib.as_user(lib.ALICE, lib.write, a, "a\n")
    lib.as_user(lib.ALICE, lib.write, b, "b\n")
    lib.raises(errno.EEXIST, lib.as_user, lib.ALICE, rename, 1, a, b)
    lib.raises(errno.EINVAL, lib.as_user, lib.ALICE, rename, 2, a, b)
    lib.as_user(lib.ALICE, rename, 1, a, b + ".txt")
    lib.equal(lib.read(b), "b\n")
    lib.equal(lib.read(b + ".txt"), "a\n")


@lib.test
def between_places_but_not_between_users():
    a = put(lib.ALICE, "hello", fresh(), "moved\n")
    to = os.path.join(serve.sub(lib.ALICE, "small"), os.path.basename(a))
    lib.as_user(lib.ALICE, os.rename, a, to)
    serve.settled()
    rows = serve.rows("SELECT problem.name FROM submission JOIN problem ON problem.id ="
                      " submission.problem WHERE submission.name = ? ORDER BY submission.id",
                      os.path.basename(a))
    lib.equal([r[0] for r in rows], ["hello", "small"])
    lib.raises(errno.EXDEV, os.rename, to, os.path.join(serve.sub(lib.BOB, "small"), "x.c"))
    big = put(lib.ALICE, "hello", fresh(), "x" * 1001)
    lib.raises(errno.EFBIG, lib.as_user, lib.ALICE, os.rename, big, to)


@lib.test
def listings_go_on_over_removals():
    uid = 20019
    sub = serve.sub(uid, "hello")
    names = [f"n{i:02}.c" for i in range(38)]

    def fill_and_clear():
        for n in names:
            lib.write(f"{sub}/{n}", "x")
        seen = set()
        with os.scandir(sub) as entries:	# reads on while what was seen goes
            for e in entries:
                seen.add(e.name)
                if e.name in names:
                    os.unlink(e.path)
        return seen, os.listdir(sub)
    seen, left = lib.as_user(uid, fill_and_clear)
    lib.equal([n for n in names if n not in seen], [])
    lib.equal(left, [])


# ------------------------------------------------------------- handles, death

class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("data", ctypes.c_ubyte * 128)]


def handle_of(path):
    h, mount = Handle(bytes=128), ctypes.c_int()
    alone._check(alone._libc.name_to_handle_at(-100, path.encode(), ctypes.byref(h),
                                               ctypes.byref(mount), 0), "name_to_handle_at")
    return h


def open_handle(h, flags=os.O_RDONLY):
    at = os.open(serve.mount, os.O_RDONLY)
    try:
        fd = alone._libc.open_by_handle_at(at, ctypes.byref(h), flags)
        if fd < 0:
            raise OSError(ctypes.get_errno(), "open_by_handle_at")
        return fd
    finally:
        os.close(at)


def forget_inodes():
    lib.write("/proc/sys/vm/drop_caches", "2")


@lib.test
def handles_stay_valid():
    path = put(lib.ALICE, "hello", fresh(), "by handle\n")
    submission_of(path)
    gone = put(lib.ALICE, "hello", fresh())
    history = os.path.normpath(os.path.dirname(path) + "/../history")
    last = f"{history}/{max(map(int, os.listdir(history)))}"
    files = [path, path + ".verdict", last + "/verdict", serve.mount + "/README.txt"]
    folders = [os.path.dirname(path), history, last, serve.mount + "/hello", serve.mount,
               serve.mount + "/users"]
    handles = {p: handle_of(p) for p in files + folders + [gone]}
    inodes = {p: os.stat(p).st_ino for p in handles}
    lib.as_user(lib.ALICE, os.unlink, gone)
    for again in (forget_inodes, lambda: (serve.kill(), serve.start()), forget_inodes):
        again()
        for p in files + folders:
            fd = open_handle(handles[p])
            lib.equal(os.fstat(fd).st_ino, inodes[p], p)
            if p in folders:
                lib.equal(os.readlink(f"/proc/self/fd/{fd}"), p)	# connected up to the root
            os.close(fd)
        lib.raises(errno.ESTALE, open_handle, handles[gone])
    fd = open_handle(handles[path], os.O_WRONLY | os.O_TRUNC)
    os.write(fd, b"written by handle\n")
    os.close(fd)
    serve.settled()
    lib.equal(serve.submissions(os.path.basename(path))[-1][1], b"written by handle\n")


@lib.test
def a_made_up_handle_is_stale():
    real = handle_of(serve.mount + "/hello")
    for ino in (0, 2, 99, 1 << 40, (1 << 64) - 1, 0xffff1d, 0xffff21):
        h = Handle(bytes=real.bytes, type=real.type)
        ctypes.memmove(h.data, real.data, 128)
        if real.type == 0x81:		# FILEID_INO64_GEN: high word first
            words = (ctypes.c_uint32 * 2)(ino >> 32, ino & 0xffffffff)
            ctypes.memmove(h.data, words, 8)
        else:
            raise lib.Skip(f"handle type {real.type:#x}")
        lib.raises(errno.ESTALE, open_handle, h)


@lib.test
def a_writer_does_not_notice_a_death():
    path = os.path.join(serve.sub(lib.ALICE, "hello"), fresh())
    ready, go = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        def write():
            out = os.open(path, os.O_WRONLY | os.O_CREAT)
            os.write(out, b"half ")
            os.write(ready[1], b"x")
            os.read(go[0], 1)
            os.write(out, b"and half\n")
            os.close(out)
        try:
            lib.as_user(lib.ALICE, write)
            os._exit(0)
        finally:
            os._exit(1)
    os.read(ready[0], 1)
    serve.kill()
    serve.start()
    time.sleep(0.3)		# a wrong server would submit the half now
    lib.equal(serve.submissions(os.path.basename(path)), [])
    os.write(go[1], b"x")
    lib.equal(os.waitpid(pid, 0)[1], 0)
    serve.settled()
    lib.equal(serve.submissions(os.path.basename(path)),
              [(os.path.basename(path), b"half and half\n")])
    for end in (*ready, *go):
        os.close(end)


@lib.test
def killed_under_load():
    """Nothing fails, nothing is lost, nothing is done twice. Before Linux 6.9 the kernel does not
    hand out again what a dead server had taken: such a call fails, and nobody waits for ever."""
    uid = 20020
    sub = serve.sub(uid, "hello")

    def load():
        done, failed, end = [], [], time.monotonic() + 4
        while time.monotonic() < end:
            try:
                done.append(one(len(done) + len(failed)))
            except OSError as e:
                if e.errno != errno.EIO or lib.RESENDS:
                    raise
                failed.append(f"l{len(done) + len(failed)}.c")
        return done, failed

    def one(n):
        name, temp = f"l{n}.c", f"{sub}/.l{n}"
        fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            os.write(fd, f"{n}\n".encode())
        finally:
            os.close(fd)
        os.rename(temp, f"{sub}/{name}")
        assert lib.read(f"{sub}/{name}") == f"{n}\n"
        assert lib.read(f"{sub}/{name}.verdict").startswith("Queued")
        os.unlink(f"{sub}/{name}")
        return name
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(w, json.dumps(lib.as_user(uid, load)).encode())
            os._exit(0)
        except BaseException as e:
            os.write(w, repr(e).encode())
            os._exit(1)
    os.close(w)
    for _ in range(12):
        time.sleep(0.2)
        serve.kill()
        serve.start()
    with os.fdopen(r) as f:
        got = f.read()
    lib.equal(os.waitpid(pid, 0)[1], 0, got)
    done, failed = json.loads(got)
    serve.settled()
    names = [n for n, _ in serve.submissions() if n.startswith("l")]
    lib.equal(sorted(n for n in names if n not in failed), sorted(done))
    lib.wait_for(lambda: not serve.rows("SELECT 1 FROM file WHERE gone = 1"), "gone files to go")


@lib.test
def it_ends_with_its_mount():
    serve.stop()


lib.main(setup=serve.start)
