#!/usr/bin/python3
# attack: NaN, which compares as nothing
# problem: float
# expect: Wrong answer on test 1
print("nan")
