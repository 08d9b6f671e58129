import type { Command } from "commander";

export function addGuestShell(_guest: Command): void {}
