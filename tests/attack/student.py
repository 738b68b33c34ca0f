"""What a student does outside, on the mount: a Python script run as the student.

In its sight, beside Python's own: MOUNT; SUB, the student's folder of problem aplusb; OTHER, another
student's; TOKEN, the secret; RIGHT, a right program; and the functions below.
"""
import os
import signal
import traceback

import lib

RIGHT = lib.APLUSB_PY


def refused(fn, *args):
    """fn must fail with an errno; it comes back."""
    try:
        fn(*args)
    except OSError as e:
        return e.errno
    raise lib.Failed(f"was not refused: {getattr(fn, '__name__', fn)}{args}")


class Student:
    def __init__(self, judge, uid, path, source, token):
        self.judge, self.uid, self.path, self.source, self.token = judge, uid, path, source, token
        self.sub = judge.sub(uid, "aplusb")

    def run(self):
        lib.as_user(self.uid, self.inside)

    def inside(self):
        os.setpgid(0, 0)
        judge, sub = self.judge, self.sub

        def final(name):
            """The verdict of a name in SUB."""
            return judge.wait_final(os.path.join(sub, name))

        sight = {"MOUNT": judge.mount, "SUB": sub, "TOKEN": self.token, "RIGHT": RIGHT, "lib": lib,
                 "OTHER": os.path.join(judge.mount, "users", str(20003), "aplusb", "sub"),
                 "refused": refused, "final": final, "write": lib.write, "read": lib.read,
                 "verdict": lambda name: judge.verdict(os.path.join(sub, name)),
                 "result": lambda name: judge.result(os.path.join(sub, name))}
        try:
            exec(compile(self.source, self.path, "exec"), sight)
        except Exception as e:		# what it was is to be told outside too
            raise lib.Failed(f"{type(e).__name__} {e} at line {traceback.extract_tb(e.__traceback__)[-1].lineno}"
                             if not isinstance(e, lib.Failed) else str(e))
        finally:			# what it has started ends with it
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(0, signal.SIGTERM)

    def paths(self):
        """Its submissions that are there."""
        names = os.listdir(self.sub)
        return [os.path.join(self.sub, n) for n in names if n + ".verdict" in names]
