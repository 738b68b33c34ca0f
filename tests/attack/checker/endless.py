#!/usr/bin/python3
# attack: output without end, to a checker that reads all
# problem: echo
# expect: Output limit exceeded | Time limit exceeded
while True:
    print("3 " * 100000)
