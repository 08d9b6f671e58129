#include <string.h>
#include <unistd.h>

#include "init.h"

void area_write(struct area *area, const void *bytes, size_t length) {
  if (area->digest != NULL) sha256_add(area->digest, bytes, length);
  const char *at = bytes;
  while (length > 0 && area->used < area->capacity) {
    const uint64_t room = area->capacity - area->used;
    const ssize_t written = pwrite(area->drive, at, length < room ? length : room, area->from + area->used);
    if (written <= 0) break;
    area->used += written;
    at += written;
    length -= written;
  }
  // What did not fit makes it too large, and keeps it so.
  if (length > 0) area->capacity = area->used = 0, area->from = UINT64_MAX;
}

int area_fits(const struct area *area) {
  return area->from != UINT64_MAX;
}

// Writes exactly `size` bytes: zeros where the file has fewer. -1 where it cannot be read.
int area_copy(struct area *area, int fd, uint64_t size) {
  static char bytes[65536];
  int result = 0;
  while (size > 0 && area_fits(area)) {
    size_t wanted = size < sizeof bytes ? size : sizeof bytes;
    const ssize_t got = result == 0 ? read(fd, bytes, wanted) : 0;
    if (got > 0) wanted = got;
    else {
      if (got < 0) result = -1;
      memset(bytes, 0, wanted);
    }
    area_write(area, bytes, wanted);
    size -= wanted;
  }
  return result;
}
