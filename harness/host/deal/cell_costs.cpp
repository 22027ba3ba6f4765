// SPDX-License-Identifier: MIT
#include "deal/cell_costs.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>

#include "kernels/cache.h"

namespace probebench::deal {
namespace {

using Json = nlohmann::json;

constexpr const char* kFile = "cell-costs.json";
// A cell's start takes as long as so many rounds.
constexpr double kFewRounds = 3;
// Kernels come and go; a table that has grown beyond this is begun anew.
constexpr std::size_t kMostTargets = 100;
constexpr double kLongestSeconds = 3600;

std::mutex& file_mutex() {
  static std::mutex mutex;
  return mutex;
}

double scale_of(std::uint32_t rounds) {
  return std::max(1.0, rounds / kFewRounds);
}

std::string key_of(const Cell& cell) {
  const auto name = cell.name();
  return name.substr(0, name.rfind('/'));
}

std::string key_of_step(std::string_view name) {
  return "step " + std::string(name);
}

Json read_table(const fs::path& cache) {
  const auto text = kernels::read_cached(cache, kFile);
  auto table = text ? Json::parse(*text, nullptr, /*allow_exceptions=*/false) : Json();
  if (!table.is_object() || table.size() > kMostTargets) return Json::object();
  return table;
}

}  // namespace

CellCosts CellCosts::load(const fs::path& cache, const std::string& target) {
  CellCosts costs;
  costs.target_ = target;
  const std::lock_guard lock(file_mutex());
  const auto table = read_table(cache);
  const auto part = table.find(target);
  if (part == table.end() || !part->is_object()) return costs;
  for (const auto& [name, seconds] : part->items()) {
    const double value = seconds.is_number() ? seconds.get<double>() : -1;
    if (value >= 0 && value <= kLongestSeconds) costs.seconds_[name] = value;
  }
  return costs;
}

double CellCosts::expected_s(const Cell& cell, std::uint32_t rounds) const {
  const auto known = seconds_.find(key_of(cell));
  return (known == seconds_.end() ? kUnknownCostSeconds : known->second) * scale_of(rounds);
}

std::vector<double> CellCosts::expected_s(std::span<const Cell> cells, std::uint32_t rounds) const {
  std::vector<double> expected;
  expected.reserve(cells.size());
  for (const auto& cell : cells) expected.push_back(expected_s(cell, rounds));
  return expected;
}

double CellCosts::expected_steps_s(std::string_view names_begin, std::size_t steps) const {
  const auto begin = key_of_step(names_begin);
  double known_s = 0;
  std::size_t known = 0;
  for (auto one = seconds_.lower_bound(begin); one != seconds_.end() && one->first.starts_with(begin);
       ++one) {
    known_s += one->second;
    ++known;
  }
  return known_s + kUnknownStepSeconds * static_cast<double>(steps - std::min(steps, known));
}

void CellCosts::observe(const Times& seen, std::uint32_t rounds) {
  for (const auto& one : seen.cells) observe(key_of(one.cell), one.seconds / scale_of(rounds));
  for (const auto& one : seen.steps) observe(key_of_step(one.name), one.seconds);
}

void CellCosts::observe(const std::string& key, double now) {
  constexpr double kDigits = 1e3;
  const auto [known, is_new] = seconds_.emplace(key, now);
  const double moved = is_new ? now : (known->second + now) / 2;
  known->second = std::round(moved * kDigits) / kDigits;
}

Status CellCosts::save(const fs::path& cache) const {
  const std::lock_guard lock(file_mutex());
  auto table = read_table(cache);
  table[target_] = seconds_;
  return write_file_atomic(cache / kFile, table.dump(1, ' ', true, Json::error_handler_t::replace) + "\n");
}

}  // namespace probebench::deal
