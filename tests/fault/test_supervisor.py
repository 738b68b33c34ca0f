#!/usr/bin/python3
"""judgefs keeps its programs up, each with what it needs and no more, and takes all away."""
import os
import pwd
import shutil
import signal
import subprocess

import lib

lib.need_root()
PARTS = ("judgefs-sched", "judgefs-serve", "judgefs-publish", "judgefs-worker", "judgefs-box")
judge = lib.Judge(problems={"aplusb": lib.APLUSB}, workers=2, ini="[submit]\nsettle = 0s\n")


def status(pid, key):
    for line in lib.read(f"/proc/{pid}/status").splitlines():
        if line.startswith(key + ":"):
            return line.split(":", 1)[1].split()
    raise lib.Failed(f"no {key} in /proc/{pid}/status")


def answers():
    """The mount works for an ordinary user."""
    return "aplusb" in lib.as_user(lib.ALICE, os.listdir, judge.mount)


def judges(name="a.py"):
    """A submission goes all the way."""
    path = judge.submit(lib.ALICE, "aplusb", name, lib.APLUSB_PY + f"# {os.urandom(8).hex()}\n")
    lib.equal(judge.wait_final(path), "Accepted")


@lib.test
def every_program_runs():
    for part in PARTS:
        wanted = 2 if part in ("judgefs-worker", "judgefs-box") else 1
        lib.equal(len(judge.pids(part)), wanted, part)
    judges()


@lib.rows([("serve", "judgefs-serve", "judgefs"), ("sched", "judgefs-sched", "judgefs"),
           ("publisher", "judgefs-publish", "judgefs"),
           ("worker", "judgefs-worker", "judgefs-worker")])
def privileges_of(program, user):
    who = pwd.getpwnam(user)
    for pid in judge.pids(program):
        lib.wait_for(lambda pid=pid: status(pid, "Uid") == [str(who.pw_uid)] * 4,
                     f"{program} to be {user}")
        lib.equal(status(pid, "Gid"), [str(who.pw_gid)] * 4, "Gid")
        lib.equal(status(pid, "Groups"), [], "Groups")
        lib.equal(status(pid, "NoNewPrivs"), ["1"], "NoNewPrivs")
        # The publisher reads folders of students; the others can do nothing special.
        allowed = 1 << 2 if program == "judgefs-publish" else 0	# CAP_DAC_READ_SEARCH
        for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            lib.equal(int(status(pid, key)[0], 16) & ~allowed, 0, key)


@lib.test
def workers_have_a_core_each():
    cores = [status(p, "Cpus_allowed_list") for p in judge.pids("judgefs-worker")]
    lib.check(all(len(c) == 1 and c[0].isdigit() for c in cores), f"cores {cores}")
    if os.cpu_count() > 1:
        lib.check(cores[0] != cores[1], f"the same core: {cores}")


@lib.rows([("serve", "judgefs-serve"), ("sched", "judgefs-sched"),
           ("publisher", "judgefs-publish")])
def starts_again(program):
    (old,) = judge.kill(program)
    lib.wait_for(lambda: judge.pids(program) not in ([], [old]), f"a new {program}")
    lib.wait_for(answers, "the mount")
    judges()


@lib.rows([("box", "judgefs-box"), ("worker", "judgefs-worker")])
def pair_starts_again_together(program):
    before = {p: judge.pids(p) for p in ("judgefs-box", "judgefs-worker")}
    os.kill(before[program][0], signal.SIGKILL)

    def renewed():
        now = {p: judge.pids(p) for p in before}
        return all(len(now[p]) == 2 and len(set(now[p]) - set(before[p])) == 1 for p in before)
    lib.wait_for(renewed, "a new pair, and the other pair as it was")
    judges()


@lib.test
def rapid_deaths_are_slowed_down():
    for _ in range(5):
        judge.kill("judgefs-sched")
    lib.wait_for(lambda: judge.pids("judgefs-sched"), "a new judgefs-sched")
    judges()
    lib.check(judge.proc.poll() is None, "judgefs gave up")


@lib.test
def reload_takes_new_settings():
    serve = judge.pids("judgefs-serve")
    judge.configure(workers=1, ini="[submit]\nsettle = 0s\n[limits]\ntime = 2s\n")
    judge.proc.send_signal(signal.SIGHUP)
    lib.wait_for(lambda: len(judge.pids("judgefs-worker")) == 1 and
                 len(judge.pids("judgefs-box")) == 1, "one pair")
    lib.wait_for(lambda: judge.pids("judgefs-serve") not in ([], serve), "a new judgefs-serve")
    judge.configure(workers=2, ini="[submit]\nsettle = 0s\n")
    judge.proc.send_signal(signal.SIGHUP)
    lib.wait_for(lambda: len(judge.pids("judgefs-worker")) == 2, "two pairs")
    judges()


