/* A file layer that remembers what a power cut would take away.
 *
 * Loaded with LD_PRELOAD. Writes go to the real file; before each one, what it overwrites and the size of the file go
 * to an undo log. A sync that succeeded forgets what was written before it. `power.py` reads the logs after kill -9.
 *
 * FAULT_DIR      the folder watched, a resolved path         FAULT_UNDO    the folder of the logs, on the same disk
 * FAULT_FULL     while it exists: changes fail, ENOSPC;      FAULT_SLOW    while it exists: a sync takes 50 ms more
 *                with a letter in it: only growth fails      FAULT_EIO     while it exists: a sync fails with EIO
 * FAULT_CLOCK    seconds that the wall clock is moved by     FAULT_COUNTS  what was seen, as in `struct counts`
 *
 * Logs are named by inode, opened at each call and locked with flock: processes, threads and forks need nothing else.
 * Calls go to the kernel by number, so that the layer never meets itself.
 * Not seen: stdio's fwrite, mmap, io_uring. Not counted as a sync: sync, syncfs, sync_file_range, msync. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { OUTSIDE, IGNORED, WATCHED };
enum flag { SHRINK = 1, SYNCED = 2 };
enum { DESCRIPTORS = 65536, CHUNK = 65536 };

/* Positions count every byte ever logged for the file; `base` is that of the first byte after the header.
 * Records from `start` to `end` are not synced; those before `lost` met a sync that failed, and no later sync helps. */
struct header { uint64_t base, start, end, lost, synced; };
struct record { uint64_t length, offset, old_size, old_bytes, flags; };
struct held { int log; ino_t inode; struct header head; uint64_t at; };
struct counts { atomic_ulong writes, bytes, syncs, names, full, failed, moved; };

static char folder[PATH_MAX], undo[PATH_MAX / 2];
static size_t folder_length;
static const char *full_file, *slow_file, *eio_file, *clock_file;
static struct counts nobody, *counts = &nobody;
static atomic_ulong known[DESCRIPTORS]; /* inode * 4 + kind, forgotten when the number is opened again */
static int (*real_clock)(clockid_t, struct timespec *);

/* Copied: PostgreSQL writes its process title over the variables that it was started with. */
static const char *setting(const char *name) { const char *value = getenv(name); return value && *value ? strdup(value) : NULL; }

__attribute__((constructor)) static void begin(void)
{
    const char *watched = setting("FAULT_DIR"), *logs = setting("FAULT_UNDO"), *seen = setting("FAULT_COUNTS");
    full_file = setting("FAULT_FULL"), slow_file = setting("FAULT_SLOW");
    eio_file = setting("FAULT_EIO"), clock_file = setting("FAULT_CLOCK");
    if (watched && logs && strlen(watched) < PATH_MAX - 1 && strlen(logs) < sizeof undo) {
        strcpy(undo, logs);
        strcpy(folder, watched);
        folder_length = strlen(folder);
    }
    int fd = seen ? (int)syscall(SYS_openat, AT_FDCWD, seen, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (fd < 0) return;
    if (!syscall(SYS_ftruncate, fd, sizeof nobody)) {
        void *shared = mmap(NULL, sizeof nobody, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shared != MAP_FAILED) counts = shared;
    }
    syscall(SYS_close, fd);
}

/* A log that cannot be kept would make every later result a lie. */
#define must(done) do { if (!(done)) { fprintf(stderr, "fault layer, line %d: %s\n", __LINE__, strerror(errno)); abort(); } } while (0)

static int exists(const char *path) { return path && !access(path, F_OK); }

static enum kind kind_of_path(const char *path)
{
    static const char *const ignored[] = {"/pg_stat_tmp/", "/pgsql_tmp", "/postmaster.pid", "/postmaster.opts", "/.s.PGSQL"};
    if (!folder_length || strncmp(path, folder, folder_length)) return OUTSIDE;
    const char *rest = path + folder_length;
    if (*rest && *rest != '/') return OUTSIDE;
    size_t length = strlen(path);
    if (length > 4 && !strcmp(path + length - 4, "-shm")) return IGNORED;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (strstr(rest, ignored[i])) return IGNORED;
    return WATCHED;
}

static enum kind kind_of(int fd, struct stat *s)
{
    if (!folder_length || fstat(fd, s) || !(S_ISREG(s->st_mode) || S_ISDIR(s->st_mode))) return OUTSIDE;
    int small = fd < DESCRIPTORS;
    unsigned long have = small ? atomic_load(&known[fd]) : 0;
    if (have && have >> 2 == s->st_ino) return (enum kind)((have & 3) - 1);
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return OUTSIDE;
    path[length] = 0;
    enum kind kind = kind_of_path(path);
    if (small) atomic_store(&known[fd], (unsigned long)s->st_ino << 2 | (unsigned long)(kind + 1));
    return kind;
}

/* ---- the log of one file ---- */

static void lock(struct held *h)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%lu", undo, (unsigned long)h->inode);
    mode_t mask = umask(0);
    h->log = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    umask(mask);
    must(h->log >= 0);
    while (flock(h->log, LOCK_EX)) must(errno == EINTR);
    memset(&h->head, 0, sizeof h->head);
    must(syscall(SYS_pread64, h->log, &h->head, sizeof h->head, 0) >= 0);
}

