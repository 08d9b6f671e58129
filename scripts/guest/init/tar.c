// A tar archive (POSIX ustar, names beyond 100 bytes as GNU long names): owner root, one time, entries by the bytes of their names,
// permissions kept. What is neither file, folder nor link is left out.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init.h"

#define BLOCK 512

struct entry {
  const char *name, *link;
  unsigned mode;
  uint64_t size, time;
  char type;
};

static void fill_block(struct area *area, uint64_t size) {
  static const char zeros[BLOCK];
  if (size % BLOCK != 0) area_write(area, zeros, BLOCK - size % BLOCK);
}

static void write_header(struct area *area, const struct entry *entry) {
  char block[BLOCK] = {0};
  strncpy(block, entry->name, 100);
  snprintf(block + 100, 8, "%07o", entry->mode);
  memcpy(block + 108, "0000000\0000000000", 15);
  // From 8 GiB on in binary, as GNU has it; no drive is that large.
  snprintf(block + 124, 12, "%011llo", (unsigned long long)entry->size);
  snprintf(block + 136, 12, "%011llo", (unsigned long long)entry->time);
  memset(block + 148, ' ', 8);
  block[156] = entry->type;
  if (entry->link != NULL) strncpy(block + 157, entry->link, 100);
  memcpy(block + 257, "ustar\00000root", 12);
  memcpy(block + 297, "root", 4);
  unsigned sum = 0;
  for (int i = 0; i < BLOCK; i++) sum += (unsigned char)block[i];
  snprintf(block + 148, 7, "%06o", sum);
  area_write(area, block, BLOCK);
}

static void write_long(struct area *area, char type, const char *name) {
  const uint64_t size = strlen(name) + 1;
  write_header(area, &(struct entry){.name = "././@LongLink", .mode = 0644, .size = size, .type = type});
  area_write(area, name, size);
  fill_block(area, size);
}

static void write_entry(struct area *area, const struct entry *entry) {
  if (entry->link != NULL && strlen(entry->link) > 100) write_long(area, 'K', entry->link);
  if (strlen(entry->name) > 100) write_long(area, 'L', entry->name);
  write_header(area, entry);
}

static void add_folder(struct area *area, int parent, const char *name, const char *member, uint64_t time) {
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = fd < 0 ? NULL : fdopendir(fd);
  if (folder == NULL) return;
  struct strings names = {0};
  for (struct dirent *each; (each = readdir(folder)) != NULL;) {
    if (strcmp(each->d_name, ".") != 0 && strcmp(each->d_name, "..") != 0) push(&names, text("%s", each->d_name));
  }
  qsort(names.items, names.count, sizeof(char *), compare);
  for (size_t i = 0; i < names.count; i++) {
    char *inner = *member == 0 ? text("%s", names.items[i]) : text("%s/%s", member, names.items[i]);
    tar_add(area, fd, names.items[i], inner, time);
    free(inner);
    free(names.items[i]);
  }
  free(names.items);
  closedir(folder);
}

static void add_file(struct area *area, int parent, const char *name, const struct entry *entry) {
  const int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  write_entry(area, entry);
  area_copy(area, fd, entry->size);
  fill_block(area, entry->size);
  close(fd);
}

// Adds `name` in `folder`, and all that is in it, as `member`; of an empty member only what is in it.
void tar_add(struct area *area, int folder, const char *name, const char *member, uint64_t time) {
  struct stat status;
  if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
  struct entry entry = {.name = member, .mode = status.st_mode & 0777, .time = time};
  if (S_ISREG(status.st_mode)) {
    entry.type = '0';
    entry.size = status.st_size;
    add_file(area, folder, name, &entry);
  } else if (S_ISLNK(status.st_mode)) {
    char target[4096];
    const ssize_t length = readlinkat(folder, name, target, sizeof target - 1);
    if (length < 0) return;
    target[length] = 0;
    entry.type = '2';
    entry.mode = 0777;
    entry.link = target;
    write_entry(area, &entry);
  } else if (S_ISDIR(status.st_mode)) {
    if (*member != 0) {
      char *slashed = text("%s/", member);
      entry.name = slashed;
      entry.type = '5';
      write_entry(area, &entry);
      free(slashed);
    }
    add_folder(area, folder, name, member, time);
  }
}

void tar_end(struct area *area) {
  static const char zeros[2 * BLOCK];
  area_write(area, zeros, sizeof zeros);
}
