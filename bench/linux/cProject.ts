/** A C project of tens of files with a makefile, the same every time: what a compiler meets, not what a person needs. */

type Files = Readonly<Record<string, string>>;

/** Numbers that look random and are always the same (Numerical Recipes' congruence). */
class Numbers {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }
}

/**
 * `modules` files of some `functions` functions each, a header, a main file that calls all of them and prints a sum, and a
 * makefile whose target is `prog`.
 */
export function cProject(modules: number, functions: number): Files {
  const files: Record<string, string> = { Makefile: makefile(modules), "project.h": header(modules) };
  for (let number = 0; number < modules; number++) files[`${moduleName(number)}.c`] = moduleText(number, functions);
  files["main.c"] = mainText(modules);
  return files;
}

function moduleName(number: number): string {
  return `part${number.toString().padStart(2, "0")}`;
}

function makefile(modules: number): string {
  const objects = ["main", ...Array.from({ length: modules }, (_, i) => moduleName(i))].map((name) => `${name}.o`);
  return [
    "CFLAGS ?= -O2 -Wall",
    `OBJECTS = ${objects.join(" ")}`,
    "prog: $(OBJECTS)",
    "\t$(CC) -o $@ $(OBJECTS)",
    "$(OBJECTS): project.h",
    "",
  ].join("\n");
}

function header(modules: number): string {
  const calls = Array.from(
    { length: modules },
    (_, i) => `unsigned ${moduleName(i)}(struct node *list, unsigned seed);`,
  );
  return `#ifndef PROJECT_H
#define PROJECT_H
#include <stddef.h>
struct node { struct node *next; unsigned key; int weight[4]; };
static inline unsigned mix(unsigned x) { x ^= x >> 15; x *= 0x2c1b3c6du; x ^= x >> 12; return x; }
${calls.join("\n")}
#endif
`;
}

function moduleText(number: number, functions: number): string {
  const numbers = new Numbers(number + 1);
  const bodies = Array.from({ length: functions }, (_, i) => functionText(`step${i}`, numbers));
  const calls = Array.from({ length: functions }, (_, i) => `  sum = mix(sum + step${i}(list, sum));`);
  return `#include "project.h"
#include <string.h>

${bodies.join("\n")}
unsigned ${moduleName(number)}(struct node *list, unsigned seed) {
  unsigned sum = seed;
${calls.join("\n")}
  return sum;
}
`;
}

/** A loop, a walk along the list, a switch, or a table: each with constants of its own. */
function functionText(name: string, numbers: Numbers): string {
  const n = (limit: number) => 1 + numbers.below(limit);
  const head = `static unsigned ${name}(struct node *list, unsigned seed) {`;
  switch (numbers.below(4)) {
    case 0:
      return `${head}
  unsigned sum = seed;
  for (struct node *at = list; at != NULL; at = at->next)
    for (int i = 0; i < 4; i++)
      if ((at->weight[i] ^ (int)sum) % ${n(9) + 1} < ${n(5)}) sum += mix(at->key + ${n(1e6)}u * (unsigned)i);
      else at->weight[i] -= ${n(100)};
  return sum;
}
`;
    case 1:
      return `${head}
  unsigned table[${8 * n(8)}], sum = seed + (list != NULL);
  memset(table, ${n(255)}, sizeof table);
  for (unsigned i = 0; i < sizeof table / sizeof *table; i++) table[i] = mix(table[i] + sum * ${n(1e6)}u + i);
  for (unsigned i = 1; i < sizeof table / sizeof *table; i++) sum = (sum << ${n(30)} | sum >> 2) ^ table[i - 1] ^ table[i];
  return sum;
}
`;
    case 2: {
      const cases = Array.from(
        { length: 3 + n(6) },
        (_, i) => `    case ${i}: sum = sum * ${n(1e6)}u + ${n(1e6)}u; break;`,
      );
      return `${head}
  unsigned sum = seed;
  for (struct node *at = list; at != NULL; at = at->next) {
    switch (mix(at->key ^ sum) % ${cases.length + 2}u) {
${cases.join("\n")}
    default: at->key += sum;
    }
  }
  return sum;
}
`;
    }
    default:
      return `${head}
  unsigned long long wide = seed;
  for (int round = 0; round < ${4 * n(12)}; round++) {
    wide = wide * ${n(1e9)}ull + ${n(1e9)}ull;
    if (wide & ${n(255)}) wide ^= wide >> ${n(31)};
    else if (list != NULL) wide += (unsigned)list->weight[round & 3];
  }
  return (unsigned)(wide ^ wide >> 32);
}
`;
  }
}

function mainText(modules: number): string {
  const calls = Array.from({ length: modules }, (_, i) => `  sum = ${moduleName(i)}(nodes, sum);`);
  return `#include "project.h"
#include <stdio.h>

int main(void) {
  static struct node nodes[64];
  unsigned sum = 1;
  for (unsigned i = 0; i < 64; i++) {
    nodes[i] = (struct node){ .next = i < 63 ? &nodes[i + 1] : NULL, .key = mix(i), .weight = { (int)i, 1, 2, 3 } };
  }
${calls.join("\n")}
  printf("%08x\\n", sum);
  return 0;
}
`;
}
