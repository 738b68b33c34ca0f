"""judgefs-serve alone under a mount: no scheduler, no worker, nothing is ever judged.

    serve = alone.Serve(problems={"hello": {}})
    serve.start()
    ...serve.mount..., serve.rows("SELECT ... FROM submission")
    serve.kill(); serve.start()             # as the supervisor does: nobody notices
    serve.stop()                            # also at exit, whatever happens

The test plays the supervisor: it keeps /dev/fuse and the handle page. Problems are put into the
store as rows; the publisher is played with publish().
"""
import atexit
import ctypes
import fcntl
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time

import lib

UID = 20000			# of the judge; the students are lib.ALICE and lib.BOB
MS_NOSUID, MS_NODEV = 2, 4
MNT_DETACH = 2
RESULT_IOC_FOR = (1 << 30) | (8 << 16) | (ord("J") << 8) | 1
CAP_DAC_READ_SEARCH = 2

_libc = ctypes.CDLL(None, use_errno=True)
_all = []


def _check(r, what):
    if r != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


class Serve:
    """problems: {name: {"source_bytes": N, "open_us": N, "close_us": N}}"""

    def __init__(self, problems=None, ini=""):
        self.folder = tempfile.mkdtemp(prefix="judgefs-alone.")
        os.chmod(self.folder, 0o755)
        self.state, self.mount = self.folder + "/state", self.folder + "/mount"
        self.log = self.folder + "/log"
        self.problems = problems or {}
        self.proc = None
        self.fuse = self.handles = self.statefd = -1
        os.mkdir(self.mount)
        os.mkdir(self.state, 0o755)
        for name in ("db", "spool", "results", "blobs", "run"):
            os.mkdir(f"{self.state}/{name}", 0o700)
            os.chown(f"{self.state}/{name}", UID, UID)
        lib.write(self.state + "/judge.ini", ini)
        _all.append(self)

    # ---- life

    def start(self):
        if self.fuse < 0:
            self._mount()
        program = os.open(os.path.join(lib.BIN, "judgefs-serve"), os.O_RDONLY)
        fds = (self.fuse, self.handles, self.statefd, program)
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.proc = subprocess.Popen(
            ["judgefs-serve", "--state", str(self.statefd), "--fuse", str(self.fuse),
             "--handles", str(self.handles)], executable=f"/proc/self/fd/{program}",
            pass_fds=fds, user=UID, group=UID, extra_groups=[], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, cwd="/")
        os.close(log)
        os.close(program)
        lib.wait_for(lambda: self.proc.poll() is not None or
                     os.path.exists(self.state + "/db/judge.db"), "the store")
        lib.wait_for(self._answers, "the mount to answer")
        for name, what in self.problems.items():
            self.install(name, **what)
        self.problems = {}
        return self

    def _answers(self):
        """Asked by a child, so that a hanging mount does not hang the test."""
        lib.check(self.proc.poll() is None, f"judgefs-serve ended: {self.log_text()}")
        return subprocess.run(["stat", "-t", self.mount + "/README.txt"], timeout=lib.PATIENCE,
                              capture_output=True).returncode == 0

    def _mount(self):
        self.fuse = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self.handles = os.memfd_create("handles")
        self.statefd = os.open(self.state, os.O_RDONLY | os.O_DIRECTORY)
        options = (f"fd={self.fuse},rootmode=040000,user_id=0,group_id=0,"
                   "allow_other,default_permissions")
        _check(_libc.mount(b"judgefs", self.mount.encode(), b"fuse.judgefs",
                           MS_NOSUID | MS_NODEV, options.encode()), "mount")

    def kill(self, sig=signal.SIGKILL):
        self.proc.send_signal(sig)
        self.proc.wait()
        self.proc = None

    def log_text(self):
        return " / ".join(lib.read(self.log).splitlines()[-5:]) if os.path.exists(self.log) else ""

    def stop(self):
        complaint = None
        proc, self.proc = self.proc, None
        _libc.umount2(self.mount.encode(), MNT_DETACH)
        for fd in (self.fuse, self.handles, self.statefd):
            if fd >= 0:
                os.close(fd)
        self.fuse = self.handles = self.statefd = -1
        if proc:
            try:
                if proc.wait(lib.PATIENCE) != 0:
                    complaint = f"judgefs-serve ended with {proc.returncode}: {self.log_text()}"
            except subprocess.TimeoutExpired:
                proc.kill()
                proc.wait()
                complaint = "judgefs-serve did not end with its mount"
        if os.path.exists(self.log):
            for line in lib.read(self.log).splitlines():
                if "Sanitizer" in line or "runtime error" in line:
                    complaint = complaint or line
        shutil.rmtree(self.folder, ignore_errors=True)
        if self in _all:
            _all.remove(self)
        lib.check(complaint is None, complaint)

    # ---- the store

    def _db(self):
        return sqlite3.connect(self.state + "/db/judge.db", timeout=lib.PATIENCE)

    def rows(self, query, *args):
        db = self._db()
        try:
            return db.execute(query, args).fetchall()
        finally:
            db.close()

    def change(self, query, *args):
        db = self._db()
        try:
            with db:
                db.execute(query, args)
        finally:
            db.close()

    def install(self, name, source_bytes=65536, open_us=0, close_us=0):
        now = int(time.time() * 1e6)
        self.change("INSERT INTO problem (name, title, changed_us, open_us, close_us,"
                    " source_bytes, installed, feedback, spec) VALUES (?, ?, ?, ?, ?, ?, 1, 0, '')",
                    name, name, now, open_us, close_us, source_bytes)

    def submissions(self, name=None):
        """[(name, content)] in the order in which they were handed in."""
        got = []
        for file, digest in self.rows("SELECT name, digest FROM submission ORDER BY id"):
            if name is None or file == name:
                with open(f"{self.state}/blobs/{digest[:2]}/{digest[2:]}", "rb") as f:
                    got.append((file, f.read()))
        return got

    def settled(self):
        """Wait until everything that was accepted is a submission."""
        lib.wait_for(lambda: not self.rows("SELECT 1 FROM file WHERE state = 1"),
                     "accepted files to become submissions")

    def done(self, submission, verdict, extra=None, compile=""):
        """As if the scheduler had stored an outcome."""
        db = self._db()
        try:
            with db:
                change = db.execute("UPDATE counter SET value = value + 1 WHERE name = 'change'"
                                    " RETURNING value").fetchall()[0][0]
                db.execute("UPDATE submission SET state = 2, verdict = 0, judged_us = ?,"
                           " change = ? WHERE id = ?", (int(time.time() * 1e6), change, submission))
                for kind, text in enumerate((verdict, extra or '{"final":true}\n', compile)):
                    if text:
                        db.execute("INSERT INTO shown VALUES (?, ?, ?)", (submission, kind, text))
                db.execute("UPDATE file SET compile_shown = ? WHERE submission = ?",
                           (len(compile), submission))
        finally:
            db.close()

    # ---- places

    def sub(self, uid, problem):
        def look():
            at = os.path.join(self.mount, problem)
            return os.path.normpath(os.path.join(at, os.readlink(at + "/sub")))
        return lib.as_user(uid, look)

    def publish(self, path, submission, text):
        """As judgefs-publish: through the mount, as the judge's user who may pass folders."""
        def write():
            fd = os.open(path, os.O_WRONLY)
            try:
                if submission is not None:
                    fcntl.ioctl(fd, RESULT_IOC_FOR, struct.pack("Q", submission))
                data = text.encode()
                os.pwrite(fd, data, 0)
                os.ftruncate(fd, len(data))
                os.fsync(fd)
            finally:
                os.close(fd)
        return as_publisher(write)


def as_publisher(fn, *args):
    def become():
        header = struct.pack("Ii", 0x20080522, 0)
        caps = 1 << CAP_DAC_READ_SEARCH
        _libc.prctl(8, 1, 0, 0, 0)			# PR_SET_KEEPCAPS
        os.setgroups([])
        os.setgid(UID)
        os.setuid(UID)
        data = struct.pack("6I", caps, caps, 0, 0, 0, 0)
        _check(_libc.capset(header, data), "capset")
        return fn(*args)
    return lib.as_user(0, become)


def _cleanup():
    for s in list(_all):
        if s.proc:
            s.proc.kill()
        try:
            s.stop()
        except Exception:
            pass


atexit.register(_cleanup)
