/**
 * Where the emulator keeps state and parameters in linear memory, for the TypeScript that prepares and reads it. The names
 * are those of `assembly/layout.ts` in camel case; a test holds the two lists together.
 */
export const address = {
  x: 0x1000,
  f: 0x1200,
  pc: 0x1300,
  privilege: 0x1308,
  retired: 0x1310,
  timeOffset: 0x1318,
  timeCompare: 0x1320,
  reservation: 0x1328,
  reservationSize: 0x1330,
  fcsr: 0x1338,
  mstatus: 0x1340,
  mie: 0x1348,
  mip: 0x1350,
  medeleg: 0x1358,
  mideleg: 0x1360,
  mtvec: 0x1368,
  mepc: 0x1370,
  mcause: 0x1378,
  mtval: 0x1380,
  mscratch: 0x1388,
  mcounteren: 0x1390,
  stvec: 0x1398,
  sepc: 0x13a0,
  scause: 0x13a8,
  stval: 0x13b0,
  sscratch: 0x13b8,
  scounteren: 0x13c0,
  satp: 0x13c8,
  menvcfg: 0x13e0,
  senvcfg: 0x13e8,
  stop: 0x13f0,
  stopValue: 0x13f8,
  consoleCount: 0x1400,
  phase: 0x1408,
  ticks: 0x1410,
  inputSeen: 0x1450,
  consoleInputCount: 0x1448,
  consoleInputRead: 0x144c,
  consoleInput: 0x1500,
  consoleInputSize: 0x100,
  guestSize: 0x1800,
  eventsPerTick: 0x1804,
  timeDivider: 0x1808,
  firmware: 0x180c,
  tohost: 0x1810,
  inputDrive: 0x1818,
  outputDrive: 0x181c,
  outputSize: 0x1820,
  inputSize: 0x1824,
  writableFrom: 0x1828,
  writableEnd: 0x182c,
  at: 0x1ca0,
  line: 0x1ca4,
  page: 0x1ca8,
  left: 0x1cb0,
  scratch: 0x1c00,
  scratchSize: 0x300,
  tlbRead: 0x10000,
  elsewhere: 0xf0000,
  console: 0x100000,
  consoleSize: 0x100000,
  pageLine: 0x200000,
  guest: 0x2000000,
} as const;

/** Guest-physical address of the first byte of memory. */
export const guestBase = 0x8000_0000;

/** Why a guest has stopped (`assembly/stop.ts`). */
export const stopReason = { running: 0, shutdown: 1, reboot: 2, waitsForever: 3, tohost: 4, limit: 5 } as const;

/** Privilege modes, as mstatus.MPP numbers them. */
export const privilege = { user: 0, supervisor: 1, machine: 3 } as const;
