#!/usr/bin/python3
# attack: terminal codes into the difference that is shown
# problem: aplusb
# expect: Wrong answer on test 1
# says: got
print("\033[2J\033[1;1H\033]0;mine\a\rAccepted\x9b31m\u202e\u2066")
