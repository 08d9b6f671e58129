// What tcc's runtime library calls: its archive comes after libc's, which is not looked through again in a static link.
void *memmove(void *to, const void *from, unsigned long length) {
  unsigned char *t = to;
  const unsigned char *f = from;
  if (t < f) {
    while (length-- > 0) *t++ = *f++;
  } else {
    while (length-- > 0) t[length] = f[length];
  }
  return to;
}
