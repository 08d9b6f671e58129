#include "words.h"

#define TABLE_SIZE 64

struct table {
  struct word words[TABLE_SIZE];
  unsigned counts[TABLE_SIZE];
};

/* Counts a word; 0 when the table is full. */
int count_word(struct table *table, struct word word);
