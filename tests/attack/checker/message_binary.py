#!/usr/bin/python3
# attack: every byte through a checker that tells what it read
# problem: echo
# expect: Wrong answer on test 1
import sys
sys.stdout.buffer.write(bytes(range(256)) * 1000)
