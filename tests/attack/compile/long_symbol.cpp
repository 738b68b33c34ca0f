/*
 * attack: a name of a megabyte in an error
 * problem: hidden
 * expect: Compile error
 */
#define A(x) x##x
#define B(x) A(x)
#define C1 B(abcdefghijklmnop)
template<class... T> struct L { };
template<class T, int N> struct R { using t = typename R<L<T, T>, N - 1>::t; };
template<class T> struct R<T, 0> { using t = T; };
int main() { R<int, 20>::t x = 1; }
