// SPDX-License-Identifier: MIT
// A struct's members as one table, from which its JSON is both written and read: neither can forget one.
#pragma once

#include <array>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "model/arch.h"
#include "model/experiment.h"
#include "model/run_record.h"
#include "wire/json_value.h"

namespace probebench::wire {

// The table of a struct: a tuple of what has put(json, value) and take(json, value), for a member or several.
template <typename Struct>
inline constexpr auto kMembers = nullptr;

// The value of "type" or "kind" that says which alternative of a variant an object is.
template <typename Alternative>
inline constexpr const char* kKind = nullptr;

// An enum's rows with `id` and `name`.
template <typename Id>
struct NameRow {
  Id id;
  std::string_view name;
};
template <typename Enum>
constexpr NameRow<Enum> name_row(Enum id) {
  return {id, name_of(id)};
}
template <typename Enum>
inline constexpr auto kRows = nullptr;
template <>
inline constexpr std::array kRows<CellStatus>{name_row(CellStatus::measured), name_row(CellStatus::skipped),
                                              name_row(CellStatus::errored), name_row(CellStatus::invalid)};
template <>
inline constexpr std::array kRows<MetricClass>{name_row(MetricClass::exact), name_row(MetricClass::noisy)};
template <>
inline constexpr auto& kRows<ArchId> = kArchs;
template <>
inline constexpr auto& kRows<ProbeType> = kProbeTypes;
template <>
inline constexpr auto& kRows<ProbeState> = kProbeStates;
template <>
inline constexpr auto& kRows<DriverId> = kDrivers;
template <>
inline constexpr auto& kRows<SiteId> = kSites;
template <>
inline constexpr auto& kRows<Capability> = kCapabilities;
template <>
inline constexpr auto& kRows<ClockKind> = kClocks;
template <>
inline constexpr auto& kRows<ProbeSource> = kProbeSources;
template <>
inline constexpr auto& kRows<WorkloadId> = kWorkloads;
template <>
inline constexpr auto& kRows<SuiteMechanism> = kSuiteMechanisms;
template <>
inline constexpr auto& kRows<SurfaceLayout> = kSurfaceLayouts;
template <>
inline constexpr auto& kRows<TrapKind> = kTrapKinds;

template <typename Struct>
void put_members(Json& json, const Struct& value) {
  std::apply([&](const auto&... each) { (each.put(json, value), ...); }, kMembers<Struct>);
}

template <typename Struct>
void take_members(const Json& json, Struct& value) {
  std::apply([&](const auto&... each) { (each.take(json, value), ...); }, kMembers<Struct>);
}

// How a value looks where its type says it.
template <typename T>
struct Form {
  static Json put(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return kRows<T>[static_cast<std::size_t>(value)].name;
    } else if constexpr (!std::is_same_v<decltype(kMembers<T>), const std::nullptr_t>) {
      Json json = Json::object();
      put_members(json, value);
      return json;
    } else {
      return value;
    }
  }
  static T take(const Json& json) {
    if constexpr (std::is_enum_v<T>) {
      return id_from(kRows<T>, json);
    } else if constexpr (!std::is_same_v<decltype(kMembers<T>), const std::nullptr_t>) {
      T value{};
      take_members(json, value);
      return value;
    } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      return whole_from<T>(json);
    } else {
      return json.get<T>();
    }
  }
};

template <typename T>
struct Form<std::vector<T>> {
  static Json put(const std::vector<T>& values) {
    Json json = Json::array();
    for (const auto& value : values) json.push_back(Form<T>::put(value));
    return json;
  }
  static std::vector<T> take(const Json& json) {
    std::vector<T> values;
    for (const auto& value : json) values.push_back(Form<T>::take(value));
    return values;
  }
};

// null for nothing.
template <typename Inner>
struct Maybe {
  static Json put(const auto& value) { return value ? Inner::put(*value) : Json(nullptr); }
  static auto take(const Json& json) { return optional_from(json, Inner::take); }
};
template <typename T>
struct Form<std::optional<T>> : Maybe<Form<T>> {};

template <>
struct Form<HandlerChoice> {
  static Json put(const HandlerChoice& choice) { return name_of(choice); }
  static HandlerChoice take(const Json& json) { return handler_from(json); }
};

template <>
struct Form<Bytes> {
  static Json put(const Bytes& bytes) { return json_of_bytes(bytes); }
  static Bytes take(const Json& json) { return bytes_from(json); }
};

