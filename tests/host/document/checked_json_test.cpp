// SPDX-License-Identifier: MIT
#include "document/checked_json.h"

#include <gtest/gtest.h>

namespace probebench::document {
namespace {

// What the reader says against the document; empty: nothing.
std::string against(std::string_view text, const std::function<void(const Checked&)>& read) {
  const auto status = read_document(text, "file", read);
  return status ? std::string() : status.error().message();
}

void count_of_second(const Checked& document) {
  document.at("cells").items().at(1).at("n").count();
}

TEST(Checked, NamesThePlace) {
  const auto said = [](std::string_view value) {
    return against(R"({"cells": [{"n": 1}, {"n": )" + std::string(value) + "}]}", count_of_second);
  };
  EXPECT_EQ(said("2"), "");
  for (const auto* value : {"-2", "2.0", "2.5"}) {
    EXPECT_NE(said(value).find("cells[1].n: expected a whole number that is not negative, found a number"),
              std::string::npos)
        << value;
  }
  EXPECT_NE(said("\"2\"").find("found a text"), std::string::npos);
  EXPECT_NE(said("null").find("found null"), std::string::npos);
  EXPECT_NE(against(R"({"cells": [{}, {}]})", count_of_second).find("cells[1]: `n` is missing"),
            std::string::npos);
}

TEST(Checked, RefusesNumbersThatAreTooLarge) {
  const auto read = [](const Checked& document) { document.at("n").number(); };
  EXPECT_EQ(against(R"({"n": 1e300})", read), "");
  EXPECT_NE(against(R"({"n": 1e400})", read).find("too large"), std::string::npos);
}

TEST(ReadDocument, SaysFromWhereOnItIsNoJson) {
  const auto nothing = [](const Checked&) {};
  EXPECT_NE(against("{\"a\": 1,}", nothing).find("not JSON from byte 9 of 9 on"), std::string::npos);
  EXPECT_NE(against("{\"a\": 1", nothing).find("the file is cut off"), std::string::npos);
  EXPECT_NE(against(" \n", nothing).find("the file is empty"), std::string::npos);
  EXPECT_NE(against("{\"a\": \"\xff\"}", nothing).find("not JSON from byte"), std::string::npos);
}

TEST(PartReader, TakesPartsUntilOneIsWrong) {
  PartReader parts;
  std::size_t sum = 0;
  const auto add = [&](const Checked& part) { sum += part.at("n").count(); };
  EXPECT_TRUE(parts.read(R"({"n": 3})", {}, add));
  EXPECT_TRUE(parts.read(R"({"n": 4})", {}, add));
  EXPECT_FALSE(parts.read(R"({"n": -4})", {}, add));
  EXPECT_FALSE(parts.read(R"({"n": 4)", {}, add));
  EXPECT_EQ(sum, 7U);
}

}  // namespace
}  // namespace probebench::document
