// SPDX-License-Identifier: MIT
// Reads JSON that somebody else may have written: what is not as expected is named by its place, as in
// "cells[3].metrics: expected an object, found a text".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace probebench::document {

// Never leaves the reader: read_document() turns it into an Error.
class BadInput : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Where in a document a value is. Becomes a text only when something is wrong there: a document of a hundred
// thousand cells has some ten million places.
class Place {
 public:
  Place() = default;
  Place in(std::string_view key) const;  // the key outlives the place
  Place in(std::size_t index) const;
  std::string text() const;  // "cells[3].metrics"; empty: the whole document

 private:
  struct Step {
    std::string_view key;  // empty: `index` of a list
    std::size_t index = 0;
  };
  static constexpr std::size_t kMost = 8;  // no file of the project is nested deeper where it is read

  Place with(const Step& step) const;

  std::array<Step, kMost> steps_{};
  std::size_t depth_ = 0;
};

// simdjson's element: its header would take a second of each source that includes this one.
using Element = std::array<std::uint64_t, 2>;

// A value and its place in the document.
class Checked {
 public:
  Checked(const Element& value, const Place& place) : value_(value), place_(place) {}

  Checked at(
      std::string_view key) const;     // of an object that must have it; the key outlives what is returned
  std::vector<Checked> items() const;  // of an array
  bool is_empty() const;               // an array
  Checked first() const;               // of an array that is not
  std::vector<std::pair<std::string, Checked>> members() const;  // of an object

  bool has(std::string_view key) const;
  bool is_null() const;
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

  Element value_;
  Place place_;
};

// Parses `text` and lets `read` take what it needs. Every problem is one line that begins with `source`; it
// is a usage error, since the user named the file.
Status read_document(std::string_view text, std::string_view source,
                     const std::function<void(const Checked& document)>& read);

// Reads the parts of a long document one after the other, with little memory.
class PartReader {
 public:
  PartReader();
  ~PartReader();
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;

  // False: it is no JSON, or `read` had something against it. Then the whole document says what, and where.
  bool read(std::string_view text, const Place& place, const std::function<void(const Checked& part)>& read);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace probebench::document