template <std::size_t kSize>
struct Form<std::array<std::uint8_t, kSize>> {
  static Json put(const std::array<std::uint8_t, kSize>& bytes) { return json_of_bytes(bytes); }
  static std::array<std::uint8_t, kSize> take(const Json& json) {
    std::array<std::uint8_t, kSize> bytes{};
    const Bytes read = bytes_from(json);
    for (std::size_t i = 0; i < kSize; ++i) bytes[i] = read.at(i);
    return bytes;
  }
};

// Forms that a table names.
struct Text {
  static Json put(const std::string& text) { return json_of_text(text); }
  static std::string take(const Json& json) { return text_from(json); }
};
struct Number {
  static Json put(double value) { return json_of_number(value); }
  static double take(const Json& json) { return json.get<double>(); }
};
struct Address {
  static Json put(std::uint64_t address) { return json_of_address(address); }
  static std::uint64_t take(const Json& json) { return address_from(json); }
};

// Of a member that files of earlier versions of the program lack.
inline constexpr bool kLater = true;

template <typename As, typename Struct, typename T>
struct Member {
  const char* name;
  T Struct::*at;
  bool later;

  void put(Json& json, const Struct& value) const { json[name] = As::put(value.*at); }
  void take(const Json& json, Struct& value) const {
    if (!later || json.contains(name)) value.*at = As::take(json.at(name));
  }
};

template <typename As = void, typename Struct, typename T>
constexpr auto member(const char* name, T Struct::*at, bool later = false) {
  return Member<std::conditional_t<std::is_void_v<As>, Form<T>, As>, Struct, T>{name, at, later};
}

// Members in an object of their own.
template <typename... Members>
struct Group {
  const char* name;
  std::tuple<Members...> members;

  void put(Json& json, const auto& value) const {
    Json& object = json[name] = Json::object();
    std::apply([&](const auto&... each) { (each.put(object, value), ...); }, members);
  }
  void take(const Json& json, auto& value) const {
    const Json& object = json.at(name);
    std::apply([&](const auto&... each) { (each.take(object, value), ...); }, members);
  }
};

template <typename... Members>
constexpr auto group(const char* name, Members... members) {
  return Group<Members...>{name, {members...}};
}

// A member's own members, among the others.
template <typename Struct, typename T>
struct Spread {
  T Struct::*at;

  void put(Json& json, const Struct& value) const { put_members(json, value.*at); }
  void take(const Json& json, Struct& value) const { take_members(json, value.*at); }
};
template <typename Struct, typename T>
constexpr Spread<Struct, T> spread(T Struct::*at) {
  return {at};
}

template <typename... Kinds>
Json json_of_kinds(const char* tag, const std::variant<Kinds...>& record) {
  const auto put = [&]<typename Kind>(const Kind& one) {
    Json json = {{tag, kKind<Kind>}};
    put_members(json, one);
    return json;
  };
  return std::visit(put, record);
}

// False: it is of no known kind.
template <typename... Kinds>
bool take_kinds(const char* tag, const Json& json, std::variant<Kinds...>& record) {
  const auto kind = json.at(tag).get<std::string>();
  const auto take = [&]<typename Kind>(std::type_identity<Kind>) {
    if (kind != kKind<Kind>) return false;
    record = Form<Kind>::take(json);
    return true;
  };
  return (take(std::type_identity<Kinds>{}) || ...);
}

template <>
inline constexpr auto kMembers<MarkedLoops> = std::tuple(member("twin", &MarkedLoops::twin),
                                                         member("site", &MarkedLoops::site),
                                                         member("calls", &MarkedLoops::calls),
                                                         member("symbols", &MarkedLoops::symbols));

template <>
inline constexpr auto kMembers<HitCount> = std::tuple(member("expected", &HitCount::expected),
                                                      member("counted", &HitCount::counted),
                                                      member("missed", &HitCount::missed));

// null for no bytes: nobody looked.
struct SiteBytes {
  using Value = std::array<std::uint8_t, 8>;
  static Json put(const Value& bytes) { return bytes == Value{} ? Json(nullptr) : Form<Value>::put(bytes); }
  static Value take(const Json& json) { return json.is_null() ? Value{} : Form<Value>::take(json); }
};

// A handler and its argument are one word in JSON, and two members.
struct HandlerOfCell {
  void put(Json& json, const Cell& cell) const { json["handler"] = name_of(cell.handler_choice()); }
  void take(const Json& json, Cell& cell) const {
    const auto choice = handler_from(json.at("handler"));
    cell.handler = choice.id;
    cell.delay_ns = choice.delay_ns;
  }
};

template <>
inline constexpr auto kMembers<Cell> = std::tuple(member("probe_type", &Cell::probe_type),
                                                  member("driver", &Cell::driver),
                                                  member("site", &Cell::site), HandlerOfCell{},
                                                  member("threads", &Cell::threads));

}  // namespace probebench::wire
