// Clock, network, users and limits of the guest.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

void set_clock(uint64_t epoch) {
  const struct timespec time = {.tv_sec = epoch};
  clock_settime(CLOCK_REALTIME, &time);
}

void start_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

static void add_missing(const char *path, const char *content) {
  if (access(path, F_OK) != 0) write_text(path, content);
}

// Adds a line that begins with this name, where the file has none.
static void add_line(const char *path, const char *name, const char *line) {
  char *content = read_all(path, 1 << 20, NULL);
  if (content == NULL || strncmp(content, name, strlen(name)) == 0 || strstr(content, text("\n%s", name)) != NULL) return;
  const size_t length = strlen(content);
  write_text(path, text("%s%s%s", content, length == 0 || content[length - 1] == '\n' ? "" : "\n", line));
}

// What programs expect to find; what the environment has is left as it is.
void add_missing_files(void) {
  make_folder("/etc", 0755);
  make_folder("/root", 0700);
  make_folder("/home", 0755);
  make_folder("/var", 0755);
  make_folder("/var/tmp", 01777);
  add_missing("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n");
  add_missing("/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n");
  add_line("/etc/passwd", "build:", "build:x:1000:1000:build:/home/build:/bin/sh\n");
  add_line("/etc/group", "build:", "build:x:1000:\n");
  add_missing("/etc/hosts", "127.0.0.1\tlocalhost build\n");
  add_missing("/etc/hostname", "build\n");
  add_missing("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n");
  add_missing("/etc/resolv.conf", "");
}

void raise_limits(void) {
  const struct rlimit files = {.rlim_cur = 1024, .rlim_max = 1048576};
  setrlimit(RLIMIT_NOFILE, &files);
}
