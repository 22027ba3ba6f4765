// SPDX-License-Identifier: MIT
// What the host reads of files, of guests and of users.
#include <array>
#include <functional>
#include <string>

#include "anatomy/anatomy_json.h"
#include "anatomy/path.h"
#include "base/safe_path.h"
#include "base/text.h"
#include "fuzz_target.h"
#include "gate/baseline.h"
#include "gate/limits.h"
#include "gate/results_side.h"
#include "gate/session.h"
#include "kernels/file_list.h"
#include "kernels/kernel_catalog.h"
#include "kernels/kernel_image.h"
#include "plan/probe_language.h"
#include "plan/question_file.h"
#include "plan/recipe_file.h"
#include "plan/selection.h"
#include "plan/suite_file.h"
#include "results/results_json.h"
#include "sound_stream.h"
#include "stream/stream_rules.h"
#include "tree/config_axis.h"
#include "vm/initramfs.h"
#include "wire/experiment_json.h"
#include "wire/records.h"
#include "wire/seal.h"

namespace probebench::fuzz {
namespace {

// The result is not looked at: that there is one, an error or a value, is what is tried.
template <auto parse>
void one_argument(std::string_view input) {
  static_cast<void>(parse(input));
}
template <auto parse>
void with_source(std::string_view input) {
  static_cast<void>(parse(input, "input"));
}

// Line by line, as a target's process writes them; the stream ends with the first error.
void read_lines(std::string_view input, const std::function<std::string(std::string_view)>& sent) {
  static const auto kPlan = stream::plan_of_two();
  stream::StreamReader reader(kPlan, std::chrono::seconds(60));
  while (!input.empty()) {
    const auto line = take_line(input);
    if (!reader.read(sent(line))) return;
  }
}

// Of a guest that means to deceive: each line has its seal.
void stream(std::string_view input) {
  wire::Seal seal;
  read_lines(input, [&seal](auto line) { return line.empty() ? std::string() : seal.put(line); });
}

void sealed_stream(std::string_view input) {
  read_lines(input, [](auto line) { return std::string(line); });
}

void selection(std::string_view input) {
  static_cast<void>(plan::select_probe_types(input));
  static_cast<void>(plan::select_handlers(input));
  static_cast<void>(plan::select_threads(input));
}

// What it lets pass is one component of a path.
void file_name(std::string_view input) {
  const auto name = file_name_of(input, "input");
  if (!name) return;
  const bool component =
      name->find('/') == std::string::npos && *name != "." && *name != ".." && !name->empty();
  if (!component) std::abort();
}

void predicted_site(std::string_view input) {
  static_cast<void>(plan::read_probe(std::string(input)));
}

constexpr std::array kTargets{
    Target{"record", one_argument<wire::decode>},
    Target{"plan", one_argument<wire::decode_plan>},
    Target{"stream", stream},
    Target{"sealed-stream", sealed_stream},
    Target{"results", with_source<results::read_results>},
    Target{"side", with_source<gate::side_from_results>},
    Target{"baseline", with_source<gate::read_baseline>},
    Target{"limits", with_source<gate::parse_limits>},
    Target{"session", with_source<gate::read_session>},
    Target{"anatomies", one_argument<anatomy::read_anatomies>},
    Target{"paths", one_argument<anatomy::parse_paths>},
    Target{"catalog", with_source<kernels::parse_catalog>},
    Target{"boot-image", with_source<kernels::parse_boot_image>},
    Target{"file-list", one_argument<kernels::parse_file_list>},
    Target{"suite", with_source<plan::parse_suite>},
    Target{"recipes", with_source<plan::parse_recipes>},
    Target{"questions", with_source<plan::parse_questions>},
    Target{"configs", with_source<tree::parse_config_axis>},
    Target{"ldd", with_source<vm::parse_ldd>},
    Target{"selection", selection},
    Target{"file-name", file_name},
    Target{"predicted-site", predicted_site},
};

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

}  // namespace probebench::fuzz
