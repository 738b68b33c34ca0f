#!/usr/bin/python3
# attack: a decimal comma
# problem: float
# expect: Wrong answer on test 1
print("0,5")
