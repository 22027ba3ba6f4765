// SPDX-License-Identifier: MIT
#include "text/cell_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace probebench::text {

void CellNames::add(const Cell& cell, bool shown) {
  sites_[cell.probe_type].insert(cell.site);
  if (!shown) return;
  handlers_.insert(cell.handler_choice());
  threads_.insert(cell.threads);
}

std::string CellNames::probe(const Cell& cell) const {
  const auto type = info_of(cell.probe_type).name;
  if (sites_.at(cell.probe_type).size() < 2) return std::string(type);
  return fmt::format("{}/{}", type, info_of(cell.site).name);
}

std::string CellNames::conditions(const Cell& cell) const {
  std::vector<std::string> parts;
  if (handlers_.size() > 1) parts.push_back(name_of(cell.handler_choice()));
  if (threads_.size() > 1) parts.push_back(fmt::format("threads:{}", cell.threads));
  return fmt::format("{}", fmt::join(parts, "/"));
}

std::string CellNames::full(const Cell& cell) const {
  const auto what = conditions(cell);
  return what.empty() ? probe(cell) : probe(cell) + "/" + what;
}

std::string reason_of(const CellResult& result) {
  if (result.provided_by.empty()) return result.reason;
  return fmt::format("{} (needs {})", result.reason, result.provided_by);
}

}  // namespace probebench::text
