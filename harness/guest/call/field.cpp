// SPDX-License-Identifier: MIT
#include "call/field.h"

#include <sys/ioctl.h>

#include <algorithm>

#include "pb_abi.h"

namespace probebench::call {
namespace {

constexpr std::uint32_t kHandlerCalls = 2;

pb_field_window request_for(const FieldOperation& operation, std::uint64_t done, std::uint64_t left) {
  pb_field_window raw{};
  raw.layout = static_cast<std::uint32_t>(operation.layout);
  raw.ops = static_cast<std::uint32_t>(left);
  raw.work = operation.work;
  raw.calls = operation.calls;
  raw.span = operation.span;
  if (operation.layout == FieldLayout::functions) {
    // Of none the module says that it takes none.
    if (operation.span != 0) raw.first = static_cast<std::uint32_t>(done * operation.calls % operation.span);
  }
  return raw;
}

Status run_window(int device, pb_field_window& raw) {
  if (::ioctl(device, PB_IOC_FIELD_WINDOW, &raw) == 0) return Done{};
  return errno_error(Fault::cell, "run operations of the module's field");
}

Result<std::uint64_t> handler_ticks(int device, Handler handler, std::uint32_t calls) {
  pb_field_handler raw{};
  raw.handler = static_cast<std::uint32_t>(handler);
  raw.calls = calls;
  if (::ioctl(device, PB_IOC_FIELD_HANDLER, &raw) != 0) {
    return errno_error(Fault::cell, "call a handler by itself");
  }
  if (raw.done == calls) return raw.ticks;
  return Error{Fault::cell, "call a handler by itself: it takes too long", 0, {}};
}

}  // namespace

Result<std::vector<std::uint64_t>> Field::sites(FieldLayout layout, std::uint32_t count) const {
  std::vector<std::uint64_t> addresses(count);
  pb_field_sites raw{static_cast<std::uint32_t>(layout), count,
                     reinterpret_cast<std::uintptr_t>(addresses.data())};
  if (::ioctl(device_, PB_IOC_FIELD_SITES, &raw) == 0) return addresses;
  return errno_error(Fault::cell, "find the sites of the module's field");
}

Result<FieldTime> Field::run(const FieldOperation& operation, std::uint64_t ops,
                             std::uint64_t most_in_window) const {
  auto nothing = request_for(operation, 0, 0);
  TRY(run_window(device_, nothing));
  FieldTime time;
  while (time.ops < ops) {
    auto raw = request_for(operation, time.ops, std::min(ops - time.ops, most_in_window));
    TRY(run_window(device_, raw));
    if (raw.done == 0)
      return Error{Fault::cell, "run operations of the module's field: none was done", 0, {}};
    time.ops += raw.done;
    time.ticks += raw.ticks - std::min(raw.ticks, nothing.ticks);
    time.hits += raw.hits;
    time.hits_elsewhere += raw.hits_elsewhere;
  }
  return time;
}

Result<double> Field::ticks_of_handler(Handler handler) const {
  const auto once = TRY(handler_ticks(device_, handler, kHandlerCalls));
  const auto twice = TRY(handler_ticks(device_, handler, 2 * kHandlerCalls));
  return (static_cast<double>(twice) - static_cast<double>(once)) / kHandlerCalls;
}

// The module keeps one delay: the last that was asked for.
Result<double> Field::handler_cost(const kernel::Control& control, HandlerChoice handler) const {
  Cell cell;
  cell.handler = handler.id;
  cell.delay_ns = handler.delay_ns;
  TRY(control.select(cell));
  auto cost = ticks_of_handler(handler.id);
  if (!cost) return cost;
  auto nothing = ticks_of_handler(Handler::nop);
  if (!nothing) return nothing;
  return *cost - *nothing;
}

}  // namespace probebench::call
