#!/usr/bin/python3
# attack: the right number plus 2 to the 64
# problem: aplusb
# expect: Wrong answer on test 1
print(3 + (1 << 64))
