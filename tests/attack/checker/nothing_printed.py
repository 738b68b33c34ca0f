#!/usr/bin/python3
# attack: nothing at all to a checker
# problem: echo
# expect: Wrong answer on test 1
pass
