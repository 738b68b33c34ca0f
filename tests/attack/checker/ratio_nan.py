#!/usr/bin/python3
# attack: NaN to a careless checker: its own fault, and the verdict is what it says
# problem: ratio
# expect: Accepted
print("nan")
