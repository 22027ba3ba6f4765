// SPDX-License-Identifier: MIT
#include "gate/results_side.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "results/results_json.h"
#include "sample_run.h"
#include "wire/json_value.h"

namespace probebench::gate {
namespace {

std::string told(const Side& side) {
  auto text = fmt::format("{} {}\n", side.started, side.tool_version);
  for (const auto& target : side.targets) {
    text +=
        fmt::format("{} {} {} {}\n", target.id, target.ended, target.identity.size(), target.others.size());
    for (const auto& cell : target.cells) {
      text += fmt::format("  {} {} {} {} {} {}", cell.name, name_of(cell.status), cell.reason, cell.unreached,
                          cell.state, cell.calls);
      for (const auto& figure : cell.figures)
        text += fmt::format(" {}={}", figure.metric, figure.value.value);
      text += '\n';
    }
  }
  return text;
}

std::string side_text(const std::string& document) {
  const auto side = side_from_results(document, "file");
  return side ? told(*side) : side.error().message();
}

// One is read cell by cell, the other as a whole.
TEST(SideFromResults, IsTheSameInEveryLayout) {
  const auto text = results::write_results(results::sample_run());
  const auto document = wire::Json::parse(text);
  EXPECT_NE(side_text(text).find("\n  "), std::string::npos);
  EXPECT_EQ(side_text(text), side_text(document.dump(1)));
  EXPECT_EQ(side_text(text), side_text(document.dump()));
}

TEST(SideFromResults, SaysOfEachLayoutWhatIsWrongAndWhere) {
  auto document = wire::Json::parse(results::write_results(results::sample_run()));
  document["cells"][1]["status"] = "fine";
  constexpr const char* kWhy = "cells[1].status: 'fine' is not one of";
  EXPECT_NE(side_text(document.dump()).find(kWhy), std::string::npos) << side_text(document.dump());
  EXPECT_EQ(side_text(document.dump()), side_text(document.dump(1)));
  EXPECT_EQ(side_text(document.dump()), side_text(wire::pretty(document)));
}

}  // namespace
}  // namespace probebench::gate
