#!/usr/bin/python3
# attack: terminal codes through a checker that tells what it read
# problem: echo
# expect: Wrong answer on test 1
# says: you printed
print("\033[2J\033]0;mine\a\rAccepted\x9b31m" * 100)