static void unlock(struct held *h) /* by hand: a child of a fork may hold the descriptor too */
{
    flock(h->log, LOCK_UN);
    syscall(SYS_close, h->log);
}

static void put(struct held *h, const void *what, size_t length, uint64_t position)
{
    uint64_t where = sizeof h->head + position - h->head.base;
    must(syscall(SYS_pwrite64, h->log, what, length, where) == (long)length);
}

/* The header first: a kill between the two leaves bytes that nobody reads. */
static void put_head(struct held *h)
{
    int empty = h->head.start == h->head.end && h->head.base != h->head.end;
    if (empty) h->head.base = h->head.end;
    must(syscall(SYS_pwrite64, h->log, &h->head, sizeof h->head, 0) == sizeof h->head);
    if (empty) must(!syscall(SYS_ftruncate, h->log, sizeof h->head));
}

static void drop_until(struct held *h, uint64_t position)
{
    if (h->head.start < position) h->head.start = position;
}

static void flag_synced(struct held *h, uint64_t position, uint64_t end)
{
    for (struct record r; position < end; position += sizeof r + r.old_bytes) {
        must(syscall(SYS_pread64, h->log, &r, sizeof r, sizeof h->head + position - h->head.base) == sizeof r);
        r.flags |= SYNCED;
        put(h, &r, sizeof r, position);
    }
}

static void keep_old(struct held *h, int fd, struct record r)
{
    static _Thread_local char buffer[sizeof(struct record) + CHUNK];
    char path[64];
    int from = fd, more = r.offset < r.old_size;
    uint64_t want = more ? r.old_size - r.offset : 0, at = h->head.end + sizeof r;
    want = want < r.length ? want : r.length;
    if (want && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        from = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        must(from >= 0);
    }
    r.old_bytes = want;
    memcpy(buffer, &r, sizeof r);
    for (uint64_t done = 0, lead = sizeof r; done < want || lead;) {
        uint64_t chunk = want - done < CHUNK ? want - done : CHUNK;
        must(!chunk || syscall(SYS_pread64, from, buffer + lead, chunk, r.offset + done) == (long)chunk);
        put(h, buffer, lead + chunk, at - lead + done);
        done += chunk, lead = 0;
    }
    if (from != fd) syscall(SYS_close, from);
    h->at = h->head.end;
    h->head.end = at + want; /* a record counts when the header says so: kill -9 may cut it short */
    put_head(h);
}

static int no_room(const char *file, int grows)
{
    struct stat s;
    if (!file || stat(file, &s) || (s.st_size && !grows)) return 0;
    counts->full++;
    errno = ENOSPC;
    return 1;
}

