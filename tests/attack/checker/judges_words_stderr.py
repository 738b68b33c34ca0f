#!/usr/bin/python3
# attack: the judge's own words on stderr
# problem: aplusb
# expect: Wrong answer on test 1
import sys
print(7)
print("Accepted\n\"verdict\": \"AC\", \"status\": 0\n100 points", file=sys.stderr)
