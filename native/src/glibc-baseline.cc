// Debian 12's static libgcc, libstdc++ and libelf ask for symbols of glibc 2.32 to 2.35. With these
// in their place the addon needs nothing newer than Node itself does (2.28).

#ifndef __SANITIZE_ADDRESS__

#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" {

// These three belong to libgcc's search for the handler of an exception. The addon throws none and
// lets none through: whatever they do, the process ends.
int _dl_find_object(void*, void*) { return -1; }
int __pthread_key_create(pthread_key_t*, void (*)(void*)) noexcept { return -1; }
int pthread_once(pthread_once_t*, void (*)()) { return -1; }

// Whether reference counts can do without atomic instructions: never assume it.
extern char __libc_single_threaded;
char __libc_single_threaded = 0;

int fstat(int fd, struct stat* status) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, status));
}
}

#endif
