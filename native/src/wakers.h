#pragma once

namespace afxdp::wakers {

// The one thing of the addon that threads share: which descriptors are wakers, since a waker is
// made by one thread and written by another. Writing and closing hold the lock, so that a number which its
// owner closes, and the process then uses for something else, is never written to. The table is that of one copy of the
// addon: a waker of another copy is unknown here.

void Add(int fd);
int RemoveAndClose(int fd);
bool Has(int fd);
// Makes the waker readable. Returns 0, or -EBADF for what is no waker.
int Wake(int fd);
// Makes the waker unreadable again.
void Drain(int fd);

}  // namespace afxdp::wakers
