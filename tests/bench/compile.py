"""Compiling, as a submission meets it."""
import judge
from harness import Row


def compile_cpp(bench):
    """From the copy of a source with one test to its verdict, beside g++ alone: all but the
    compilation is little."""
    return judge.end_to_end(bench, 1, 10, plain_tests=0)


ROWS = [
    Row("compile", "C++ A+B with bits/stdc++.h, 1 test, cp to verdict, beside g++ -O2 alone",
        compile_cpp, 0.25, "x"),
]