/* Note what a change takes away. Gives -1 where it must fail; `offset` -1 means the place of the descriptor. */
static int before(struct held *h, int fd, off_t offset, size_t length, uint64_t flags)
{
    struct stat s;
    h->log = -1;
    enum kind kind = kind_of(fd, &s);
    if (kind == OUTSIDE || S_ISDIR(s.st_mode)) return 0;
    int noted = kind == WATCHED && s.st_nlink;
    if (noted) {
        h->inode = s.st_ino;
        lock(h);
        must(!fstat(fd, &s));
    }
    if (!(flags & SHRINK) && fcntl(fd, F_GETFL) & O_APPEND) offset = s.st_size;
    if (offset < 0) offset = lseek(fd, 0, SEEK_CUR);
    if (!(flags & SHRINK) && no_room(full_file, offset + (off_t)length > s.st_size)) {
        if (noted) unlock(h);
        errno = ENOSPC;
        return -1;
    }
    if (!noted) return h->log = -1, 0;
    counts->writes++;
    counts->bytes += length;
    keep_old(h, fd, (struct record){length, (uint64_t)offset, (uint64_t)s.st_size, 0, flags});
    return 0;
}

static void after(struct held *h, int synced)
{
    if (h->log < 0) return;
    int error = errno;
    if (synced) {
        flag_synced(h, h->at, h->head.end);
        if (h->head.start == h->at) drop_until(h, h->head.end), put_head(h);
    }
    unlock(h);
    errno = error;
}

static int synchronous(int fd, int flags) { return (fcntl(fd, F_GETFL) & O_DSYNC) || (flags & (RWF_DSYNC | RWF_SYNC)); }

static uint64_t monotonic(void) { struct timespec t; syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec; }

static int sync_by(long number, int fd)
{
    struct stat s;
    if (kind_of(fd, &s) != WATCHED) return (int)syscall(number, fd);
    struct held h = {.inode = s.st_ino};
    uint64_t now = monotonic();
    counts->syncs++;
    lock(&h);
    uint64_t until = h.head.end;
    if (exists(eio_file)) { /* as Linux does: the error is told once, and the pages count as clean from then on */
        h.head.lost = until;
        put_head(&h), unlock(&h), counts->failed++;
        errno = EIO;
        return -1;
    }
    unlock(&h);
    if (exists(slow_file)) syscall(SYS_nanosleep, &(struct timespec){0, 50000000}, NULL);
    if (syscall(number, fd)) return -1;
    lock(&h);
    if (h.head.lost <= h.head.start) drop_until(&h, until);
    else flag_synced(&h, h.head.lost, until);
    h.head.synced = now;
    put_head(&h), unlock(&h);
    return 0;
}

/* ---- names: what was made, renamed and removed, until the file or its folder is synced ---- */

static const char *absolute(int dirfd, const char *path, char *out)
{
    char joined[2 * PATH_MAX], link[64], *slash;
    ssize_t length = 0;
    if (*path != '/' && dirfd == AT_FDCWD) length = getcwd(joined, PATH_MAX) ? (ssize_t)strlen(joined) : -1;
    else if (*path != '/') snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd), length = readlink(link, joined, PATH_MAX);
    if (length < 0 || strlen(path) >= PATH_MAX) return "";
    snprintf(joined + length, sizeof joined - (size_t)length, "/%s", path);
    slash = strrchr(joined, '/');
    *slash = 0;
    if (!realpath(*joined ? joined : "/", out)) return "";
    if (strlen(out) + strlen(slash + 1) + 2 >= PATH_MAX) return "";
    return strcat(strcat(out, "/"), slash + 1);
}

static void note_name(char what, ino_t inode, const char *path, const char *other, ino_t kept)
{
    char line[3 * PATH_MAX], above[PATH_MAX], log[PATH_MAX];
    struct stat s;
    strcpy(above, path);
    *strrchr(above, '/') = 0;
    if (stat(above, &s)) return;
    int length = snprintf(line, sizeof line, "%c\t%lu\t%lu\t%lu\t%lu\t%s\t%s\n", what, (unsigned long)monotonic(),
                          (unsigned long)inode, (unsigned long)s.st_ino, (unsigned long)kept, path, other);
    snprintf(log, sizeof log, "%s/names", undo);
    mode_t mask = umask(0);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    umask(mask);
    must(fd >= 0 && syscall(SYS_write, fd, line, length) == length);
    syscall(SYS_close, fd);
    counts->names++;
}

