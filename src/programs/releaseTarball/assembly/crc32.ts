// CRC-32 of RFC 1952, eight bytes at a time through eight tables.
import { pay } from "./fuel";
import { CRC } from "./layout";

const POLYNOMIAL: u32 = 0xedb8_8320;

let crc: u32 = 0xffff_ffff;

export function startCrc(): void {
  crc = 0xffff_ffff;
  for (let i: u32 = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) {
      pay(26);
      value = (value >> 1) ^ (POLYNOMIAL & (0 - (value & 1)));
    }
    pay(30);
    store<u32>(i << 2, value, CRC);
  }
  for (let i: u32 = 0; i < 0x700; i++) {
    pay(36);
    const value = load<u32>(i << 2, CRC);
    store<u32>(i << 2, (value >> 8) ^ load<u32>((value & 0xff) << 2, CRC), CRC + 0x400);
  }
}

export function crcValue(): u32 {
  return ~crc;
}

export function updateCrc(from: u32, size: u32): void {
  let value = crc;
  const to = from + size;
  for (; from + 8 <= to; from += 8) {
    pay(96);
    const low = load<u32>(from) ^ value;
    const high = load<u32>(from, 4);
    value =
      load<u32>((low & 0xff) << 2, CRC + 0x1c00) ^
      load<u32>(((low >> 8) & 0xff) << 2, CRC + 0x1800) ^
      load<u32>(((low >> 16) & 0xff) << 2, CRC + 0x1400) ^
      load<u32>((low >> 24) << 2, CRC + 0x1000) ^
      load<u32>((high & 0xff) << 2, CRC + 0xc00) ^
      load<u32>(((high >> 8) & 0xff) << 2, CRC + 0x800) ^
      load<u32>(((high >> 16) & 0xff) << 2, CRC + 0x400) ^
      load<u32>((high >> 24) << 2, CRC);
  }
  for (; from < to; from++) {
    pay(30);
    value = (value >> 8) ^ load<u32>(((value ^ load<u8>(from)) & 0xff) << 2, CRC);
  }
  crc = value;
}
