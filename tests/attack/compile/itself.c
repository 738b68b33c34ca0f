/*
 * attack: include itself
 * problem: hidden
 * expect: Compile error
 */
#include __FILE__
int main(void) { return 0; }
