#!/usr/bin/python3
# attack: a hexadecimal number of the right value
# problem: float
# expect: Wrong answer on test 1 | Accepted
print("0x1p-1")
