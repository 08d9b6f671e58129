// The first process of a guest: what its files share. What it does, the layout of the drives, the exit codes: src/guest/README.md.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096

// Exit codes that init gives instead of the command's own.
enum { BAD_INPUT = 240, NO_OUTPUT = 241, OUTPUT_TOO_LARGE = 242, RESERVED = 249 };

// The input drive's header page.
struct header {
  uint64_t epoch, source_size, dependencies_size;
  char *description;
};

struct strings {
  char **items;
  size_t count;
};

// What the description says.
struct build {
  char *command;
  int as_build_user;
  struct strings outputs, reports, variables;
};

// The user besides root: it owns the source of a build that runs as it.
enum { BUILD_USER = 1000 };

struct sha256 {
  uint32_t state[8];
  uint64_t bytes;
  unsigned char block[64];
};

// What a command has written.
struct log {
  struct sha256 digest;
};

// A part of the output drive that is written from its beginning; what is beyond its capacity is counted, and not written.
struct area {
  int drive;
  uint64_t from, used, capacity;
  struct sha256 *digest;
};

// tools.c
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
void *allocate(size_t bytes);
__attribute__((format(printf, 1, 2))) char *text(const char *format, ...);
void push(struct strings *list, char *item);
int compare(const void *a, const void *b);
char *read_all(const char *path, size_t most, size_t *length);
int write_all(int fd, const void *bytes, size_t length);
void write_text(const char *path, const char *content);
void make_folder(const char *path, mode_t mode);

// sha256.c
void sha256_begin(struct sha256 *);
void sha256_add(struct sha256 *, const void *, size_t);
void sha256_end(struct sha256 *, char hex[65]);

// description.c
void read_header(const unsigned char page[PAGE], struct header *);
void read_description(char *description, struct build *);

// root.c
int mount_early(void);
void silence_kernel(void);
void mount_root(const struct header *);

// system.c
void set_clock(uint64_t epoch);
void start_loopback(void);
void add_missing_files(void);
void raise_limits(void);

// command.c
int run_command(const struct build *, uint64_t epoch, struct log *);
void say(struct log *, const char *line);

// area.c
void area_write(struct area *, const void *, size_t);
int area_fits(const struct area *);
void area_copy(struct area *, int fd, uint64_t size);

// tar.c
void tar_add(struct area *, int folder, const char *name, const char *member, uint64_t time);
void tar_end(struct area *);

// match.c
int matches(const char *pattern, const char *path);

// outputs.c, reports.c
__attribute__((noreturn)) void leave(const struct build *, int drive, int code, uint64_t epoch, struct log *);
char *leave_reports(const struct strings *patterns, int drive, uint64_t from, uint64_t end, uint64_t time, struct log *);