/* A second name keeps the file, and its inode number from being used again. */
static ino_t keep(const char *path)
{
    struct stat s;
    char spare[PATH_MAX];
    if (lstat(path, &s) || !S_ISREG(s.st_mode)) return 0;
    snprintf(spare, sizeof spare, "%s/kept.%lu", undo, (unsigned long)s.st_ino);
    must(!link(path, spare) || errno == EEXIST);
    return s.st_ino;
}

static int remove_by(int dirfd, const char *path, int flags)
{
    char full[PATH_MAX];
    const char *name = folder_length && !(flags & AT_REMOVEDIR) ? absolute(dirfd, path, full) : "";
    ino_t kept = kind_of_path(name) == WATCHED ? keep(name) : 0;
    if (syscall(SYS_unlinkat, dirfd, path, flags)) return -1;
    if (kept) note_name('D', kept, name, "", kept);
    return 0;
}

static int rename_by(int from, const char *old, int to, const char *new, unsigned flags)
{
    char full_old[PATH_MAX], full_new[PATH_MAX];
    struct stat s;
    const char *a = folder_length ? absolute(from, old, full_old) : "", *b = folder_length ? absolute(to, new, full_new) : "";
    int noted = kind_of_path(a) == WATCHED && kind_of_path(b) == WATCHED && !flags && !lstat(a, &s);
    ino_t kept = noted ? keep(b) : 0;
    if (syscall(SYS_renameat2, from, old, to, new, flags)) return -1;
    if (noted) note_name('R', s.st_ino, b, a, kept);
    return 0;
}

int ftruncate(int fd, off_t size);

static int open_by(int dirfd, const char *path, int flags, mode_t mode)
{
    char full[PATH_MAX];
    int changes = flags & (O_CREAT | O_TRUNC) && (flags & O_TMPFILE) != O_TMPFILE;
    const char *name = folder_length && changes ? absolute(dirfd, path, full) : "";
    enum kind kind = kind_of_path(name);
    int there = kind != OUTSIDE && !access(name, F_OK), cut = kind == WATCHED && there && flags & O_TRUNC;
    if (kind != OUTSIDE && flags & O_CREAT && !there && no_room(full_file, 1)) return -1;
    int fd = (int)syscall(SYS_openat, dirfd, path, cut ? flags & ~O_TRUNC : flags, mode);
    struct stat s;
    if (fd < 0) return -1;
    if (fd < DESCRIPTORS) atomic_store(&known[fd], 0);
    if (kind == WATCHED && !there && !fstat(fd, &s)) note_name('C', s.st_ino, name, "", 0);
    if (cut) ftruncate(fd, 0);
    return fd;
}

/* ---- the calls themselves ---- */

#define CHANGE(fd, offset, length, flags, synced, call) \
    struct held h; \
    if (before(&h, fd, offset, length, flags)) return -1; \
    long result = call; \
    after(&h, result >= 0 && (synced)); \
    return result

static size_t total(const struct iovec *v, int n) { size_t sum = 0; for (int i = 0; i < n; i++) sum += v[i].iov_len; return sum; }

ssize_t write(int fd, const void *b, size_t n) { CHANGE(fd, -1, n, 0, synchronous(fd, 0), syscall(SYS_write, fd, b, n)); }
ssize_t writev(int fd, const struct iovec *v, int n) { CHANGE(fd, -1, total(v, n), 0, synchronous(fd, 0), syscall(SYS_writev, fd, v, n)); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at) { CHANGE(fd, at, n, 0, synchronous(fd, 0), syscall(SYS_pwrite64, fd, b, n, at)); }
ssize_t pwritev64v2(int fd, const struct iovec *v, int n, off64_t at, int flags)
{
    CHANGE(fd, at, total(v, n), 0, synchronous(fd, flags), syscall(SYS_pwritev2, fd, v, n, at, 0, flags));
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return pwrite64(fd, b, n, at); }
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at) { return pwritev64v2(fd, v, n, at, 0); }
ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t at) { return pwritev64v2(fd, v, n, at, 0); }
ssize_t pwritev2(int fd, const struct iovec *v, int n, off_t at, int flags) { return pwritev64v2(fd, v, n, at, flags); }

