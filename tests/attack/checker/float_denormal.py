#!/usr/bin/python3
# attack: a thousand numbers that are too small
# problem: float
# expect: Wrong answer on test 1
print("1e-400 " * 1000)
