#include <string.h>
#include <unistd.h>

#include "init.h"

void area_write(struct area *area, const void *bytes, size_t length) {
  if (area->digest != NULL) sha256_add(area->digest, bytes, length);
  const char *at = bytes;
  while (length > 0 && area->used < area->capacity) {
    const uint64_t room = area->capacity - area->used;
    const ssize_t written = pwrite(area->drive, at, length < room ? length : room, area->from + area->used);
    if (written <= 0) fail("writing to the output drive");
    area->used += written;
    at += written;
    length -= written;
  }
  area->used += length;
}

int area_fits(const struct area *area) {
  return area->used <= area->capacity;
}

// Writes exactly `size` bytes: zeros where the file has fewer, or cannot be read.
void area_copy(struct area *area, int fd, uint64_t size) {
  static char bytes[65536];
  for (int readable = 1; size > 0;) {
    size_t wanted = size < sizeof bytes ? size : sizeof bytes;
    if (area->used >= area->capacity) {
      area->used += size;
      return;
    }
    const ssize_t got = readable ? read(fd, bytes, wanted) : 0;
    if (got > 0) wanted = got;
    else {
      readable = 0;
      memset(bytes, 0, wanted);
    }
    area_write(area, bytes, wanted);
    size -= wanted;
  }
}
