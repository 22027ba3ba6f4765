// SPDX-License-Identifier: MIT
#include "results/cell_texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "results/results_json.h"
#include "sample_run.h"
#include "wire/json_value.h"

namespace probebench::results {
namespace {

using wire::Json;

CellTexts::More pieces_of(std::string_view text, std::size_t size) {
  return [rest = text, size](std::span<char> place) mutable {
    const auto got = rest.copy(place.data(), std::min(size, place.size()));
    rest.remove_prefix(got);
    return got;
  };
}

// The document without its cells, and then they.
std::vector<Json> parts_of(CellTexts texts) {
  std::vector<Json> parts;
  const auto head = texts.head();
  if (!head) return parts;
  parts.push_back(Json::parse(*head));
  while (const auto text = texts.next()) parts.push_back(Json::parse(*text));
  EXPECT_TRUE(texts.ended_well());
  return parts;
}

// What these parts have to be.
std::vector<Json> parts_of(const std::string& text) {
  auto document = Json::parse(text);
  std::vector<Json> parts{document};
  parts.front()["cells"] = Json::array();
  for (const auto& cell : document["cells"]) parts.push_back(cell);
  return parts;
}

TEST(CellTexts, AreTheCellsInWhateverPiecesTheTextArrives) {
  const auto text = write_results(sample_run());
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, text.size()}) {
    EXPECT_EQ(parts_of(CellTexts(pieces_of(text, size))), parts_of(text)) << size;
  }
}

TEST(CellTexts, AreThoseOfWhatIsPublished) {
  const auto text = Json::parse(write_results(sample_run())).dump();
  EXPECT_EQ(parts_of(CellTexts(pieces_of(text, text.size()))), parts_of(text));
}

TEST(CellTexts, AreNotTakenFromAnotherLayout) {
  for (const auto& text : {Json::parse(write_results(sample_run())).dump(1), std::string(), std::string("[]"),
                           std::string(R"({"cells": []})")}) {
    EXPECT_EQ(CellTexts(pieces_of(text, text.size())).head(), std::nullopt) << text.substr(0, 20);
  }
}

TEST(CellTexts, EndWellOnlyWhereTheDocumentDoes) {
  const auto whole = write_results(sample_run());
  constexpr std::size_t kEnd = 20;
  for (std::size_t missing = 2; missing < kEnd; ++missing) {
    const auto text = whole.substr(0, whole.size() - missing);
    CellTexts texts(pieces_of(text, text.size()));
    ASSERT_TRUE(texts.head());
    while (texts.next()) {
    }
    EXPECT_FALSE(texts.ended_well()) << missing;
  }
}

}  // namespace
}  // namespace probebench::results
