r = int(input())
print(0.6 * r, 0.8 * r)
