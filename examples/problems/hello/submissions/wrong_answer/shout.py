print("HELLO, WORLD!")
