# attack: a source that compiles only some seconds later, as if the host had failed: is its first end everybody's?
# by: student
# expect: shut
import os
import time

NOW = "((at(3) * 10 + at(4)) * 60 + at(6) * 10 + at(7)) % 900"
source = f"""constexpr int at(int i) {{ return __TIME__[i] - '0'; }}
static_assert(({NOW} + 900 - {int(time.time()) % 900}) % 900 >= 6, "too early");
#include <cstdio>
int main() {{ int a, b; if (scanf("%d%d", &a, &b) == 2) printf("%d\\n", a + b); }}
"""
tries = iter(range(1000))


def accepted():
    name = f"later{next(tries)}.cpp"
    write(SUB + "/" + name, source)
    got = final(name)
    os.unlink(SUB + "/" + name)
    return got == "Accepted"


lib.wait_for(accepted, "the source to compile", every=1)
