const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
const duties = new Set<() => void>();

/**
 * Has something done when this process ends before its time: by a signal, an error that nobody caught, `process.exit`. What was
 * asked for last is done first. A signal that somebody else listens to does not end the process, and is theirs.
 * @param duty does its work at once; what it throws is ignored.
 * @returns takes it back: to be called when the work that it belongs to is done.
 */
export function atEnd(duty: () => void): () => void {
  if (duties.size === 0) listen();
  // The same function may be given twice.
  const own = () => duty();
  duties.add(own);
  return () => {
    if (duties.delete(own) && duties.size === 0) stopListening();
  };
}

function listen(): void {
  for (const signal of signals) process.on(signal, endBy);
  process.on("exit", doAll);
}

function stopListening(): void {
  for (const signal of signals) process.off(signal, endBy);
  process.off("exit", doAll);
}

function endBy(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  doAll();
  stopListening();
  process.kill(process.pid, signal);
}

function doAll(): void {
  for (const duty of [...duties].reverse()) {
    try {
      duty();
    } catch {
      // The others are to be done all the same.
    }
  }
  duties.clear();
}
