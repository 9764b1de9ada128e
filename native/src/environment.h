#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "node.h"

namespace afxdp {

class Watch;

// What a descriptor is. A call takes only descriptors of its own kind.
enum class Kind : uint8_t {
  none,
  socket,
  waker,
  program,
  map,
  link,
  network_namespace,
  memory,
  promiscuous,
  link_monitor,
};

// What is mapped over a part of an arena; what maps one kind does not unmap the other.
enum class MappingKind : uint8_t { ring, memory };

// A ring or memory mapped over a part of an arena. The reference keeps the arena's memory from
// being collected: otherwise the zero pages that end the mapping could land on foreign memory.
struct Mapping {
  MappingKind kind;
  uint8_t* start;
  size_t length;
  napi_ref arena;
};

// All state of the addon in one environment (the main thread or one Worker): what it opened and
// must give back. It gives back in an order that the kernel likes: watches stop, links close
// (which detaches their programs), zero pages go over what is mapped, then descriptors close.
class Environment {
 public:
  static void Create(Napi::Env env);
  static Environment* From(const Napi::CallbackInfo& info);

  explicit Environment(napi_env env) : env_(env) {}
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  napi_env env() const { return env_; }

  // Takes a descriptor into the registry and returns it; passes a negative errno on.
  int64_t Adopt(int fd, Kind kind);
  // The kind of a descriptor that was opened here, otherwise none.
  Kind KindOf(int fd) const;
  // Closes a descriptor that was opened here; -EBADF for any other.
  int Close(int fd);

  bool Overlaps(const uint8_t* start, size_t length) const;
  // Whether exactly this range is mapped, as this kind.
  bool Has(MappingKind kind, const uint8_t* start, size_t length) const;
  void Record(const Mapping& mapping) { mappings_.push_back(mapping); }
  // Removes the record of exactly this range.
  void Forget(const uint8_t* start, size_t length);

  // Starts a watch and returns its id, or a negative errno.
  int64_t StartWatch(int fd, int events, napi_value listener);
  bool StopWatch(uint32_t id);
  // A stopped watch's handle has been closed by the loop.
  void HandleClosed();

 private:
  static void OnCleanup(napi_async_cleanup_hook_handle handle, void* data);
  void ReleaseAll();
  void CloseKind(bool links);
  void FinishCleanup();

  napi_env env_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  bool cleaning_ = false;
  size_t closing_handles_ = 0;
  uint32_t next_watch_ = 1;
  std::vector<Kind> kinds_;
  std::vector<Mapping> mappings_;
  std::unordered_map<uint32_t, Watch*> watches_;
};

}  // namespace afxdp
