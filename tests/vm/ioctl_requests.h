// SPDX-License-Identifier: MIT
// Requests to the control device: their names, and for each check that the module makes of an argument the
// numbers that it must refuse.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "pb_abi.h"

namespace probebench {

// What is likely to be at a limit of something.
inline constexpr std::array<std::uint64_t, 27> kNasty{0,
                                                      1,
                                                      2,
                                                      7,
                                                      16,
                                                      17,
                                                      31,
                                                      255,
                                                      256,
                                                      1024,
                                                      1025,
                                                      2048,
                                                      2049,
                                                      4096,
                                                      10000,
                                                      100001,
                                                      0x7fffffff,
                                                      0x80000000,
                                                      0xffffffff,
                                                      0x7fffffffffff,
                                                      0x800000000000,
                                                      0x7fffffffffffffff,
                                                      0x8000000000000000,
                                                      0xdead000000000100,
                                                      0xffffffff81000000,
                                                      0xfffffffffffff000,
                                                      ~0ull};

struct RequestKind {
  unsigned long command;
  std::string_view name;
  bool slow;  // it registers, patches or waits: milliseconds
};

inline constexpr std::array kRequestKinds{
    RequestKind{PB_IOC_INFO, "INFO", false},
    RequestKind{PB_IOC_ATTACH, "ATTACH", true},
    RequestKind{PB_IOC_DETACH, "DETACH", true},
    RequestKind{PB_IOC_EVIDENCE, "EVIDENCE", false},
    RequestKind{PB_IOC_WINDOW, "WINDOW", false},
    RequestKind{PB_IOC_SELFTEST, "SELFTEST", true},
    RequestKind{PB_IOC_SELECT, "SELECT", false},
    RequestKind{PB_IOC_SET_DEFINE, "SET_DEFINE", true},
    RequestKind{PB_IOC_SET_ARM, "SET_ARM", true},
    RequestKind{PB_IOC_SET_HANDLER, "SET_HANDLER", true},
    RequestKind{PB_IOC_SET_TOTALS, "SET_TOTALS", false},
    RequestKind{PB_IOC_SET_READ, "SET_READ", false},
    RequestKind{PB_IOC_SET_EVIDENCE, "SET_EVIDENCE", false},
    RequestKind{PB_IOC_SET_DISARM, "SET_DISARM", true},
    RequestKind{PB_IOC_SET_CLEAR, "SET_CLEAR", true},
    RequestKind{PB_IOC_SET_TICKS, "SET_TICKS", false},
    RequestKind{PB_IOC_FIELD_SITES, "FIELD_SITES", false},
    RequestKind{PB_IOC_FIELD_WINDOW, "FIELD_WINDOW", false},
    RequestKind{PB_IOC_FIELD_HANDLER, "FIELD_HANDLER", false},
};

// A check of the module: with any value of the range in place, the request is refused whatever came before.
struct RequestCheck {
  unsigned long command;
  std::string_view name;  // of the argument's member
  void (*put)(void* argument, std::uint64_t value);
  std::uint64_t least;
  std::uint64_t most;
};

template <auto member>
struct MemberPut;
template <typename T, typename V, V T::*member>
struct MemberPut<member> {
  static void put(void* argument, std::uint64_t value) {
    static_cast<T*>(argument)->*member = static_cast<V>(value);
  }
};

template <auto member>
constexpr RequestCheck number(unsigned long command, std::string_view name, std::uint64_t least,
                              std::uint64_t most = UINT32_MAX) {
  return {command, name, MemberPut<member>::put, least, most};
}

inline constexpr std::uint64_t kKernelHalf = 0xffff800000000000;  // no user's pointer

inline constexpr auto kRequestChecks = std::to_array<RequestCheck>({
    number<&pb_attach::mechanism>(PB_IOC_ATTACH, "mechanism", PB_NR_MECHANISMS),
    number<&pb_attach::site>(PB_IOC_ATTACH, "site", PB_NR_SITES),
    number<&pb_attach::handler>(PB_IOC_ATTACH, "handler", PB_NR_HANDLERS),
    number<&pb_attach::flags>(PB_IOC_ATTACH, "flags", 1),
    number<&pb_attach::delay_ns>(PB_IOC_ATTACH, "delay_ns", 100'001),
    number<&pb_attach::reserved>(PB_IOC_ATTACH, "reserved", 1),
    number<&pb_attach::mechanism>(PB_IOC_SELECT, "mechanism", PB_NR_MECHANISMS),
    number<&pb_attach::site>(PB_IOC_SELECT, "site", PB_NR_SITES),
    number<&pb_attach::handler>(PB_IOC_SELECT, "handler", PB_NR_HANDLERS),
    number<&pb_attach::flags>(PB_IOC_SELECT, "flags", 1),
    number<&pb_attach::delay_ns>(PB_IOC_SELECT, "delay_ns", 100'001),
    number<&pb_attach::reserved>(PB_IOC_SELECT, "reserved", 1),
    number<&pb_evidence::when>(PB_IOC_EVIDENCE, "when", PB_EVIDENCE_WINDOW + 1),
    number<&pb_evidence::reserved>(PB_IOC_EVIDENCE, "reserved", 1),
    number<&pb_window::subject>(PB_IOC_WINDOW, "subject", PB_SUBJECT_TWIN + 1),
    number<&pb_window::handler>(PB_IOC_WINDOW, "handler", PB_NR_HANDLERS),
    number<&pb_window::calls>(PB_IOC_WINDOW, "calls 0", 0, 0),
    number<&pb_window::calls>(PB_IOC_WINDOW, "calls", 10'001),
    number<&pb_window::flags>(PB_IOC_WINDOW, "flags", 2 * PB_WIN_MARKED),
    number<&pb_window::cpus>(PB_IOC_WINDOW, "cpus", PB_MAX_CPUS + 1),
    number<&pb_window::reserved>(PB_IOC_WINDOW, "reserved", 1),
    number<&pb_set::mechanism>(PB_IOC_SET_DEFINE, "mechanism", PB_NR_MECHANISMS),
    number<&pb_set::mechanism>(PB_IOC_SET_DEFINE, "mechanism without sets", PB_MECH_FPROBE_ENTRY,
                               PB_MECH_FPROBE_EXIT),
    number<&pb_set::handler>(PB_IOC_SET_DEFINE, "handler", PB_NR_HANDLERS),
    number<&pb_set::flags>(PB_IOC_SET_DEFINE, "flags", 2 * PB_SET_TALLY),
    number<&pb_set::count>(PB_IOC_SET_DEFINE, "count 0", 0, 0),
    number<&pb_set::count>(PB_IOC_SET_DEFINE, "count", PB_MAX_SET + 1),
    number<&pb_set::delay_ns>(PB_IOC_SET_DEFINE, "delay_ns", 100'001),
    number<&pb_set::maxactive>(PB_IOC_SET_DEFINE, "maxactive", PB_MAX_ACTIVE + 1),
    number<&pb_set::addresses>(PB_IOC_SET_DEFINE, "addresses", kKernelHalf, UINT64_MAX),
    {PB_IOC_SET_DEFINE, "instances",
     [](void* to, std::uint64_t count) {
       static_cast<pb_set*>(to)->maxactive = PB_MAX_ACTIVE;
       static_cast<pb_set*>(to)->count = static_cast<std::uint32_t>(count);
     },
     PB_MAX_INSTANCES / PB_MAX_ACTIVE + 1, PB_MAX_SET},
    {PB_IOC_SET_DEFINE, "handler that calls the kernel",
     [](void* to, std::uint64_t handler) {
       static_cast<pb_set*>(to)->mechanism = PB_MECH_FTRACE;
       static_cast<pb_set*>(to)->flags = 0;
       static_cast<pb_set*>(to)->handler = static_cast<std::uint32_t>(handler);
     },
     PB_HANDLER_RECORD, PB_HANDLER_STRING},
    {PB_IOC_SET_DEFINE, "no string",
     [](void* to, std::uint64_t) {
       static_cast<pb_set*>(to)->handler = PB_HANDLER_STRING;
       static_cast<pb_set*>(to)->user_string = 0;
     },
     0, 0},
    number<&pb_set_handler::handler>(PB_IOC_SET_HANDLER, "handler", PB_NR_HANDLERS),
    number<&pb_set_handler::flags>(PB_IOC_SET_HANDLER, "flags", 2 * PB_SET_TALLY),
    number<&pb_set_read::first>(PB_IOC_SET_READ, "first", PB_MAX_SET + 1),
    number<&pb_set_read::count>(PB_IOC_SET_READ, "count", PB_MAX_SET + 1),
    number<&pb_set_read::probes>(PB_IOC_SET_READ, "probes", kKernelHalf, UINT64_MAX),
    number<&pb_set_evidence::index>(PB_IOC_SET_EVIDENCE, "index", PB_MAX_SET),
    number<&pb_set_evidence::reserved>(PB_IOC_SET_EVIDENCE, "reserved", 1),
    {PB_IOC_SET_EVIDENCE, "when",
     [](void* to, std::uint64_t when) {
       static_cast<pb_set_evidence*>(to)->evidence.when = static_cast<std::uint32_t>(when);
     },
     1, UINT32_MAX},
    number<&pb_field_sites::layout>(PB_IOC_FIELD_SITES, "layout", PB_FIELD_ON_NEST + 1),
    number<&pb_field_sites::count>(PB_IOC_FIELD_SITES, "count", PB_FIELD_FUNCTIONS + 1),
    {PB_IOC_FIELD_SITES, "addresses",
     [](void* to, std::uint64_t addresses) {
       static_cast<pb_field_sites*>(to)->count = 1;
       static_cast<pb_field_sites*>(to)->addresses = addresses;
     },
     kKernelHalf, UINT64_MAX},
    number<&pb_field_window::layout>(PB_IOC_FIELD_WINDOW, "layout", PB_FIELD_ON_NEST + 1),
    number<&pb_field_window::work>(PB_IOC_FIELD_WINDOW, "work", PB_FIELD_MAX_WORK + 1),
    number<&pb_field_window::calls>(PB_IOC_FIELD_WINDOW, "calls", PB_FIELD_MAX_CALLS + 1),
    number<&pb_field_window::reserved>(PB_IOC_FIELD_WINDOW, "reserved", 1, UINT64_MAX),
    {PB_IOC_FIELD_WINDOW, "span",
     [](void* to, std::uint64_t span) {
       static_cast<pb_field_window*>(to)->layout = PB_FIELD_ON_FUNCTIONS;
       static_cast<pb_field_window*>(to)->span = static_cast<std::uint32_t>(span);
     },
     PB_FIELD_FUNCTIONS + 1, UINT32_MAX},
    {PB_IOC_FIELD_WINDOW, "first",
     [](void* to, std::uint64_t first) {
       static_cast<pb_field_window*>(to)->layout = PB_FIELD_ON_FUNCTIONS;
       static_cast<pb_field_window*>(to)->first = static_cast<std::uint32_t>(first);
     },
     PB_FIELD_FUNCTIONS, UINT32_MAX},
    {PB_IOC_FIELD_WINDOW, "no depth",
     [](void* to, std::uint64_t) {
       static_cast<pb_field_window*>(to)->layout = PB_FIELD_ON_NEST;
       static_cast<pb_field_window*>(to)->calls = 0;
     },
     0, 0},
    number<&pb_field_handler::handler>(PB_IOC_FIELD_HANDLER, "handler", PB_NR_HANDLERS),
    number<&pb_field_handler::reserved>(PB_IOC_FIELD_HANDLER, "reserved", 1),
});

}  // namespace probebench
