/*
 * attack: include a secret file of the host, which an error would print
 * problem: hidden
 * expect: Compile error
 * says: No such file
 */
#include "@SECRET@"
int main(void) { return 0; }
