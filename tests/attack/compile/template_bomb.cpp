/*
 * attack: templates without end
 * problem: hidden
 * expect: Compile error
 */
template<int N> struct A { typename A<N + 1>::t t; };
int main() { A<1> x; }
