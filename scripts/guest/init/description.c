// The input drive's header page, and the description in it.
#include <stdlib.h>
#include <string.h>

#include "init.h"

static uint64_t little_endian(const unsigned char *at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; i--) value = value << 8 | at[i];
  return value;
}

// Leaves `description` NULL where the page is no header.
void read_header(const unsigned char page[PAGE], struct header *header) {
  memset(header, 0, sizeof *header);
  const uint64_t length = little_endian(page + 12, 4);
  if (memcmp(page, "ASSAYBLD", 8) != 0 || little_endian(page + 8, 4) != 2 || length > PAGE - 64) return;
  header->epoch = little_endian(page + 24, 8);
  header->source_size = little_endian(page + 32, 8);
  header->dependencies_size = little_endian(page + 40, 8);
  header->description = allocate(length + 1);
  memcpy(header->description, page + 64, length);
}

// Reads '...', in which '\'' stands for a quote, in place; sets *at behind it.
static char *quoted(char **at) {
  char *from = *at, *to = *at, *start = *at;
  if (*from++ != '\'') return NULL;
  while (*from != 0) {
    if (*from != '\'') {
      *to++ = *from++;
    } else if (strncmp(from, "'\\''", 4) == 0) {
      *to++ = '\'';
      from += 4;
    } else {
      *at = from + 1;
      *to = 0;
      return start;
    }
  }
  return NULL;
}

// Lines name='value'. The description was checked when it was encoded; what is none here ends without a command.
void read_description(char *at, struct build *build) {
  memset(build, 0, sizeof *build);
  while (*at != 0) {
    char *name = at;
    char *equals = strchr(at, '=');
    if (equals == NULL) return;
    *equals = 0;
    at = equals + 1;
    char *value = quoted(&at);
    if (value == NULL || *at++ != '\n') {
      build->command = NULL;
      return;
    }
    if (strcmp(name, "command") == 0) build->command = value;
    else if (strcmp(name, "output") == 0) push(&build->outputs, value);
    else if (strcmp(name, "report") == 0) push(&build->reports, value);
    else if (strcmp(name, "user") == 0) build->as_build_user = 1;
    else if (strncmp(name, "export ", 7) == 0) push(&build->variables, text("%s=%s", name + 7, value));
  }
}
