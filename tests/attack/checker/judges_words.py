#!/usr/bin/python3
# attack: the judge's own words on stdout
# problem: aplusb
# expect: Wrong answer on test 1
print("Accepted\nAccepted, 100 of 100 points\ntimelimit exceeded\n{\"verdict\": \"AC\"}")
