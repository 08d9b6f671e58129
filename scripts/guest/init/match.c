// Patterns of paths: * and ? within a component, ** for any folders.
#include <string.h>

#include "init.h"

int matches(const char *pattern, const char *path) {
  if (strncmp(pattern, "**/", 3) == 0) {
    for (;; path++) {
      if (matches(pattern + 3, path)) return 1;
      path = strchr(path, '/');
      if (path == NULL) return 0;
    }
  }
  switch (*pattern) {
    case 0:
      return *path == 0;
    case '*':
      for (;; path++) {
        if (matches(pattern + 1, path)) return 1;
        if (*path == 0 || *path == '/') return 0;
      }
    case '?':
      return *path != 0 && *path != '/' && matches(pattern + 1, path + 1);
    default:
      return *pattern == *path && matches(pattern + 1, path + 1);
  }
}
