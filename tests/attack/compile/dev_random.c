/*
 * attack: include /dev/random
 * problem: hidden
 * expect: Compile error
 */
#include "/dev/urandom"
int main(void) { return 0; }
