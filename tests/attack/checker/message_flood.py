#!/usr/bin/python3
# attack: seven megabytes through a checker that tells what it read
# problem: echo
# expect: Wrong answer on test 1
print("x" * 7000000)
