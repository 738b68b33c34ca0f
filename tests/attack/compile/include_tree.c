/*
 * attack: include itself twice, to a depth
 * problem: hidden
 * expect: Compile error
 */
#if __INCLUDE_LEVEL__ < 60
#include __FILE__
#include __FILE__
#endif
#if __INCLUDE_LEVEL__ == 0
int main(void) { return 0; }
#endif
