import { execFileSync } from "node:child_process";
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A processor of no maker's, with a chain of certificates as AMD's have it: RSA-PSS above, P-384 below. Made with openssl. */
export class SnpPlatform {
  /** Of the root's certificate. */
  readonly rootFile: string;

  constructor(private readonly folder: string) {
    this.rootFile = join(folder, "ark.pem");
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const pss = ["-sha384", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:48"];
    const versions = { 1: 3, 2: 0, 3: 20, 8: 213 };
    const extensions = Object.entries(versions).map(([part, version]) => {
      const integer = version < 128 ? `02:01:${hex(version)}` : `02:02:00:${hex(version)}`;
      return `1.3.6.1.4.1.3704.1.3.${part}=DER:${integer}\n`;
    });
    writeFileSync(join(folder, "ca.ext"), "basicConstraints=critical,CA:TRUE\n");
    writeFileSync(join(folder, "vcek.ext"), extensions.join(""));
    for (const name of ["ark", "ask"]) openssl("genrsa", "-out", `${name}.key`, "2048");
    openssl("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "vcek.key");
    const ca = ["-addext", "basicConstraints=critical,CA:TRUE"];
    openssl("req", "-x509", "-key", "ark.key", "-subj", "/CN=ARK", "-days", "2", "-out", "ark.pem", ...pss, ...ca);
    for (const [name, issuer, extension] of [
      ["ask", "ark", "ca.ext"],
      ["vcek", "ask", "vcek.ext"],
    ] as const) {
      openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
      const issued = ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-extfile", extension, "-days", "2"];
      openssl("x509", "-req", "-in", `${name}.csr`, ...issued, "-out", `${name}.pem`, ...pss);
    }
  }

  /** A report that this processor has signed, with its certificates. @param change before it is signed. */
  report(measurement: string, reportData: Buffer, change: (report: Buffer) => void = () => {}): Buffer {
    const report = Buffer.alloc(0x4a0);
    report.writeUInt32LE(2, 0);
    report.writeUInt32LE(1, 0x34);
    reportData.copy(report, 0x50);
    Buffer.from(measurement, "hex").copy(report, 0x90);
    Buffer.from([3, 0, 0, 0, 0, 0, 20, 213]).copy(report, 0x180);
    change(report);
    const key = createPrivateKey(readFileSync(join(this.folder, "vcek.key")));
    const signature = sign("sha384", report.subarray(0, 0x2a0), { key, dsaEncoding: "ieee-p1363" });
    Buffer.from(signature.subarray(0, 48)).reverse().copy(report, 0x2a0);
    Buffer.from(signature.subarray(48))
      .reverse()
      .copy(report, 0x2a0 + 72);
    const certificates = ["vcek.pem", "ask.pem"].map((name) => readFileSync(join(this.folder, name)));
    return Buffer.concat([report, ...certificates]);
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
