#pragma once

// The part of the netdev family of generic netlink that is used here. Debian 12 has no header for
// it. Source: include/uapi/linux/netdev.h.

#include <cstdint>

namespace afxdp::netdev {

constexpr char kFamilyName[] = "netdev";
constexpr uint8_t kFamilyVersion = 1;

constexpr uint8_t NETDEV_CMD_DEV_GET = 1;

constexpr uint16_t NETDEV_A_DEV_IFINDEX = 1;
constexpr uint16_t NETDEV_A_DEV_XDP_FEATURES = 3;
constexpr uint16_t NETDEV_A_DEV_XDP_ZC_MAX_SEGS = 4;
constexpr uint16_t NETDEV_A_DEV_XDP_RX_METADATA_FEATURES = 5;
constexpr uint16_t NETDEV_A_DEV_XSK_FEATURES = 6;

}  // namespace afxdp::netdev
