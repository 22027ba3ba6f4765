// SPDX-License-Identifier: MIT
// Which target and which cell of one side goes with which of the other, and what tells the targets apart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/side.h"

namespace probebench::gate {

// Whether a name of --may-differ means the fact: "mitigations." and "mitigations*" mean all that begin so.
bool covers(std::string_view name, std::string_view fact);

struct MatchRules {
  // Facts that may differ between targets that are compared; a name that ends in '.' or '*' stands for all
  // that begin so.
  std::vector<std::string> may_differ;
  // The user chose the two sides: targets are paired in order, and differences are reported but forbid
  // nothing.
  bool chosen = false;
  // Cells go together without regard to the handler: it is what the sides differ in.
  bool any_handler = false;
};

struct FactDifference {
  std::string name;
  std::string base;  // empty: unknown there
  std::string head;
  bool may_differ = false;
  bool identifies = false;  // part of the fingerprint
};

struct CellPair {
  std::string name;
  std::optional<SideCell> base;
  std::optional<SideCell> head;
};

struct TargetPair {
  std::optional<SideTarget> base;  // its cells are in `cells`
  std::optional<SideTarget> head;
  std::vector<FactDifference> differences;
  bool comparable = false;
  bool laid_out_otherwise = false;  // the kernels are two builds, see gate/kernel_builds.h
  std::vector<CellPair> cells;      // in the base's order, then those that only the head has

  // What this pair is called: the id, or both.
  std::string title() const;
};

// Every target of the head is in one pair, and every one of the base unless the base is a folder. A head
// without an equal target is paired with the nearest, as incomparable.
// The cells leave the sides: of a hundred thousand there is one copy.
std::vector<TargetPair> match(Side& base, Side& head, const MatchRules& rules);

}  // namespace probebench::gate
