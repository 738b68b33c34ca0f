#!/usr/bin/python3
# attack: one number more than asked
# problem: float
# expect: Wrong answer on test 1
print("0.5 0.5")
