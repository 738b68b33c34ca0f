#!/usr/bin/python3
# attack: NaN with a payload
# problem: float
# expect: Wrong answer on test 1
print("-nan(0x7)")
