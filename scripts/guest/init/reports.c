// Reports of tests: files below /w whose paths match a pattern, as one archive behind the artifact.
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

#define MOST_FILES 4096

static const struct strings *wanted;
static struct strings found;

static int look(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)status, (void)place;
  if (type != FTW_F || found.count == MOST_FILES) return 0;
  const char *relative = path + strlen("/w/");
  for (size_t i = 0; i < wanted->count; i++) {
    if (!matches(wanted->items[i], relative)) continue;
    push(&found, text("%s", relative));
    break;
  }
  return 0;
}

// A JSON value for the record: where the archive is, or null.
char *leave_reports(const struct strings *patterns, int drive, uint64_t from, uint64_t end, uint64_t time, struct log *log) {
  if (patterns->count == 0) return "null";
  wanted = patterns;
  nftw("/w", look, 64, FTW_PHYS);
  if (found.count == 0) return "null";
  qsort(found.items, found.count, sizeof(char *), compare);
  struct sha256 digest;
  sha256_begin(&digest);
  struct area area = {.drive = drive, .from = from, .capacity = end > from ? end - from : 0, .digest = &digest};
  const int folder = open("/w", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (size_t i = 0; i < found.count; i++) tar_add(&area, folder, found.items[i], found.items[i], time);
  tar_end(&area);
  if (!area_fits(&area)) {
    say(log, "the reports do not fit into the output drive");
    return "null";
  }
  char hex[65];
  sha256_end(&digest, hex);
  return text("{\"offset\":%llu,\"bytes\":%llu,\"sha256\":\"%s\"}", (unsigned long long)from, (unsigned long long)area.used, hex);
}
