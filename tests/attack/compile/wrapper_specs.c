/*
 * attack: make the compiler call another program
 * problem: hidden
 * expect: Compile error | Wrong answer
 */
#pragma GCC optimize ("wrapper=/bin/sh,-c,id")
#pragma GCC optimize ("specs=/box/main.c")
#pragma comment(linker, "/tmp/x")
__asm__(".section .note.GNU-stack,\"x\",@progbits\n.ident \"`id`\"\n");
int main(void) { return 0; }
