#!/usr/bin/python3
# attack: a null byte behind the right answer
# problem: aplusb
# expect: Wrong answer on test 1
print("3\0 3")
