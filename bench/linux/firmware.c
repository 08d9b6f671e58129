/*
 * Firmware for qemu-system-riscv64: the calls that the emulator serves (SBI 2.0 Base, TIME, Debug Console, System Reset)
 * and nothing else, so that a guest finds the same machine in both. KERNEL and DEVICE_TREE are physical addresses.
 */
typedef unsigned long word;

struct answer { long error; word value; };

#define SET(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"r"((word)(bits)))
#define CLEAR(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"r"((word)(bits)))
#define WRITE(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"((word)(value)))
#define READ(csr) ({ word value; __asm__ volatile("csrr %0, " #csr : "=r"(value)); value; })

#define TEXT(macro) TEXT_OF(macro)
#define TEXT_OF(value) #value

/* Of QEMU's machine "virt". */
#define CONSOLE (*(volatile unsigned char *)0x10000000)
#define TIME_COMPARE (*(volatile word *)0x02004000)
#define SWITCH (*(volatile unsigned *)0x00100000)
/* Its power-off ends QEMU at once, a reset under -no-reboot leaves the memory to be read. */
enum { RESET = 0x7777 };

enum { BASE = 0x10, TIME = 0x54494d45, DEBUG_CONSOLE = 0x4442434e, SYSTEM_RESET = 0x53525354 };
enum { NOT_SUPPORTED = -2, INVALID_PARAM = -3 };
enum { MACHINE_TIMER = 1 << 7, SUPERVISOR_TIMER = 1 << 5, SUPERVISOR_CALL = 9, CONSOLE_CHUNK = 256 };

__asm__(
    ".section .entry, \"ax\"\n.globl _start\n"
    "_start: la sp, stack_end\n csrw mscratch, sp\n la t0, enter\n csrw mtvec, t0\n"
    "  call prepare\n li a0, 0\n li a1, " TEXT(DEVICE_TREE) "\n mret\n"
    ".balign 4\n"
    "enter: csrrw sp, mscratch, sp\n addi sp, sp, -128\n"
    "  sd ra, 0(sp)\n sd t0, 8(sp)\n sd t1, 16(sp)\n sd t2, 24(sp)\n sd t3, 32(sp)\n sd t4, 40(sp)\n sd t5, 48(sp)\n"
    "  sd t6, 56(sp)\n sd a2, 64(sp)\n sd a3, 72(sp)\n sd a4, 80(sp)\n sd a5, 88(sp)\n sd a6, 96(sp)\n sd a7, 104(sp)\n"
    "  csrr t0, mcause\n bltz t0, 1f\n"
    "  call serve\n j 2f\n"
    "1: sd a0, 112(sp)\n sd a1, 120(sp)\n call pass_timer\n ld a0, 112(sp)\n ld a1, 120(sp)\n"
    "2: ld ra, 0(sp)\n ld t0, 8(sp)\n ld t1, 16(sp)\n ld t2, 24(sp)\n ld t3, 32(sp)\n ld t4, 40(sp)\n ld t5, 48(sp)\n"
    "  ld t6, 56(sp)\n ld a2, 64(sp)\n ld a3, 72(sp)\n ld a4, 80(sp)\n ld a5, 88(sp)\n ld a6, 96(sp)\n ld a7, 104(sp)\n"
    "  addi sp, sp, 128\n csrrw sp, mscratch, sp\n mret\n"
    ".text\n");

static word stack[1024] __attribute__((used));
__asm__(".globl stack_end\n.set stack_end, stack + 8192\n");

/* Everything but calls from supervisor mode goes there. */
void prepare(void) {
  WRITE(medeleg, 0xffff & ~(1 << SUPERVISOR_CALL));
  WRITE(mideleg, 0x222);
  WRITE(mcounteren, 7);
  WRITE(scounteren, 7);
  WRITE(mepc, KERNEL);
  CLEAR(mstatus, 0x1800);
  SET(mstatus, 0x0800);
}

void pass_timer(void) {
  CLEAR(mie, MACHINE_TIMER);
  SET(mip, SUPERVISOR_TIMER);
}

static struct answer about(word function, word extension) {
  switch (function) {
    case 0: return (struct answer){ 0, 0x02000000 };
    case 1: return (struct answer){ 0, 0x4153 };
    case 2: return (struct answer){ 0, 1 };
    case 3: {
      int known = extension == BASE || extension == TIME || extension == DEBUG_CONSOLE || extension == SYSTEM_RESET;
      return (struct answer){ 0, known };
    }
    default: return function <= 6 ? (struct answer){ 0, 0 } : (struct answer){ NOT_SUPPORTED, 0 };
  }
}

static struct answer console(word function, word a0, word a1) {
  if (function == 1) return (struct answer){ 0, 0 };
  if (function > 2) return (struct answer){ NOT_SUPPORTED, 0 };
  if (function == 2) {
    CONSOLE = a0;
    return (struct answer){ 0, 0 };
  }
  word count = a0 < CONSOLE_CHUNK ? a0 : CONSOLE_CHUNK;
  for (word i = 0; i < count; i++) CONSOLE = ((const unsigned char *)a1)[i];
  return (struct answer){ 0, count };
}

/* A call from supervisor mode: its arguments are those of the call, its answer goes back in a0 and a1. */
struct answer serve(word a0, word a1, word a2, word a3, word a4, word a5, word function, word extension) {
  WRITE(mepc, READ(mepc) + 4);
  if (extension == BASE) return about(function, a0);
  if (extension == DEBUG_CONSOLE) return console(function, a0, a1);
  if (extension == TIME && function == 0) {
    TIME_COMPARE = a0;
    CLEAR(mip, SUPERVISOR_TIMER);
    SET(mie, MACHINE_TIMER);
    return (struct answer){ 0, 0 };
  }
  if (extension == SYSTEM_RESET && function == 0) {
    if ((unsigned)a0 > 2) return (struct answer){ INVALID_PARAM, 0 };
    SWITCH = RESET;
    for (;;) __asm__ volatile("wfi");
  }
  return (struct answer){ NOT_SUPPORTED, 0 };
}
