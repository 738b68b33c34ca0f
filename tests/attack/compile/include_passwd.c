/*
 * attack: include what the box has, to see what errors print
 * problem: hidden
 * expect: Compile error
 */
#include "/etc/passwd"
#include "/proc/self/environ"
#include "/proc/self/maps"
#include "/proc/self/mountinfo"
int main(void) { return 0; }
