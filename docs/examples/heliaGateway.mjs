#!/usr/bin/env node
// An IPFS node (Helia) that exchanges blocks with named peers, and a trustless gateway on the loopback address before it: what Assay
// reads as ipfs+http://127.0.0.1:<port>. It reaches nobody but its peers. In a folder of its own: npm install helia
//   node heliaGateway.mjs --listen /ip4/0.0.0.0/tcp/4001 --car input.car     gives out the blocks of an archive (`assay store car`)
//   node heliaGateway.mjs --peer /ip4/192.0.2.1/tcp/4001/p2p/12D3...         gets what it is asked for from this peer
// A block that no peer has sent after --seconds (5) is missing: a content is asked for as one block first, which a large one is not.
// Prints a line of JSON, { gateway, peers }, when it is ready.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { withBitswap } from "@helia/bitswap";
import { withLibp2pLight } from "@helia/libp2p";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createHeliaLight } from "helia";
import { CID } from "multiformats/cid";

const several = { type: "string", multiple: true, default: [] };
const { values } = parseArgs({
  options: { listen: { ...several, default: ["/ip4/127.0.0.1/tcp/0"] }, car: several, peer: several, port: { type: "string", default: "0" },
    seconds: { type: "string", default: "5" } },
});
const network = {
  addresses: { listen: values.listen },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify() },
};
const helia = withBitswap(withLibp2pLight(createHeliaLight(), network));
await helia.start();
for (const file of values.car) {
  for (const { cid, bytes } of blocksIn(readFileSync(file))) await helia.blockstore.put(cid, bytes);
}
for (const address of values.peer) await helia.libp2p.dial(multiaddr(address));

const server = createServer(async (request, response) => {
  try {
    const url = new URL(request.url, "http://127.0.0.1");
    const cid = CID.parse(/^\/ipfs\/([A-Za-z0-9]{20,120})$/.exec(url.pathname)[1]);
    const block = await blockOf(cid);
    // An archive may lack blocks: they are asked for one by one.
    const body = url.searchParams.get("format") === "car" ? archiveOf(cid, block) : block;
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(values.port), "127.0.0.1", () => {
  const peers = helia.libp2p.getMultiaddrs().map(String);
  console.log(JSON.stringify({ gateway: `ipfs+http://127.0.0.1:${server.address().port}`, peers }));
});

async function blockOf(cid) {
  const parts = [];
  for await (const part of helia.blockstore.get(cid, { signal: AbortSignal.timeout(1000 * values.seconds) })) parts.push(part);
  return Buffer.concat(parts);
}

/** The blocks of an archive (CARv1): a header, and then for each block its length, its CID and its bytes. */
function* blocksIn(bytes) {
  let at = 0;
  for (let isHeader = true; at < bytes.length; isHeader = false) {
    const [length, used] = readVarint(bytes, at);
    at += used;
    const part = bytes.subarray(at, at + length);
    at += length;
    if (isHeader) continue;
    const [cid, rest] = CID.decodeFirst(part);
    yield { cid, bytes: rest };
  }
}

/** An archive with one block: the header is the DAG-CBOR of { roots: [cid], version: 1 }. */
function archiveOf(cid, block) {
  const root = Buffer.concat([Buffer.from([0xd8, 0x2a, 0x58, cid.bytes.length + 1, 0]), cid.bytes]);
  const header = Buffer.concat([Buffer.from("\xa2\x65roots\x81", "latin1"), root, Buffer.from("\x67version\x01", "latin1")]);
  const body = Buffer.concat([cid.bytes, block]);
  return Buffer.concat([varint(header.length), header, varint(body.length), body]);
}

function varint(number) {
  const bytes = [];
  for (let left = number; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

function readVarint(bytes, at) {
  let [number, used] = [0, 0];
  do number += (bytes[at + used] % 128) * 128 ** used;
  while (bytes[at + used++] >= 128);
  return [number, used];
}
