/*
 * attack: include /dev/zero
 * problem: hidden
 * expect: Compile error
 */
#include "/dev/zero"
int main(void) { return 0; }
