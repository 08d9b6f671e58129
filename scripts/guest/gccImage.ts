import type { RootContents } from "./rootImage.ts";

/** The gcc root file system: gcc with glibc, binutils, make. */
export const gccContents: RootContents = {
  whole: [
    ...[
      "gcc",
      "gcc-riscv64-linux-gnu",
      "gcc-14",
      "gcc-14-riscv64-linux-gnu",
      "libgcc-14-dev",
      "libgcc-s1",
      "libatomic1",
    ],
    ...["cpp", "cpp-riscv64-linux-gnu", "cpp-14", "cpp-14-riscv64-linux-gnu", "libgomp1", "libstdc++6"],
    ...["binutils", "binutils-common", "binutils-riscv64-linux-gnu", "libbinutils", "libctf0", "libctf-nobfd0"],
    ...["libsframe1", "libjansson4", "libgmp10", "libmpfr6", "libmpc3", "libisl23", "libzstd1", "zlib1g"],
    ...["libc6", "libc6-dev", "linux-libc-dev", "make"],
  ],
  // What nobody reads in the guest, and half of the image: link-time optimisation and sanitizers.
  leftOut: [
    ...["doc", "man", "locale", "info", "lintian", "gdb", "bug"].map((name) => `usr/share/${name}`),
    ...["asan", "hwasan", "tsan", "lsan", "ubsan"].map((name) => `usr/lib/gcc/riscv64-linux-gnu/14/lib${name}.a`),
    ...["usr/libexec/gcc/riscv64-linux-gnu/14/lto1", "usr/bin/lto-dump-14", "usr/bin/riscv64-linux-gnu-lto-dump-14"],
  ],
  links: { "usr/bin/cc": "gcc" },
  ownFiles: ["gccImage.ts"],
};
