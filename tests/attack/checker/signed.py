#!/usr/bin/python3
# attack: the right number with a sign
# problem: aplusb
# expect: Wrong answer on test 1
print("+3")
