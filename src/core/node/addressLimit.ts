import type { Socket } from "node:net";

/**
 * Counts the connections of each address, and closes those beyond the limit at once.
 * @param connections open ones by address: one map for each server. @param most of one address.
 */
export function limitAddress(socket: Socket, connections: Map<string, number>, most: number): void {
  const address = socket.remoteAddress ?? "";
  const count = (connections.get(address) ?? 0) + 1;
  connections.set(address, count);
  socket.once("close", () => {
    const left = connections.get(address)! - 1;
    if (left === 0) connections.delete(address);
    else connections.set(address, left);
  });
  if (count > most) socket.destroy();
}
