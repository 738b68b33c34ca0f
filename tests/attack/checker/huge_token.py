#!/usr/bin/python3
# attack: one token of six megabytes
# problem: aplusb
# expect: Wrong answer on test 1
print("9" * 6000000)
