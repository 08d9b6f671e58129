// The release tarball: reads a source tree from the input drive, writes a reproducible .tar.gz to the output drive and the
// result record to address 0. See README.md beside this folder.
import { startCrc } from "./crc32";
import { advanceDeflate, deflating, finishGzip, outputFull, startGzip } from "./deflate";
import { fuel, refuel } from "./fuel";
import { advanceCheck, checkFailure, startCheck } from "./input";
import { OUTPUT, RECORD } from "./layout";
import { MAX_STREAM, streamSize } from "./lz77";
import { advanceSha256, finishSha256, startSha256 } from "./sha256";
import { startTar } from "./tar";

const CHECK: u32 = 1;
const DEFLATE: u32 = 2;
const HASH: u32 = 3;
const DONE: u32 = 4;

const OUTPUT_FULL: u32 = 6;
const ARCHIVE_TOO_LARGE: u32 = 7;

/** 0 before the first tick. A start function would be refused: whatever is not a literal is set in the first tick. */
let phase: u32 = 0;
let artifactSize: u32 = 0;

/** Does a bounded piece of the work. 0: call me again; 1: the result record is complete. */
export function tick(): i32 {
  refuel();
  if (phase == 0) {
    startCheck();
    startCrc();
    phase = CHECK;
  }
  if (phase == CHECK && advanceCheck()) {
    if (checkFailure != 0) return fail(checkFailure);
    startTar();
    startGzip();
    phase = DEFLATE;
  }
  if (phase == DEFLATE && fuel > 0) {
    advanceDeflate();
    if (outputFull) return fail(OUTPUT_FULL);
    if (streamSize > MAX_STREAM) return fail(ARCHIVE_TOO_LARGE);
    if (!deflating) {
      artifactSize = finishGzip() - OUTPUT;
      startSha256(OUTPUT, artifactSize);
      phase = HASH;
    }
  }
  if (phase == HASH && fuel > 0 && advanceSha256()) {
    store<u32>(RECORD, 1, 0);
    store<u64>(RECORD, artifactSize, 8);
    finishSha256(RECORD + 16);
    phase = DONE;
  }
  return i32(phase == DONE);
}

function fail(exitCode: u32): i32 {
  store<u32>(RECORD, 1, 0);
  store<u32>(RECORD, exitCode, 4);
  phase = DONE;
  return 1;
}
