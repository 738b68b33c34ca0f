/*
 * attack: let the compiler compute for ever
 * problem: hidden
 * expect: Compile error
 */
constexpr int f(int n) { int s = 0; for (int i = 0; i < 100000000; i++) s += i % n; return s; }
constexpr int g() { int s = 0; for (int i = 1; i < 100000; i++) s += f(i); return s; }
static_assert(g() == 1, "no");
int main() { }
