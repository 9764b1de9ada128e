#include "environment.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "pages.h"
#include "wakers.h"
#include "watch.h"

namespace afxdp {

void Environment::Create(Napi::Env env) {
  auto* environment = new Environment(env);
  env.SetInstanceData(environment);
  // Asynchronous, because the loop must run once more to close the handles of watches. One hook per
  // environment object: Node aborts when the same function and argument are added twice.
  napi_add_async_cleanup_hook(env, OnCleanup, environment, &environment->cleanup_);
}

Environment* Environment::From(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Environment>();
}

Environment::~Environment() { ReleaseAll(); }

int64_t Environment::Adopt(int fd, Kind kind) {
  if (fd < 0) return fd;
  if (kinds_.size() <= static_cast<size_t>(fd)) kinds_.resize(fd + 1, Kind::none);
  kinds_[fd] = kind;
  if (kind == Kind::waker) wakers::Add(fd);
  return fd;
}

Kind Environment::KindOf(int fd) const {
  if (fd < 0 || static_cast<size_t>(fd) >= kinds_.size()) return Kind::none;
  return kinds_[fd];
}

int Environment::Close(int fd) {
  const Kind kind = KindOf(fd);
  if (kind == Kind::none) return -EBADF;
  std::vector<uint32_t> ids;
  for (const auto& [id, watch] : watches_) {
    if (watch->fd() == fd) ids.push_back(id);
  }
  for (uint32_t id : ids) StopWatch(id);
  kinds_[fd] = Kind::none;
  if (kind == Kind::waker) return wakers::RemoveAndClose(fd);
  // Linux has closed the descriptor even when it says EINTR.
  return close(fd) == 0 || errno == EINTR ? 0 : -errno;
}

bool Environment::Overlaps(const uint8_t* start, size_t length) const {
  return std::any_of(mappings_.begin(), mappings_.end(), [&](const Mapping& mapping) {
    return start < mapping.start + mapping.length && mapping.start < start + length;
  });
}

bool Environment::Has(MappingKind kind, const uint8_t* start, size_t length) const {
  return std::any_of(mappings_.begin(), mappings_.end(), [&](const Mapping& mapping) {
    return mapping.kind == kind && mapping.start == start && mapping.length == length;
  });
}

void Environment::Forget(const uint8_t* start, size_t length) {
  std::erase_if(mappings_, [&](const Mapping& mapping) {
    if (mapping.start != start || mapping.length != length) return false;
    napi_delete_reference(env_, mapping.arena);
    return true;
  });
}

int64_t Environment::StartWatch(int fd, int events, napi_value listener) {
  if (cleaning_) return -ECANCELED;
  Watch* watch = nullptr;
  const int error = Watch::Start(*this, fd, events, listener, &watch);
  if (watch == nullptr) return error;
  const uint32_t id = next_watch_++;
  watches_.emplace(id, watch);
  if (error == 0) return id;
  StopWatch(id);
  return error;
}

bool Environment::StopWatch(uint32_t id) {
  const auto found = watches_.find(id);
  if (found == watches_.end()) return false;
  closing_handles_++;
  found->second->Stop();
  watches_.erase(found);
  return true;
}

void Environment::HandleClosed() {
  closing_handles_--;
  if (cleaning_) FinishCleanup();
}

void Environment::OnCleanup(napi_async_cleanup_hook_handle, void* data) {
  auto* environment = static_cast<Environment*>(data);
  environment->cleaning_ = true;
  environment->ReleaseAll();
  environment->FinishCleanup();
}

void Environment::FinishCleanup() {
  if (closing_handles_ != 0 || cleanup_ == nullptr) return;
  const auto handle = cleanup_;
  cleanup_ = nullptr;
  napi_remove_async_cleanup_hook(handle);
}

void Environment::ReleaseAll() {
  while (!watches_.empty()) StopWatch(watches_.begin()->first);
  CloseKind(true);
  for (const Mapping& mapping : mappings_) {
    // Without memory for the zero pages the range stays mapped, and then the arena must stay, too.
    if (pages::MapZero(mapping.start, mapping.length) == 0) {
      napi_delete_reference(env_, mapping.arena);
    }
  }
  mappings_.clear();
  CloseKind(false);
}

void Environment::CloseKind(bool links) {
  for (size_t fd = 0; fd < kinds_.size(); fd++) {
    if (kinds_[fd] == Kind::none || (kinds_[fd] == Kind::link) != links) continue;
    Close(static_cast<int>(fd));
  }
}

}  // namespace afxdp
