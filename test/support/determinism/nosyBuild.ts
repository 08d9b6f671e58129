/**
 * A build that looks at everything in which one run of a Linux could differ from another: entropy, clocks, addresses,
 * numbers of processes and inodes, order of directories, and the order in which processes and threads get their turns.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BuildDescription } from "../../../src/guest/buildDescription.ts";

const racingC = `#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char order[4096];
static volatile int next;

static void *race(void *name) {
  for (int i = 0; i < 200; i++) {
    for (volatile int j = 0; j < 97 + 7 * *(char *)name; j++);
    order[next++ % 4095] = *(char *)name;
    if (i % 50 == 49) nanosleep(&(struct timespec){0, 1000}, NULL);
  }
  return NULL;
}

static void child(int number, int out) {
  unsigned seed;
  getrandom(&seed, sizeof seed, 0);
  for (int i = 0; i < 25; i++) {
    for (volatile unsigned j = seed % 3000; j > 0; j--);
    if (seed % 3 == 0) nanosleep(&(struct timespec){0, seed % 50000}, NULL);
    seed = seed * 1664525 + 1013904223;
    char line[32];
    write(out, line, sprintf(line, "%d/%d ", number, i));
  }
  _exit(0);
}

int main(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  printf("real %lld.%09ld\\n", (long long)now.tv_sec, now.tv_nsec);
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("monotonic %lld.%09ld\\n", (long long)now.tv_sec, now.tv_nsec);
  printf("stack %p heap %p code %p pid %d\\n", (void *)&now, malloc(99), (void *)main, getpid());
  fflush(stdout);
  int ends[2];
  pipe(ends);
  for (int i = 0; i < 6; i++) if (fork() == 0) child(i, ends[1]);
  close(ends[1]);
  char text[256];
  ssize_t count;
  printf("processes ");
  while ((count = read(ends[0], text, sizeof text)) > 0) printf("[%.*s]", (int)count, text);
  while (wait(NULL) > 0);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, race, &"abcd"[i]);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  printf("\\nthreads %s\\n", order);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  printf("processor %lld.%09ld\\n", (long long)now.tv_sec, now.tv_nsec);
  return 0;
}
`;

const script = `set -e
tcc -o /tmp/racing racing.c
/tmp/racing
for i in 3 1 2; do (echo "job $i pid $!" ) & done; wait
echo "random $(head -c 32 /dev/urandom | xxd -p | tr -d '\\n') $(cat /proc/sys/kernel/random/uuid)"
mktemp /tmp/XXXXXXXX
cat /proc/interrupts /proc/stat /proc/meminfo /proc/self/stat
echo "maps"; cat /proc/self/maps
echo "files"; find . /tmp -exec stat -c '%n %i %Y %Z' {} +
echo "uptime $(cat /proc/uptime)"
sleep 2.345
echo "uptime $(cat /proc/uptime) date $(date +%s)"
ps
`;

const names = ["z", "A", "é", "long-name-of-a-file", "0", "a b"];

/** The source's files by path. */
export const nosyFiles: Readonly<Record<string, string>> = {
  "racing.c": racingC,
  "nosy.sh": script,
  ...Object.fromEntries(names.map((name) => [`some/${name}`, `content of ${name}\n`])),
};

export const nosyDescription: BuildDescription = {
  command: "sh nosy.sh >out; code=$?; cat out; exit $code",
  outputs: ["out"],
  variables: { TEXT: "a variable" },
  tickLimit: 5000n,
  sourceDateEpoch: 1_700_000_000n,
};

/** Writes the source into a folder, its files in this order. */
export async function writeNosySource(
  folder: string,
  paths: readonly string[] = Object.keys(nosyFiles),
): Promise<void> {
  for (const path of paths) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, nosyFiles[path]!);
  }
}
