#!/usr/bin/python3
# attack: four million tokens
# problem: aplusb
# expect: Wrong answer on test 1
print("1 " * 4000000)
