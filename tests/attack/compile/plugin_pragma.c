/*
 * attack: load a plugin into the compiler
 * problem: hidden
 * expect: Compile error | Wrong answer | Runtime error
 */
#pragma GCC plugin "/box/main.c"
#pragma GCC optimize ("-fplugin=/box/main.c")
#pragma GCC target ("arch=native,-fplugin=/box/main.c")
__attribute__((optimize("-fplugin=/box/main.c"))) int f(void) { return 1; }
int main(void) { return f(); }
