#!/usr/bin/python3
# attack: many null bytes behind the right answer
# problem: aplusb
# expect: Wrong answer on test 1
import sys
sys.stdout.buffer.write(b"3\n" + b"\0" * 100000)
