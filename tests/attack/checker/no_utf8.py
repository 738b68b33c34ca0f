#!/usr/bin/python3
# attack: bytes that are no UTF-8, into the difference that is shown
# problem: aplusb
# expect: Wrong answer on test 1
import sys
sys.stdout.buffer.write(b"\xff\xfe\xc0\x80\xed\xa0\x80\n")
