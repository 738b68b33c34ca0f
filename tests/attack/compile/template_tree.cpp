/*
 * attack: a tree of templates
 * problem: hidden
 * expect: Compile error
 */
template<int D, long P> struct T { T<D - 1, 2 * P> a; T<D - 1, 2 * P + 1> b; };
template<long P> struct T<0, P> { int x; };
int main() { T<40, 1> t; return sizeof(t); }
