#!/usr/bin/python3
# attack: a number of five million digits, which no checker needs to take for one
# problem: float
# expect: Wrong answer on test 1
print("0.5" + "0" * 5000000 + "1")
