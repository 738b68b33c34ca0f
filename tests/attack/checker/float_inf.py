#!/usr/bin/python3
# attack: infinity
# problem: float
# expect: Wrong answer on test 1
print("inf")
