/**
 * 64-bit arithmetic on halves: each function leaves its result in `result` (low half, high half). No BigInt, no
 * allocation: the stepper runs these in its hot loop.
 */

/** The last result: low half, high half. */
export const result = new Int32Array(2);
// A constant that V8 folds into optimized code: exported ones it loads each time.
const halves = result;

const twoTo32 = 2 ** 32;

export function lessUnsigned(xLow: number, xHigh: number, yLow: number, yHigh: number): boolean {
  return xHigh === yHigh ? xLow >>> 0 < yLow >>> 0 : xHigh >>> 0 < yHigh >>> 0;
}

export function lessSigned(xLow: number, xHigh: number, yLow: number, yHigh: number): boolean {
  return xHigh === yHigh ? xLow >>> 0 < yLow >>> 0 : xHigh < yHigh;
}

export function add64(xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  const low = (xLow + yLow) | 0;
  halves[0] = low;
  halves[1] = xHigh + yHigh + (low >>> 0 < xLow >>> 0 ? 1 : 0);
}

export function subtract64(xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  halves[0] = xLow - yLow;
  halves[1] = xHigh - yHigh - (xLow >>> 0 < yLow >>> 0 ? 1 : 0);
}

export function multiply64(xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  const carried = multiplyHighUnsigned(xLow, yLow);
  halves[0] = Math.imul(xLow, yLow);
  halves[1] = carried + Math.imul(xLow, yHigh) + Math.imul(xHigh, yLow);
}

/** Bits 32..63 of the product of two unsigned 32-bit numbers. */
function multiplyHighUnsigned(x: number, y: number): number {
  const xBottom = x & 0xffff;
  const xTop = x >>> 16;
  const yBottom = y & 0xffff;
  const yTop = y >>> 16;
  // Each sum stays below 2^32, exact as a double.
  const middle = xTop * yBottom + (Math.imul(xBottom, yBottom) >>> 16);
  const other = xBottom * yTop + (middle & 0xffff);
  return (xTop * yTop + (middle >>> 16) + (other >>> 16)) | 0;
}

export function shiftLeft64(low: number, high: number, count: number): void {
  const by = count & 63;
  if (by === 0) set(low, high);
  else if (by < 32) set(low << by, (high << by) | (low >>> (32 - by)));
  else set(0, low << (by - 32));
}

export function shiftRightSigned64(low: number, high: number, count: number): void {
  const by = count & 63;
  if (by === 0) set(low, high);
  else if (by < 32) set((low >>> by) | (high << (32 - by)), high >> by);
  else set(high >> (by - 32), high >> 31);
}

export function shiftRightUnsigned64(low: number, high: number, count: number): void {
  const by = count & 63;
  if (by === 0) set(low, high);
  else if (by < 32) set((low >>> by) | (high << (32 - by)), high >>> by);
  else set(high >>> (by - 32), 0);
}

export function rotateLeft64(low: number, high: number, count: number): void {
  const by = count & 31;
  const first = (count & 32) === 0 ? low : high;
  const second = (count & 32) === 0 ? high : low;
  if (by === 0) set(first, second);
  else set((first << by) | (second >>> (32 - by)), (second << by) | (first >>> (32 - by)));
}

/** Quotient, truncated, of unsigned numbers; the divisor is not zero. */
export function divideUnsigned64(xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  if (yHigh === 0) divideByWord(xLow, xHigh, yLow >>> 0);
  else set(divideByWide(xLow, xHigh, yLow, yHigh), 0);
}

/** Remainder of unsigned numbers; the divisor is not zero. */
export function remainderUnsigned64(xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  divideUnsigned64(xLow, xHigh, yLow, yHigh);
  multiply64(halves[0]!, halves[1]!, yLow, yHigh);
  subtract64(xLow, xHigh, halves[0]!, halves[1]!);
}

/** Quotient, truncated towards zero, of signed numbers; the divisor is not zero. Overflow wraps. */
export function divideSigned64(xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  const negative = xHigh < 0 !== yHigh < 0;
  absolute(yLow, yHigh);
  const divisorLow = halves[0]!;
  const divisorHigh = halves[1]!;
  absolute(xLow, xHigh);
  divideUnsigned64(halves[0]!, halves[1]!, divisorLow, divisorHigh);
  if (negative) subtract64(0, 0, halves[0]!, halves[1]!);
}

/** Remainder, with the sign of the dividend, of signed numbers; the divisor is not zero. */
export function remainderSigned64(xLow: number, xHigh: number, yLow: number, yHigh: number): void {
  absolute(yLow, yHigh);
  const divisorLow = halves[0]!;
  const divisorHigh = halves[1]!;
  absolute(xLow, xHigh);
  remainderUnsigned64(halves[0]!, halves[1]!, divisorLow, divisorHigh);
  if (xHigh < 0) subtract64(0, 0, halves[0]!, halves[1]!);
}

function set(low: number, high: number): void {
  halves[0] = low;
  halves[1] = high;
}

function absolute(low: number, high: number): void {
  if (high < 0) subtract64(0, 0, low, high);
  else set(low, high);
}

/** Schoolbook division by one 32-bit digit, in digits of 16 bits so that every partial dividend is exact as a double. */
function divideByWord(xLow: number, xHigh: number, y: number): void {
  const high = xHigh >>> 0;
  const quotientHigh = Math.floor(high / y);
  if (high === 0) {
    set(Math.floor((xLow >>> 0) / y), 0);
    return;
  }
  const upper = (high - quotientHigh * y) * 0x10000 + (xLow >>> 16);
  const quotientUpper = Math.floor(upper / y);
  const lower = (upper - quotientUpper * y) * 0x10000 + (xLow & 0xffff);
  set(quotientUpper * 0x10000 + Math.floor(lower / y), quotientHigh);
}

/** Quotient of a division by a divisor of at least 2^32, hence below 2^32. */
function divideByWide(xLow: number, xHigh: number, yLow: number, yHigh: number): number {
  const x = (xHigh >>> 0) * twoTo32 + (xLow >>> 0);
  const y = (yHigh >>> 0) * twoTo32 + (yLow >>> 0);
  // The doubles' relative error (3 * 2^-53) moves a quotient below 2^32 by less than one, so this is too small by 2 at most.
  let quotient = Math.max(0, Math.floor(x / y) - 1);
  multiply64(quotient | 0, 0, yLow, yHigh);
  subtract64(xLow, xHigh, halves[0]!, halves[1]!);
  while (!lessUnsigned(halves[0]!, halves[1]!, yLow, yHigh)) {
    subtract64(halves[0]!, halves[1]!, yLow, yHigh);
    quotient++;
  }
  return quotient | 0;
}
