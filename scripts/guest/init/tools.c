#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

// Ends the guest without a result where not even the output drive can be reached.
void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  dprintf(2, "init: ");
  vdprintf(2, format, values);
  dprintf(2, ": %s\n", strerror(errno));
  va_end(values);
  sync();
  reboot(RB_POWER_OFF);
  _exit(1);
}

void *allocate(size_t bytes) {
  void *memory = calloc(1, bytes);
  if (memory == NULL) fail("out of memory");
  return memory;
}

char *text(const char *format, ...) {
  va_list values;
  char *made;
  va_start(values, format);
  if (vasprintf(&made, format, values) < 0) fail("out of memory");
  va_end(values);
  return made;
}

void push(struct strings *list, char *item) {
  list->items = realloc(list->items, (list->count + 1) * sizeof(char *));
  if (list->items == NULL) fail("out of memory");
  list->items[list->count++] = item;
}

int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// The file's first `most` bytes with a zero byte behind them; NULL where it cannot be read.
char *read_all(const char *path, size_t most, size_t *length) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  char *content = allocate(most + 1);
  size_t used = 0;
  ssize_t got;
  while (used < most && (got = read(fd, content + used, most - used)) > 0) used += got;
  close(fd);
  if (length != NULL) *length = used;
  return content;
}

int write_all(int fd, const void *bytes, size_t length) {
  for (const char *at = bytes; length > 0;) {
    const ssize_t written = write(fd, at, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return -1;
    at += written;
    length -= written;
  }
  return 0;
}

void write_text(const char *path, const char *content) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return;
  write_all(fd, content, strlen(content));
  close(fd);
}

// Where a folder of this name is already, it stays as it is.
void make_folder(const char *path, mode_t mode) {
  if (mkdir(path, mode) == 0) chmod(path, mode);
}
