// SPDX-License-Identifier: MIT
#include "tools/kernel_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <tuple>
#include <vector>

#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "kernels/cache.h"

namespace probebench::tools {
namespace {

using kernels::CacheLock;
using kernels::ScratchDirectory;

constexpr std::string_view kPackage = "linux-source-";
constexpr std::string_view kArchive = ".tar.xz";
constexpr const char* kSamplesPart = "samples";
constexpr std::size_t kShortDigest = 12;
// It is packed as a whole, and samples/ comes late in it.
constexpr std::chrono::minutes kUnpacking{5};

struct Source {
  fs::path path;
  std::string name;  // "linux-source-6.12"
  bool unpacked = false;

  // 6.12 is newer than 6.1; of one version, what is unpacked already comes first.
  std::tuple<int, int, bool> rank() const {
    const auto version = std::string_view(name).substr(kPackage.size());
    int major = 0, minor = 0;
    const auto* const end = version.data() + version.size();
    const auto [dot, failure] = std::from_chars(version.data(), end, major);
    if (failure == std::errc() && dot != end) std::from_chars(dot + 1, end, minor);
    return {major, minor, unpacked};
  }
};

std::vector<Source> sources_in(const fs::path& directory) {
  std::vector<Source> found;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(directory, failure)) {
    auto name = entry.path().filename().string();
    if (!name.starts_with(kPackage)) continue;
    const bool unpacked = fs::is_directory(entry.path() / "samples", failure);
    if (!unpacked && !name.ends_with(kArchive)) continue;
    if (!unpacked) name.resize(name.size() - kArchive.size());
    found.push_back({entry.path(), std::move(name), unpacked});
  }
  return found;
}

// Another release of the package is another archive, with another size or time.
Result<std::string> name_in_cache(const Source& source) {
  std::error_code failure;
  const auto size = fs::file_size(source.path, failure);
  if (failure) return kernels::filesystem_error("read " + source.path.string(), failure);
  const auto time = fs::last_write_time(source.path, failure).time_since_epoch().count();
  if (failure) return kernels::filesystem_error("read " + source.path.string(), failure);
  return source.name + '-' + sha256_text(fmt::format("{} {}", size, time)).substr(0, kShortDigest);
}

Status unpack(const fs::path& archive, const fs::path& place) {
  const Command tar{{"tar", "-xJf", archive.string(), "-C", place.string(), "--strip-components=2",
                     "--wildcards", "*/samples/*.[ch]"}};
  const auto done = TRY(run_command(tar, kUnpacking));
  if (done.exit_code == 0) return Done{};
  return Error{Fault::infra, "unpack the samples of " + archive.string(), 0,
               std::string(last_line(done.output))};
}

Result<fs::path> samples_of(const Source& source, const fs::path& cache, kernels::Progress& progress) {
  if (source.unpacked) return source.path / "samples";
  const auto name = TRY(name_in_cache(source));
  const auto place = cache / kSamplesPart / name;
  auto lock = TRY(CacheLock::acquire(cache, progress));
  if (fs::is_directory(place)) return place;
  progress.step("unpacking the samples of " + source.name);
  auto scratch = TRY(ScratchDirectory::make(lock, kSamplesPart));
  TRY(unpack(source.path, scratch.path()));
  TRY(scratch.publish(lock, name));
  return place;
}

}  // namespace

Result<KernelSample> kernel_sample(const std::string& name, const fs::path& cache,
                                   kernels::Progress& progress, const fs::path& sources) {
  const auto found = sources_in(sources);
  const auto newest = std::ranges::max_element(found, {}, &Source::rank);
  if (newest == found.end()) {
    return Error{Fault::unsupported,
                 fmt::format("samples/{}: no kernel source in {}", name, sources.string()), 0,
                 "apt-get install linux-source"};
  }
  auto file = TRY(samples_of(*newest, cache, progress)) / name;
  std::error_code failure;
  if (fs::is_regular_file(file, failure)) return KernelSample{std::move(file), newest->name};
  return Error{Fault::unsupported, fmt::format("samples/{}: not in {}", name, newest->path.string()), 0, {}};
}

}  // namespace probebench::tools
