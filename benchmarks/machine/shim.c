/* Intercepts the calls of a program to its files and clock, for tests of machine faults.
 * Loaded with LD_PRELOAD; each part is on if its variable names a file:
 *   SHIM_RECORD  every change of a file below SHIM_BELOW is appended to it, in order
 *                (cuts.py reads the format)
 *   SHIM_FAIL    one line: errno, a letter of those below, and a part of a path: such calls
 *                fail while the file exists
 *   SHIM_CLOCK   seconds that the clock is set forward (negative: back)
 * Letters: w write, t truncate, s fsync, d fsync of a folder (to fail), c create, r rename,
 * l link, u unlink. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int record_fd = -2;

#define REAL(name, type, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, name)

static ssize_t raw_write(int fd, const void *data, size_t size) {
    REAL("write", ssize_t, int, const void *, size_t);
    return real(fd, data, size);
}
static int raw_open(const char *path, int flags, mode_t mode) {
    REAL("open", int, const char *, int, ...);
    return real(path, flags, mode);
}

static int path_of(int fd, char *path, size_t size) {
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, size - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return path[0] == '/';
}

static void whole(const char *path, char *to, size_t size) {
    if (path[0] == '/') { snprintf(to, size, "%s", path); return; }
    char here[2048];
    if (!getcwd(here, sizeof here)) here[0] = 0;
    snprintf(to, size, "%s/%s", here, path);
}

static int refused(char letter, const char *path) {
    const char *file = getenv("SHIM_FAIL");
    if (!file) return 0;
    int fd = raw_open(file, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return 0;
    char line[1024];
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    if (length <= 0) return 0;
    line[length] = 0;
    int number; char letters[16], part[512];
    if (sscanf(line, "%d %15s %511s", &number, letters, part) != 3) return 0;
    if (!strchr(letters, letter) || !strstr(path, part)) return 0;
    errno = number;
    return 1;
}

static int wanted(const char *path) {
    const char *below = getenv("SHIM_BELOW");
    return getenv("SHIM_RECORD") && below && !strncmp(path, below, strlen(below));
}

static void noted(char letter, const char *path, int64_t offset, const void *data, int64_t size) {
    int kept = errno;
    pthread_mutex_lock(&lock);
    if (record_fd == -2) {
        int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
        record_fd = raw_open(getenv("SHIM_RECORD"), flags, 0600);
    }
    int32_t length = strlen(path);
    raw_write(record_fd, &letter, 1);
    raw_write(record_fd, &length, 4);
    raw_write(record_fd, path, length);
    raw_write(record_fd, &offset, 8);
    raw_write(record_fd, &size, 8);
    if (size > 0) raw_write(record_fd, data, size);
    pthread_mutex_unlock(&lock);
    errno = kept;
}

#define OF_FD(letter) \
    char path[2048]; \
    int known = path_of(fd, path, sizeof path); \
    if (known && refused(letter, path)) { return -1; }

ssize_t write(int fd, const void *data, size_t size) {
    if (fd <= 2 || (!getenv("SHIM_RECORD") && !getenv("SHIM_FAIL"))) {
        return raw_write(fd, data, size);
    }
    OF_FD('w');
    if (!known || !wanted(path)) return raw_write(fd, data, size);
    int flags = fcntl(fd, F_GETFL);
    off_t offset = lseek(fd, 0, SEEK_CUR);
    struct stat found;
    if (flags & O_APPEND && !fstat(fd, &found)) offset = found.st_size;
    ssize_t done = raw_write(fd, data, size);
    if (done > 0) noted('w', path, offset, data, done);
    return done;
}

static ssize_t placed(int fd, const void *data, size_t size, off64_t offset) {
    REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t);
    OF_FD('w');
    ssize_t done = real(fd, data, size, offset);
    if (done > 0 && known && wanted(path)) noted('w', path, offset, data, done);
    return done;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    return placed(fd, data, size, offset);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    return placed(fd, data, size, offset);
}

static int shortened(int fd, off64_t size) {
    REAL("ftruncate64", int, int, off64_t);
    OF_FD('t');
    int done = real(fd, size);
    if (!done && known && wanted(path)) noted('t', path, size, 0, 0);
    return done;
}
int ftruncate(int fd, off_t size) { return shortened(fd, size); }
int ftruncate64(int fd, off64_t size) { return shortened(fd, size); }
static int shortened_at(const char *name, off64_t size) {
    REAL("truncate64", int, const char *, off64_t);
    char path[4096];
    whole(name, path, sizeof path);
    if (refused('t', path)) return -1;
    int done = real(name, size);
    if (!done && wanted(path)) noted('t', path, size, 0, 0);
    return done;
}
int truncate(const char *name, off_t size) { return shortened_at(name, size); }
int truncate64(const char *name, off64_t size) { return shortened_at(name, size); }

#define SYNC(name) int name(int fd) { \
    REAL(#name, int, int); \
    OF_FD('s'); \
    struct stat kind; \
    if (known && !fstat(fd, &kind) && S_ISDIR(kind.st_mode) && refused('d', path)) return -1; \
    int done = real(fd); \
    if (!done && known && wanted(path)) { noted('s', path, 0, 0, 0); } \
    return done; }
SYNC(fsync)
SYNC(fdatasync)

static int opened(int folder, const char *name, int flags, mode_t mode) {
    REAL("openat64", int, int, const char *, int, ...);
    char path[4096];
    int fresh = 0;
    if (flags & (O_CREAT | O_TRUNC)) {
        struct stat found;
        whole(name, path, sizeof path);
        fresh = stat(path, &found) != 0;
        if (fresh && refused('c', path)) return -1;
        if (!fresh && !(flags & O_TRUNC)) fresh = 0;
    }
    int fd = real(folder, name, flags, mode);
    if (fd >= 0 && (flags & (O_CREAT | O_TRUNC)) && wanted(path)) {
        if (fresh) noted('c', path, 0, 0, 0);
        else if (flags & O_TRUNC) noted('t', path, 0, 0, 0);
    }
    return fd;
}
#define MODE \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }
int open(const char *name, int flags, ...) {
    MODE
    return opened(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
    MODE
    return opened(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char *name, int flags, ...) {
    MODE
    return opened(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...) {
    MODE
    return opened(folder, name, flags, mode);
}

int rename(const char *from, const char *to) {
    REAL("rename", int, const char *, const char *);
    char one[4096], other[4096];
    whole(from, one, sizeof one);
    whole(to, other, sizeof other);
    if (refused('r', other)) return -1;
    int done = real(from, to);
    if (!done && wanted(one)) noted('r', one, 0, other, strlen(other));
    return done;
}
int link(const char *from, const char *to) {
    REAL("link", int, const char *, const char *);
    char one[4096], other[4096];
    whole(from, one, sizeof one);
    whole(to, other, sizeof other);
    if (refused('l', other)) return -1;
    int done = real(from, to);
    if (!done && wanted(one)) noted('l', one, 0, other, strlen(other));
    return done;
}
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    REAL("linkat", int, int, const char *, int, const char *, int);
    if (from_folder == AT_FDCWD && to_folder == AT_FDCWD) return link(from, to);
    return real(from_folder, from, to_folder, to, flags);
}
int unlink(const char *name) {
    REAL("unlink", int, const char *);
    char path[4096];
    whole(name, path, sizeof path);
    if (refused('u', path)) return -1;
    int done = real(name);
    if (!done && wanted(path)) noted('u', path, 0, 0, 0);
    return done;
}

/* ---- the clock */

static int raw_clock(clockid_t clock, struct timespec *found) {
    REAL("clock_gettime", int, clockid_t, struct timespec *);
    return real(clock, found);
}
static long long shift(void) {
    static long long held, read_at = -1;
    const char *file = getenv("SHIM_CLOCK");
    if (!file) return 0;
    struct timespec now;
    raw_clock(CLOCK_MONOTONIC, &now);
    long long at = now.tv_sec * 50LL + now.tv_nsec / 20000000;
    if (at == read_at) return held;
    read_at = at;
    int fd = raw_open(file, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return held = 0;
    char line[64];
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    if (length > 0) { line[length] = 0; held = atoll(line); }
    return held;
}
int clock_gettime(clockid_t clock, struct timespec *found) {
    int done = raw_clock(clock, found);
    int real_time = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (!done && real_time) found->tv_sec += shift();
    return done;
}
time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *restrict found, void *restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    found->tv_sec = now.tv_sec;
    found->tv_usec = now.tv_nsec / 1000;
    return 0;
}