int ftruncate(int fd, off_t size)
{
    struct stat s;
    off_t now = fstat(fd, &s) ? 0 : s.st_size;
    if (size < now) { CHANGE(fd, size, (size_t)(now - size), SHRINK, 0, syscall(SYS_ftruncate, fd, size)); }
    CHANGE(fd, now, (size_t)(size - now), 0, 0, syscall(SYS_ftruncate, fd, size));
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }
int truncate(const char *path, off_t size)
{
    int fd = open_by(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0) return -1;
    int result = ftruncate(fd, size), error = errno;
    syscall(SYS_close, fd);
    errno = error;
    return result;
}
int truncate64(const char *path, off64_t size) { return truncate(path, size); }

int fallocate(int fd, int mode, off_t at, off_t n) { CHANGE(fd, at, (size_t)n, 0, 0, syscall(SYS_fallocate, fd, mode, at, n)); }
int fallocate64(int fd, int mode, off64_t at, off64_t n) { return fallocate(fd, mode, at, n); }
int posix_fallocate(int fd, off_t at, off_t n) { int error = errno, bad = fallocate(fd, 0, at, n) ? errno : 0; errno = error; return bad; }
int posix_fallocate64(int fd, off64_t at, off64_t n) { return posix_fallocate(fd, at, n); }

/* Callers fall back to write: one road in is enough. */
static int refused(int fd, int error) { struct stat s; return kind_of(fd, &s) != OUTSIDE ? errno = error, 1 : 0; }
ssize_t copy_file_range(int in, off64_t *a, int out, off64_t *b, size_t n, unsigned f) { return refused(out, ENOSYS) ? -1 : syscall(SYS_copy_file_range, in, a, out, b, n, f); }
ssize_t sendfile(int out, int in, off_t *at, size_t n) { return refused(out, EINVAL) ? -1 : syscall(SYS_sendfile, out, in, at, n); }
ssize_t sendfile64(int out, int in, off64_t *at, size_t n) { return sendfile(out, in, at, n); }

int fsync(int fd) { return sync_by(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_by(SYS_fdatasync, fd); }

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
int open(const char *path, int flags, ...) { MODE(flags) return open_by(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_by(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return open_by(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return open_by(at, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_by(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int unlink(const char *path) { return remove_by(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return remove_by(at, path, flags); }
int remove(const char *path) { int bad = remove_by(AT_FDCWD, path, 0); return bad && errno == EISDIR ? rmdir(path) : bad; }
int rename(const char *old, const char *new) { return rename_by(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return rename_by(from, old, to, new, 0); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) { return rename_by(from, old, to, new, flags); }

/* ---- the wall clock ---- */

static int64_t shift(void) /* in nanoseconds; looked up every 50 ms */
{
    static _Atomic int64_t moved;
    static _Atomic uint64_t looked;
    struct timespec t;
    char text[64];
    if (!clock_file) return 0;
    real_clock(CLOCK_MONOTONIC, &t);
    uint64_t now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    if (now - looked < 50000000) return moved;
    looked = now;
    int error = errno, fd = (int)syscall(SYS_openat, AT_FDCWD, clock_file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : syscall(SYS_read, fd, text, sizeof text - 1);
    if (fd >= 0) syscall(SYS_close, fd);
    text[n > 0 ? n : 0] = 0;
    moved = (int64_t)(strtod(text, NULL) * 1e9);
    errno = error;
    return moved;
}

int clock_gettime(clockid_t which, struct timespec *t)
{
    if (!real_clock) real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real_clock(which, t);
    int64_t by = !result && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE || which == CLOCK_TAI) ? shift() : 0;
    if (!by) return result;
    counts->moved++;
    int64_t ns = (int64_t)t->tv_sec * 1000000000 + t->tv_nsec + by;
    t->tv_sec = ns / 1000000000, t->tv_nsec = ns % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict v, void *restrict zone)
{
    struct timespec t;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    v->tv_sec = t.tv_sec, v->tv_usec = t.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); if (out) *out = t.tv_sec; return t.tv_sec; }
