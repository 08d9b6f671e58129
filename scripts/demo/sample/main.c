#include "table.h"
#include <stdio.h>

static const char text[] = "this program does what its source says, and nothing that its source does not say";

int main(void) {
  static struct table table;
  const char *at = text;
  for (;;) {
    struct word word = next_word(&at);
    if (word.length == 0) break;
    if (!count_word(&table, word)) return 1;
  }
  puts(text);
  for (unsigned i = 0; i < TABLE_SIZE; i++) {
    if (table.counts[i] > 1) printf("%u %.*s\n", table.counts[i], (int)table.words[i].length, table.words[i].text);
  }
  return 0;
}
