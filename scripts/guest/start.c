/* crt1.o of the small image: tcc cannot link the one that GCC made for musl. */
int main();
int __libc_start_main(int (*)(), int, char **, void (*)(), void (*)(), void (*)());

__asm__(".globl _start\n_start:\n mv a0,sp\n andi sp,sp,-16\n tail start\n");

void start(long *stack) {
  __libc_start_main(main, (int)stack[0], (char **)(stack + 1), 0, 0, 0);
}
