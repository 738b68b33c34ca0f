#!/usr/bin/python3
# attack: a number that overflows to infinity
# problem: float
# expect: Wrong answer on test 1
print("1e999")
