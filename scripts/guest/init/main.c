#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"

// What is written to the console arrives as it is, without carriage returns.
static void make_console_plain(void) {
  struct termios console;
  if (tcgetattr(1, &console) != 0) return;
  console.c_oflag &= ~OPOST;
  tcsetattr(1, TCSANOW, &console);
}

int main(void) {
  umask(022);
  make_console_plain();
  const int drive = mount_early();
  struct log log;
  sha256_begin(&log.digest);
  struct header header;
  struct build build = {0};
  char *page = read_all("/.assay/run/dev/mtd1", PAGE, NULL);
  if (page == NULL) fail("opening the input drive");
  read_header((unsigned char *)page, &header);
  if (header.description != NULL) read_description(header.description, &build);
  if (build.command == NULL) {
    say(&log, "the input drive holds no build description");
    leave(&(struct build){0}, drive, BAD_INPUT, 0, &log);
  }
  set_clock(header.epoch);
  mount_root(&header);
  start_loopback();
  add_missing_files();
  int code = run_command(&build, header.epoch, &log);
  if (code >= 240 && code <= RESERVED) code = RESERVED;
  leave(&build, drive, code, header.epoch, &log);
}
