// The guest's file systems: an overlay in memory over dependencies and root image, the source under /w, what /dev has.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init.h"

#define RUN "/.assay/run/"
#define ROOT RUN "root"

static void mount_or_fail(const char *what, const char *where, const char *type, unsigned long flags, const char *options) {
  if (mount(what, where, type, flags, options) != 0) fail("mounting %s on %s", type == NULL ? what : type, where);
}

static int printk = -1;

// What the kernel says from now on is not shown: it would stand behind the log of the build.
void silence_kernel(void) {
  if (write(printk, "0", 1) != 1) return;
}

// Mounts what is needed to reach the drives; returns the output drive's file descriptor.
int mount_early(void) {
  mount_or_fail("run", "/.assay/run", "tmpfs", 0, "size=75%,mode=755");
  make_folder(RUN "dev", 0755);
  make_folder(RUN "proc", 0755);
  make_folder(RUN "sys", 0755);
  mount_or_fail("dev", RUN "dev", "devtmpfs", 0, NULL);
  mount_or_fail("proc", RUN "proc", "proc", 0, NULL);
  mount_or_fail("sys", RUN "sys", "sysfs", 0, NULL);
  const int drive = open(RUN "dev/mtd2", O_RDWR | O_CLOEXEC);
  if (drive < 0) fail("opening the output drive");
  printk = open(RUN "proc/sys/kernel/printk", O_WRONLY | O_CLOEXEC);
  return drive;
}

// Value of `name=` on the kernel's command line: an address in hexadecimal.
static uint64_t address_of(const char *name) {
  char *line = read_all(RUN "proc/cmdline", 4096, NULL);
  char *at = line == NULL ? NULL : strstr(line, name);
  return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 16);
}

// Makes a block device of a part of memory, and mounts the image in it.
static void mount_image(const char *name, int number, uint64_t address, uint64_t size, const char *where) {
  char parameter[128];
  const int length = snprintf(parameter, sizeof parameter, "%s,0x%llx,0x%llx", name, (unsigned long long)address,
                              (unsigned long long)size);
  const int fd = open(RUN "sys/module/phram/parameters/phram", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, parameter, length) != length) fail("reaching the image of the %s", name);
  close(fd);
  make_folder(where, 0755);
  char device[64];
  snprintf(device, sizeof device, RUN "dev/mtdblock%d", number);
  mount_or_fail(device, where, "erofs", MS_RDONLY, NULL);
}

static void mount_overlay(const char *name, const char *lower, const char *where) {
  char *upper = text(RUN "%s.upper", name), *work = text(RUN "%s.work", name);
  make_folder(upper, 0755);
  make_folder(work, 0755);
  mount_or_fail(name, where, "overlay", 0, text("lowerdir=%s,upperdir=%s,workdir=%s,redirect_dir=on", lower, upper, work));
}

static void memory_folder(const char *name, mode_t mode) {
  char *from = text(RUN "%s", name), *to = text(ROOT "/%s", name);
  mkdir(from, mode);
  chmod(from, mode);
  make_folder(to, mode);
  mount_or_fail(from, to, NULL, MS_BIND, NULL);
}

static void add_devices(void) {
  static const char *const links[][2] = {
      {"/proc/self/fd", ROOT "/dev/fd"},
      {"/proc/self/fd/0", ROOT "/dev/stdin"},
      {"/proc/self/fd/1", ROOT "/dev/stdout"},
      {"/proc/self/fd/2", ROOT "/dev/stderr"},
  };
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    if (symlink(links[i][0], links[i][1]) != 0) fail("making %s", links[i][1]);
  }
  make_folder(ROOT "/dev/pts", 0755);
  mount_or_fail("pts", ROOT "/dev/pts", "devpts", 0, "newinstance,ptmxmode=666,mode=620,gid=5");
  unlink(ROOT "/dev/ptmx");
  symlink("pts/ptmx", ROOT "/dev/ptmx");
  make_folder(ROOT "/dev/shm", 01777);
  mount_or_fail("shm", ROOT "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=50%");
}

// After this, `/` is what the command sees.
void mount_root(const struct header *header) {
  const uint64_t source = address_of("assay.source=");
  mount_image("source", 3, source, header->source_size, RUN "source");
  const char *lower = "/";
  if (header->dependencies_size > 0) {
    mount_image("dependencies", 4, address_of("assay.dependencies="), header->dependencies_size, RUN "dependencies");
    lower = RUN "dependencies:/";
  }
  make_folder(ROOT, 0755);
  mount_overlay("root", lower, ROOT);
  make_folder(ROOT "/w", 0755);
  mount_overlay("w", RUN "source", ROOT "/w");
  memory_folder("tmp", 01777);
  memory_folder("run", 0755);
  static const char *const moved[] = {"dev", "proc", "sys"};
  for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
    char *from = text(RUN "%s", moved[i]), *to = text(ROOT "/%s", moved[i]);
    make_folder(to, 0755);
    mount_or_fail(from, to, NULL, MS_MOVE, NULL);
  }
  add_devices();
  if (chdir(ROOT) != 0) fail("entering the root file system");
  mount_or_fail(".", "/", NULL, MS_MOVE, NULL);
  if (chroot(".") != 0 || chdir("/") != 0) fail("entering the root file system");
}
