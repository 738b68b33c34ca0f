# attack: a constant that is folded for ever
# problem: hidden
# expect: Compile error | Wrong answer | Runtime error | Time limit | Memory limit
x = 9 ** 9 ** 9 ** 9 if 0 else (1 << 100) ** 100
y = "a" * (1 << 12) * 1
