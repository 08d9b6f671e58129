#include "words.h"

static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct word next_word(const char **text) {
  while (**text != 0 && !is_letter(**text)) ++*text;
  struct word word = {*text, 0};
  while (is_letter(**text)) {
    ++*text;
    ++word.length;
  }
  return word;
}

unsigned hash_of(struct word word) {
  unsigned hash = 2166136261u;
  for (unsigned i = 0; i < word.length; i++) hash = (hash ^ (unsigned char)word.text[i]) * 16777619u;
  return hash;
}
