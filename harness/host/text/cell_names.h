// SPDX-License-Identifier: MIT
// Cells by what tells them apart: the site where a probe type has several, the handler and the threads where
// there are several.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "model/cell.h"
#include "model/sample.h"

namespace probebench::text {

class CellNames {
 public:
  // `shown`: its handler and threads count, too.
  void add(const Cell& cell, bool shown = true);

  std::string probe(const Cell& cell) const;
  // Handler and threads, as far as the cells differ in them; may be empty.
  std::string conditions(const Cell& cell) const;
  std::string full(const Cell& cell) const;

 private:
  std::map<ProbeType, std::set<SiteId>> sites_;
  std::set<HandlerChoice> handlers_;
  std::set<std::uint32_t> threads_;
};

// Why the cell has no figure, and what would provide what it lacks.
std::string reason_of(const CellResult& result);

}  // namespace probebench::text
