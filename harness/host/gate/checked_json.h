// SPDX-License-Identifier: MIT
// Reads JSON that somebody else may have written: what is not as expected is named by its place, as in
// "cells[3].metrics: expected an object, found a text".
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::gate {

using Json = nlohmann::ordered_json;

// Never leaves the reader: parsed_document() turns it into an Error.
class BadInput : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A value and its place in the document.
class Checked {
 public:
  Checked(const Json& value, std::string place) : value_(&value), place_(std::move(place)) {}

  Checked at(std::string_view key) const;                        // of an object that must have it
  std::vector<Checked> items() const;                            // of an array
  bool is_empty() const;                                         // an array
  Checked first() const;                                         // of an array that is not
  std::vector<std::pair<std::string, Checked>> members() const;  // of an object

  bool has(std::string_view key) const { return value_->is_object() && value_->contains(key); }
  bool is_null() const { return value_->is_null(); }
  std::string text() const;
  std::string text_or_null() const;  // null: empty
  // One of these names; its index.
  std::size_t one_of(std::span<const std::string_view> names) const;
  double number() const;
  double exact_count(double least) const;  // of a hit; no more than a double counts
  std::size_t count() const;               // an integer, not negative
  bool truth() const;
  [[noreturn]] void fail(std::string_view problem) const;
  // A document says of itself what it is; `otherwise`: what is wrong when it does not.
  void expect_format(std::string_view format, int version, std::string_view otherwise) const;

 private:
  void expect(bool is_so, std::string_view what) const;

  const Json* value_;
  std::string place_;
};

// Parses `text` and lets `read` take what it needs. Every problem is one line that begins with `source`; it
// is a usage error, since the user named the file. `filter` says while it is parsed what is left out of the
// document, and may take it instead.
Status read_document(std::string_view text, std::string_view source,
                     const std::function<void(const Checked& document)>& read,
                     const Json::parser_callback_t& filter = nullptr);

}  // namespace probebench::gate
