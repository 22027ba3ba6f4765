// SPDX-License-Identifier: MIT
#include "gate/find_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "gate/baseline.h"
#include "gate/results_side.h"

namespace probebench::gate {
namespace {

constexpr const char* kResults = "results.json";

bool says_baseline(const std::string& text) {
  // The first member of a baseline; a results file begins with its schema_version.
  return text.substr(0, 200).find("\"probebench-baseline\"") != std::string::npos;
}

Result<Side> side_of_file(const fs::path& path) {
  const auto text = read_file(path);
  if (!text) return Error{Fault::usage, "read " + path.string(), text.error().err, "check the name"};
  if (!says_baseline(*text)) {
    auto side = side_from_results(*text, path.string());
    if (side) side->folder = path.has_parent_path() ? path.parent_path().string() : ".";
    return side;
  }
  auto baseline = read_baseline(*text, path.string());
  if (!baseline) return baseline.error();
  return side_of(*std::move(baseline), path.string());
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

Result<Side> side_of_folder(const fs::path& folder) {
  Side all;
  all.source = folder.string();
  all.is_baseline = all.is_folder = true;
  for (const auto& path : json_files(folder)) {
    auto one = side_of_file(path);
    if (!one) return one.error();
    if (!one->is_baseline) {
      return Error{Fault::usage, fmt::format("read {}: not a baseline", path.string()), 0,
                   "a folder of baselines holds nothing else; a run's directory holds results.json"};
    }
    for (auto& target : one->targets) all.targets.push_back(std::move(target));
  }
  return all;
}

Error not_found(const std::string& name, const fs::path& baselines) {
  return {Fault::usage,
          fmt::format("'{}' is no file, no directory and no baseline in {}", name, baselines.string()), 0,
          "pass a results.json, a run's directory or the name of a baseline"};
}

}  // namespace

Result<Side> find_side(const std::string& name, const fs::path& baselines) {
  std::error_code ignored;
  const fs::path path = name;
  if (fs::is_directory(path, ignored)) {
    if (fs::exists(path / kResults, ignored)) return side_of_file(path / kResults);
    if (!json_files(path).empty() || fs::equivalent(path, baselines, ignored)) return side_of_folder(path);
    return Error{Fault::usage, fmt::format("{}: no results.json in it, and no baseline", name), 0,
                 "pass a run's directory or a folder of baselines"};
  }
  if (fs::exists(path, ignored)) return side_of_file(path);
  for (const auto& file : {baselines / name, baselines / (name + ".json")}) {
    if (!name.empty() && fs::is_regular_file(file, ignored)) return side_of_file(file);
  }
  return not_found(name, baselines);
}

}  // namespace probebench::gate
