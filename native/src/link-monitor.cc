#include <linux/if_link.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "arguments.h"
#include "functions.h"
#include "netlink.h"

namespace afxdp {

namespace {

// One call takes at most so many messages, so that it ends while others keep coming: what is left
// keeps the descriptor readable.
constexpr int kMaxMessages = 1024;

struct Event {
  // RTM_NEWLINK, RTM_DELLINK, or 0 for events that were lost.
  uint16_t type = 0;
  int index = 0;
  unsigned int flags = 0;
  std::string name;
};

void ReadMessage(const nlmsghdr* header, std::vector<Event>* events) {
  const bool is_link = header->nlmsg_type == RTM_NEWLINK || header->nlmsg_type == RTM_DELLINK;
  if (!is_link || header->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return;
  const auto* message = static_cast<const ifinfomsg*>(NLMSG_DATA(header));
  // A bridge tells of its ports in messages of its own: RTM_DELLINK is then a port that has left.
  if (message->ifi_family != AF_UNSPEC) return;
  Event event{header->nlmsg_type, message->ifi_index, message->ifi_flags, {}};
  netlink::ForEach(IFLA_RTA(message), IFLA_PAYLOAD(header), [&](uint16_t type, const rtattr* at) {
    if (type != IFLA_IFNAME) return;
    const auto* name = static_cast<const char*>(RTA_DATA(at));
    event.name.assign(name, strnlen(name, RTA_PAYLOAD(at)));
  });
  events->push_back(std::move(event));
}

// Returns 0 or a negative errno.
int ReadAll(int fd, std::vector<Event>* events) {
  std::vector<uint8_t> bytes;
  for (int i = 0; i < kMaxMessages; i++) {
    uint32_t sender = 0;
    const ssize_t length = netlink::Receive(fd, MSG_DONTWAIT, &bytes, &sender);
    if (length == -EAGAIN) break;
    if (length == -ENOBUFS) {
      events->push_back({});
      continue;
    }
    // What was taken is told; an error that stays is told by the next call.
    if (length < 0) return events->empty() ? static_cast<int>(length) : 0;
    if (sender != 0) continue;
    int64_t left = length;
    for (auto* at = reinterpret_cast<const nlmsghdr*>(bytes.data()); NLMSG_OK(at, left);
         at = NLMSG_NEXT(at, left)) {
      ReadMessage(at, events);
    }
  }
  return 0;
}

const char* KindOf(const Event& event) {
  if (event.type == 0) return "lost";
  return event.type == RTM_DELLINK ? "removed" : "changed";
}

}  // namespace

Napi::Value OpenLinkMonitor(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return in.answer(-errno);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    const int error = errno;
    close(fd);
    return in.answer(-error);
  }
  return in.answer(in.environment().Adopt(fd, Kind::link_monitor));
}

Napi::Value ReadLinkEvents(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::link_monitor);
  if (in.failed()) return in.failure();
  std::vector<Event> events;
  const int error = ReadAll(fd, &events);
  if (error != 0) return in.answer(error);
  const auto list = Napi::Array::New(info.Env(), events.size());
  for (uint32_t i = 0; i < events.size(); i++) {
    const Event& event = events[i];
    const auto object = Napi::Object::New(info.Env());
    object.Set("kind", KindOf(event));
    object.Set("interfaceIndex", static_cast<double>(event.index));
    object.Set("name", event.name);
    object.Set("up", (event.flags & IFF_UP) != 0);
    object.Set("running", (event.flags & IFF_RUNNING) != 0);
    list.Set(i, object);
  }
  return list;
}

}  // namespace afxdp
