#!/usr/bin/python3
# attack: the exit code that means accepted to a checker
# problem: aplusb
# expect: Runtime error on test 1
# says: exit code 42
import sys
print(3)
sys.exit(42)
