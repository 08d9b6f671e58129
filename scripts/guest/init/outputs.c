// What a build leaves in the output drive: header, record of outputs, artifact, reports.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mtd/mtd-user.h>

#include "init.h"

#define RECORD_AT 64
#define ARTIFACT_AT 65536

enum kind { MISSING, SPECIAL, REGULAR, FOLDER };

struct output {
  const char *path;
  char *place;
  struct stat status;
  enum kind kind;
};

static const char *const kinds[] = {"missing", "special", "file", "directory"};

static struct output look(const char *path) {
  struct output output = {.path = path, .kind = MISSING};
  output.place = *path == '/' ? text("%s", path) : text("/w/%s", path);
  if (stat(output.place, &output.status) != 0) return output;
  output.kind = S_ISREG(output.status.st_mode) ? REGULAR : S_ISDIR(output.status.st_mode) ? FOLDER : SPECIAL;
  return output;
}

// The name of an output in the archive: its path without slashes at its ends; "" for the source's folder as a whole.
static char *member_of(const char *path) {
  while (*path == '/' || strncmp(path, "./", 2) == 0) path++;
  char *member = text("%s", strcmp(path, ".") == 0 ? "" : path);
  for (size_t length = strlen(member); length > 0 && member[length - 1] == '/'; length--) member[length - 1] = 0;
  return member;
}

// Text as JSON has it; it is UTF-8, since descriptions are.
static char *json(const char *plain) {
  char *quoted = allocate(6 * strlen(plain) + 3), *to = quoted;
  *to++ = '"';
  for (; *plain != 0; plain++) {
    if (*plain == '"' || *plain == '\\') to += sprintf(to, "\\%c", *plain);
    else if ((unsigned char)*plain < 0x20 || *plain == 0x7f) to += sprintf(to, "\\u%04x", *plain);
    else *to++ = *plain;
  }
  strcpy(to, "\"");
  return quoted;
}

// Writes the artifact; returns its JSON value for the record, NULL where there is none.
static char *leave_artifact(struct area *area, struct output *outputs, size_t count, uint64_t time) {
  if (count == 1 && outputs[0].kind == REGULAR) {
    const int fd = open(outputs[0].place, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return NULL;
    area_copy(area, fd, outputs[0].status.st_size);
    close(fd);
    return text("{\"kind\":\"file\",\"executable\":%s}", outputs[0].status.st_mode & 0111 ? "true" : "false");
  }
  int any = 0;
  for (size_t i = 0; i < count; i++) {
    if (outputs[i].kind < REGULAR) continue;
    any = 1;
    char *place = realpath(outputs[i].place, NULL);
    if (place != NULL) tar_add(area, AT_FDCWD, place, member_of(outputs[i].path), time);
    free(place);
  }
  if (!any) return NULL;
  tar_end(area);
  return "{\"kind\":\"archive\"}";
}

static uint64_t size_of(int drive) {
  struct mtd_info_user info;
  if (ioctl(drive, MEMGETINFO, &info) != 0) fail("asking for the output drive's size");
  return info.size;
}

static void write_result(int drive, int code, const char *record, const char *artifact_size) {
  char header[65] = {0};
  snprintf(header, sizeof header, "assay-output 2 %d %zu %s\n", code, strlen(record), artifact_size);
  struct area record_area = {.drive = drive, .from = RECORD_AT, .capacity = ARTIFACT_AT - RECORD_AT};
  area_write(&record_area, record, strlen(record));
  struct area header_area = {.drive = drive, .from = 0, .capacity = RECORD_AT};
  area_write(&header_area, header, 64);
}

// Leaves everything and switches off.
void leave(const struct build *build, int drive, int code, uint64_t epoch, struct log *log) {
  const size_t count = build->outputs.count;
  struct output *outputs = allocate((count + 1) * sizeof *outputs);
  for (size_t i = 0; i < count; i++) {
    outputs[i] = look(build->outputs.items[i]);
    if (code == 0 && outputs[i].kind < REGULAR) {
      code = NO_OUTPUT;
      say(log, text("%s: %s", outputs[i].path,
                    outputs[i].kind == MISSING ? "there is no such file" : "neither a file nor a folder"));
    }
  }
  const uint64_t end = size_of(drive);
  struct area area = {.drive = drive, .from = ARTIFACT_AT, .capacity = end - ARTIFACT_AT};
  char *artifact = leave_artifact(&area, outputs, count, epoch);
  if (artifact != NULL && !area_fits(&area)) {
    say(log, text("the outputs take %llu bytes, the output drive has room for %llu", (unsigned long long)area.used,
                  (unsigned long long)(end - ARTIFACT_AT)));
    if (code == 0) code = OUTPUT_TOO_LARGE;
    artifact = NULL;
  }
  const uint64_t used = artifact == NULL ? 0 : area.used;
  const uint64_t behind = (ARTIFACT_AT + used + PAGE - 1) / PAGE * PAGE;
  char *reports = leave_reports(&build->reports, drive, behind, end, epoch, log);

  struct strings parts = {0};
  for (size_t i = 0; i < count; i++) {
    push(&parts, text("%s{\"path\":%s,\"kind\":\"%s\"}", i == 0 ? "" : ",", json(outputs[i].path), kinds[outputs[i].kind]));
  }
  char *list = "";
  for (size_t i = 0; i < parts.count; i++) list = text("%s%s", list, parts.items[i]);
  const uint64_t logged = log->digest.bytes;
  char hex[65];
  sha256_end(&log->digest, hex);
  char *record = text(
      "{\"version\":1,\"exitCode\":%d,\"log\":{\"bytes\":%llu,\"sha256\":\"%s\"},\"artifact\":%s,\"outputs\":[%s],\"reports\":%s}",
      code, (unsigned long long)logged, hex, artifact == NULL ? "null" : artifact, list, reports);
  write_result(drive, code, record, artifact == NULL ? "-" : text("%llu", (unsigned long long)used));
  silence_kernel();
  reboot(RB_POWER_OFF);
  _exit(1);
}
