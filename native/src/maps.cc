#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

namespace {

bool IsPerCpu(uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
         type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

// The bytes that the kernel will read for a key and a value of this map, whatever it is given.
int ReadSizes(int map, size_t* key_size, size_t* value_size) {
  bpf_map_info description{};
  uint32_t size = sizeof description;
  if (bpf_obj_get_info_by_fd(map, &description, &size) < 0) return -errno;
  *key_size = description.key_size;
  *value_size = description.value_size;
  if (!IsPerCpu(description.type)) return 0;
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return cpus;
  *value_size = (*value_size + 7) / 8 * 8 * static_cast<size_t>(cpus);
  return 0;
}

// 0 when the key is as long as this map's; `value_size` then is the bytes of a value.
int CheckKey(int map, const Bytes& key, size_t* value_size) {
  size_t key_size = 0;
  const int error = ReadSizes(map, &key_size, value_size);
  if (error != 0) return error;
  return key.length == key_size ? 0 : -EINVAL;
}

// Of a queue or a stack there is no key, and the kernel wants no address of one.
const void* KeyOf(const Bytes& key) { return key.length == 0 ? nullptr : key.data; }

}  // namespace

Napi::Value LookupMap(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int map = in.Descriptor(0, Kind::map);
  const Bytes key = in.Uint8Array(1);
  if (in.failed()) return in.failure();
  size_t value_size = 0;
  const int error = CheckKey(map, key, &value_size);
  if (error != 0) return in.answer(error);
  auto value = Napi::Uint8Array::New(info.Env(), value_size);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  const int result = bpf_map_lookup_elem(map, KeyOf(key), value.Data());
  if (result < 0) return in.answer(-errno);
  return value;
}

Napi::Value UpdateMap(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int map = in.Descriptor(0, Kind::map);
  const Bytes key = in.Uint8Array(1);
  const Bytes value = in.Uint8Array(2);
  const int64_t flags = in.Integer(3, 0, INT64_MAX);
  if (in.failed()) return in.failure();
  size_t value_size = 0;
  const int error = CheckKey(map, key, &value_size);
  if (error != 0) return in.answer(error);
  if (value.length != value_size) return in.answer(-EINVAL);
  const int result = bpf_map_update_elem(map, KeyOf(key), value.data, static_cast<uint64_t>(flags));
  return in.answer(result < 0 ? -errno : 0);
}

Napi::Value DeleteMapEntry(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int map = in.Descriptor(0, Kind::map);
  const Bytes key = in.Uint8Array(1);
  if (in.failed()) return in.failure();
  size_t value_size = 0;
  const int error = CheckKey(map, key, &value_size);
  if (error != 0) return in.answer(error);
  return in.answer(bpf_map_delete_elem(map, KeyOf(key)) < 0 ? -errno : 0);
}

}  // namespace afxdp
