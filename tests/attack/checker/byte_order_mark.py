#!/usr/bin/python3
# attack: a byte order mark before the right answer
# problem: aplusb
# expect: Wrong answer on test 1
import sys
sys.stdout.buffer.write("\ufeff3\n".encode())
