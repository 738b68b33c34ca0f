# attack: names of 255 bytes and more, and such whose results would be longer
# by: student
# expect: shut
import os
for n in (249, 250, 252, 255, 256, 4000):
    try:
        write(SUB + "/" + "a" * (n - 3) + ".py", RIGHT)
    except OSError as e:
        assert e.errno in (36, 22), e
    else:
        assert n < 250, n
        os.unlink(SUB + "/" + "a" * (n - 3) + ".py")
