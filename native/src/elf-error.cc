// Debian's libelf.a keeps the thread's last error in a variable that only an executable can have
// (its elf_error.o is not compiled for shared objects). These three functions take the place of
// that member of the archive. Interface: libelf.h; error numbers as in elfutils' libelfP.h.

#include <cstdio>

namespace {

thread_local int last_error = 0;
thread_local char message[32];

}  // namespace

extern "C" {

void __libelf_seterrno(int value);
int elf_errno(void);
const char* elf_errmsg(int error);

void __libelf_seterrno(int value) { last_error = value; }

int elf_errno(void) {
  const int error = last_error;
  last_error = 0;
  return error;
}

const char* elf_errmsg(int error) {
  const int meant = error == 0 || error == -1 ? last_error : error;
  if (error == 0 && meant == 0) return nullptr;
  std::snprintf(message, sizeof message, "libelf error %d", meant);
  return message;
}
}
