#!/usr/bin/python3
# attack: digits of another script
# problem: float
# expect: Wrong answer on test 1
print("\uff10.\uff15")
