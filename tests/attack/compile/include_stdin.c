/*
 * attack: include a terminal, a pipe, stdin and other descriptors
 * problem: hidden
 * expect: Compile error
 */
#include "/dev/tty"
#include "/dev/stdin"
#include "/proc/self/fd/3"
#include "/proc/self/fd/4"
#include "/dev/null"
#error the end
int main(void) { return 0; }
