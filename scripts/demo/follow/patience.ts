/** Waiting for longer than this, in seconds, means that something is wrong, on a slow machine too. */
export const patience = 1200;
