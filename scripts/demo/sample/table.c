#include "table.h"
#include <string.h>

int count_word(struct table *table, struct word word) {
  unsigned at = hash_of(word) % TABLE_SIZE;
  for (unsigned tries = 0; tries < TABLE_SIZE; tries++, at = (at + 1) % TABLE_SIZE) {
    struct word *here = &table->words[at];
    if (here->length == 0) *here = word;
    if (here->length == word.length && memcmp(here->text, word.text, word.length) == 0) {
      table->counts[at]++;
      return 1;
    }
  }
  return 0;
}
