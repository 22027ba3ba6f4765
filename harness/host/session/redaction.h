// SPDX-License-Identifier: MIT
// What a run on this machine's own kernel knows and others shall not read in its files: where the kernel
// lies, the host's name, and how it was booted.
#pragma once

#include <string>
#include <string_view>

#include "anatomy/symbols.h"
#include "model/environment.h"
#include "model/experiment.h"
#include "model/sample.h"
#include "wire/json_value.h"

namespace probebench::session {

// The secrets themselves.
struct HostSecrets {
  std::string kallsyms;      // as /proc/kallsyms has them; without rights all are 0, and no address is named
  std::string host_name;     // empty: there is none that tells anything
  std::string command_line;  // of the kernel

  static HostSecrets of_this_machine();
};

class Redaction {
 public:
  explicit Redaction(const HostSecrets& secrets);

  // An address of the kernel becomes the symbol below it and the offset, "[kernel address]" where there is
  // none; the host's name and the boot line become what they are in brackets.
  std::string text(std::string_view text) const;

  // The boot line becomes a digest, which still says whether two runs were booted alike.
  void redact(Environment& environment) const;
  // Addresses go; what the instructions say is kept with the names of what they lead to. Call it when
  // everything has been verified.
  void redact(CellResult& result) const;
  void redact(ExperimentRecord& record) const;
  // Google Benchmark's JSON file.
  std::string benchmark(std::string_view json) const;

 private:
  std::string without_addresses(std::string_view text) const;
  std::string without_line(std::string text) const;
  void redact_strings(wire::Json& value, bool prose) const;

  anatomy::SymbolTable symbols_;
  std::string host_name_;
  std::string command_line_;
};

}  // namespace probebench::session
