import sys

a, b = map(int, input().split())
if abs(a) > 1000:
    sys.exit("too large for me")
print(a + b)
