// Runs the command of a build and takes down what it writes.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

static void record(struct log *log, const char *bytes, size_t length) {
  sha256_add(&log->digest, bytes, length);
  write_all(1, bytes, length);
}

// A line of init's own in the log.
void say(struct log *log, const char *line) {
  char *whole = text("init: %s\n", line);
  record(log, whole, strlen(whole));
  free(whole);
}

// Sets the variables that a file has as lines NAME=value.
static void read_variables(const char *path) {
  char *rest = read_all(path, 1 << 20, NULL);
  for (char *line; rest != NULL && (line = strsep(&rest, "\n")) != NULL;) {
    if (strchr(line, '=') != NULL && line[0] != '#' && line[0] != '=') putenv(line);
  }
}

__attribute__((noreturn)) static void become(const struct build *build, uint64_t epoch, int out) {
  const uid_t user = build->as_build_user ? BUILD_USER : 0;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(out, 1);
  dup2(out, 2);
  if (null > 2) close(null);
  clearenv();
  setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  setenv("HOME", user == 0 ? "/root" : "/home/build", 1);
  read_variables("/.assay/environment");
  read_variables("/deps/environment");
  setenv("SOURCE_DATE_EPOCH", text("%llu", (unsigned long long)epoch), 1);
  for (size_t i = 0; i < build->variables.count; i++) putenv(build->variables.items[i]);
  raise_limits();
  umask(022);
  if (user != 0 && (setgroups(0, NULL) != 0 || setgid(user) != 0 || setuid(user) != 0)) {
    dprintf(2, "init: cannot become the user build: %s\n", strerror(errno));
    _exit(126);
  }
  if (chdir("/w") != 0) {
    dprintf(2, "init: cannot enter /w: %s\n", strerror(errno));
    _exit(126);
  }
  execl("/bin/sh", "sh", "-c", build->command, (char *)NULL);
  const int missing = errno == ENOENT;
  dprintf(2, "init: cannot run /bin/sh: %s\n", strerror(errno));
  _exit(missing ? 127 : 126);
}

static void woken(int signal) {
  (void)signal;
}

// Takes what is in the pipe; 0 when no process can write to it any more.
static int drain(int fd, struct log *log) {
  char bytes[65536];
  for (;;) {
    const ssize_t got = read(fd, bytes, sizeof bytes);
    if (got > 0) record(log, bytes, got);
    else if (got == 0) return 0;
    else if (errno != EINTR) return 1;
  }
}

// The status of the command as a shell gives it; no other process is left when it returns.
int run_command(const struct build *build, uint64_t epoch, struct log *log) {
  if (build->as_build_user) {
    make_folder("/home/build", 0755);
    if (chown("/home/build", BUILD_USER, BUILD_USER) != 0 || chown("/w", BUILD_USER, BUILD_USER) != 0) fail("giving folders away");
  }
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC) != 0 || fcntl(pipe[0], F_SETFL, O_NONBLOCK) != 0) fail("making a pipe");
  // So that the user can open /dev/stderr.
  if (build->as_build_user && fchown(pipe[1], BUILD_USER, BUILD_USER) != 0) fail("making a pipe");
  sigset_t child, none;
  sigemptyset(&none);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  signal(SIGCHLD, woken);
  const pid_t command = fork();
  if (command < 0) fail("starting the command");
  if (command == 0) become(build, epoch, pipe[1]);
  close(pipe[1]);

  struct pollfd readable = {.fd = pipe[0], .events = POLLIN};
  int status = -1;
  while (status < 0) {
    if (ppoll(&readable, 1, NULL, &none) > 0 && drain(pipe[0], log) == 0) readable.fd = -1;
    int how;
    for (pid_t ended; (ended = waitpid(-1, &how, WNOHANG)) > 0;) {
      if (ended == command) status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    }
  }
  // Nobody may change anything while the outputs are copied.
  kill(-1, SIGKILL);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
  drain(pipe[0], log);
  close(pipe[0]);
  return status;
}
