import re
import sys

text = sys.stdin.read()
good = re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]{1,6})?\n", text)
sys.exit(42 if good and 0.001 <= float(text) <= 1000000 else 43)
