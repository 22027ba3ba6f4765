// SPDX-License-Identifier: MIT
#include "anatomy/diff.h"

#include <unordered_map>

namespace probebench::anatomy {
namespace {

class Ledger {
 public:
  void add(const Anatomy& anatomy, std::uint64_t SymbolDifference::*side) {
    for (const auto& run : anatomy.runs) row_of(run.symbol).*side += run.count;
  }
  std::vector<SymbolDifference> rows() && { return std::move(rows_); }

 private:
  SymbolDifference& row_of(const std::string& symbol) {
    const auto [place, is_new] = places_.try_emplace(symbol, rows_.size());
    if (is_new) rows_.push_back({symbol});
    return rows_[place->second];
  }

  std::vector<SymbolDifference> rows_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

std::vector<SymbolDifference> difference(const Anatomy& first, const Anatomy& second) {
  Ledger ledger;
  ledger.add(first, &SymbolDifference::first);
  ledger.add(second, &SymbolDifference::second);
  return std::move(ledger).rows();
}

}  // namespace probebench::anatomy