@lib.test
def reload_of_nonsense_changes_nothing():
    pairs = judge.pids("judgefs-worker")
    judge.configure(workers=2, ini="[submit]\nsettel = 0s\n")
    judge.proc.send_signal(signal.SIGHUP)
    lib.wait_for(lambda: judge.log_has("judge.ini:2: unknown key 'settel'"), "the fault in the log")
    lib.equal(judge.pids("judgefs-worker"), pairs)
    judge.configure(workers=2, ini="[submit]\nsettle = 0s\n")
    judges()


@lib.test
def second_judge_is_refused():
    got = lib.run([lib.JUDGEFS, "-f", judge.state, judge.mount])
    lib.equal(got.returncode, 1)
    lib.check(f"runs on this STATE already: pid {judge.proc.pid}" in got.stdout, got.stdout)
    other = os.path.join(judge.folder, "other")
    got = lib.run([lib.JUDGEFS, "-f", other, judge.mount])
    lib.equal(got.returncode, 1)
    lib.check("is in use" in got.stdout or "belongs to another" in got.stdout, got.stdout)
    lib.check(answers(), "the first one")


@lib.test
def second_judge_leaves_the_groups_of_the_first():
    """Another STATE and mount point, but the same control group: nothing of the first is swept."""
    other, mount = (os.path.join(judge.folder, name) for name in ("other", "other-mount"))
    os.makedirs(other, exist_ok=True)
    os.makedirs(mount, exist_ok=True)
    with open(os.path.join(other, "judge.ini"), "w") as f:
        f.write(f"[sandbox]\ncgroup = {judge.cgroup}\nfirst-uid = {judge.first_uid + 50}\n")
    boxes = judge.pids("judgefs-box")
    for words in (["-f", other, mount], ["--stop", other]):
        got = lib.run([lib.JUDGEFS, *words])
        lib.equal(got.returncode, 1)
        lib.check("belongs to another judge" in got.stdout, got.stdout)
    lib.equal(judge.pids("judgefs-box"), boxes)
    lib.check(answers(), "the first one")


@lib.test
def killed_supervisor_takes_its_programs_along():
    judge.kill_all()
    lib.raises(107, os.listdir, judge.mount)			# ENOTCONN
    judge.start()
    lib.check(answers(), "the mount")
    judges()


@lib.test
def unmounting_ends_the_judge():
    tree = [p for part in PARTS for p in judge.pids(part)]
    lib.equal(lib.run(["umount", judge.mount]).returncode, 0)
    lib.equal(judge.proc.wait(lib.PATIENCE), 0)
    judge.proc = None
    lib.equal([lib.comm(p) for p in tree if lib.comm(p)], [])
    lib.equal(lib.cgroups(judge.cgroup), [])
    judge.start()


@lib.test
def stops_while_somebody_is_inside():
    tree = [p for part in PARTS for p in judge.pids(part)]
    sleeper = subprocess.Popen(["sleep", "1000"], cwd=os.path.join(judge.mount, "aplusb"),
                               user=lib.ALICE, group=lib.ALICE, extra_groups=[])
    try:
        judge.proc.send_signal(signal.SIGTERM)
        lib.equal(judge.proc.wait(lib.PATIENCE), 0)
    finally:
        sleeper.kill()
        sleeper.wait()
    judge.proc = None
    lib.check(not lib.mounted(judge.mount), "still mounted")
    lib.equal([lib.comm(p) for p in tree if lib.comm(p)], [])
    lib.equal(os.listdir(judge.state + "/run"), [])
    judge.start()


@lib.test
def stops_while_it_starts():
    judge.stop_keep()
    for _ in range(3):
        judge.start(wait=False)
        lib.wait_for(lambda: judge.pids("judgefs-serve"), "a judgefs-serve")
        judge.stop_keep()


@lib.test
def stops_with_a_program_that_hangs():
    judge.start()
    path = judge.submit(lib.ALICE, "aplusb", "hang.py", lib.APLUSB_PY)
    serve, sched = judge.pid("judgefs-serve"), judge.pid("judgefs-sched")
    os.kill(serve, signal.SIGSTOP)			# the publisher waits for it, most likely
    os.kill(sched, signal.SIGSTOP)
    judge.stop_keep()
    judge.start()
    lib.equal(judge.wait_final(path), "Accepted")
    judge.stop_keep()


@lib.test
def gives_up_on_what_can_not_live():
    """Then clients get an error instead of hanging, and the next start finds all in order."""
    programs = judge.folder + "/bin"
    shutil.copytree(lib.BIN, programs)
    shutil.copytree(lib.TOP + "/examples", judge.folder + "/share/judgefs")
    judge.program = programs + "/judgefs"
    judge.start()
    os.unlink(programs + "/judgefs-serve")		# the running one goes on
    shutil.copy("/bin/false", programs + "/judgefs-serve")
    judge.kill("judgefs-serve")
    lib.equal(judge.proc.wait(2 * lib.PATIENCE), 1)
    lib.check(judge.log_has("judgefs-serve died 21 times in a row: giving up"), "the log")
    lib.check(not lib.mounted(judge.mount), "still mounted")
    lib.equal(lib.cgroups(judge.cgroup), [])
    judge.proc = None
    judge.program = lib.JUDGEFS
    judge.start()
    judges()


lib.main(setup=judge.start)
