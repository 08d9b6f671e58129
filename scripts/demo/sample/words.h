struct word {
  const char *text;
  unsigned length;
};

/* The next word of a text, or one of length 0 at its end; moves the text behind it. */
struct word next_word(const char **text);

/* Fowler-Noll-Vo hash, 32 bits, variant 1a. */
unsigned hash_of(struct word word);
