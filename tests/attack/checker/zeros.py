#!/usr/bin/python3
# attack: the right number with zeros before it
# problem: aplusb
# expect: Wrong answer on test 1
print("0003")
