// SPDX-License-Identifier: MIT
#include "kernels/apt_mirror.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <set>
#include <sstream>

#include "base/text.h"
#include "kernels/debian_version.h"

namespace probebench::kernels {
namespace {

constexpr std::chrono::seconds kAptDeadline{600};
constexpr std::chrono::seconds kQueryDeadline{60};
constexpr std::chrono::seconds kAfterTheWatch{10};
constexpr const char* kConfig = "apt.conf";
constexpr const char* kAptPart = "apt";        // of the cache
constexpr ArchId kBuildArch = ArchId::x86_64;  // what kernels are built on

// The machine's transport settings (proxies, timeouts, certificates) in apt.conf syntax. Index targets are
// left out: apt-file and appstream add tens of megabytes that we have no use for.
Result<std::string> transport_settings() {
  const auto dump = TRY(run_command({{"apt-config", "dump"}}, kQueryDeadline));
  std::istringstream stream(dump.output);
  std::string kept;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("Acquire::") && !line.starts_with("Acquire::IndexTargets")) kept += line + "\n";
  }
  return kept;
}

// Read through APT_CONFIG, before anything else. The machine's own configuration files are switched off,
// because their hooks belong to its apt state, not to ours.
//
// apt's own timeout is for one attempt at one file, and adds up over files and attempts; TransferWatch is for
// all of them, and comes first.
std::string render_config(const fs::path& directory, const std::string& transport, std::chrono::seconds stall,
                          ArchId arch) {
  const auto own = info_of(kBuildArch).debian;
  const auto name = info_of(arch).debian;
  const auto all =
      arch == kBuildArch ? fmt::format("\"{}\";", own) : fmt::format("\"{}\"; \"{}\";", name, own);
  return fmt::format(
      "{1}"
      "Dir::Etc::main \"/dev/null\";\n"
      "Dir::Etc::parts \"/dev/null\";\n"
      "Dir::Etc::sourcelist \"{0}/mirror.sources\";\n"
      "Dir::Etc::sourceparts \"/dev/null\";\n"
      "Dir::Etc::preferences \"/dev/null\";\n"
      "Dir::Etc::preferencesparts \"/dev/null\";\n"
      "Dir::State::Lists \"{0}/lists\";\n"
      "Dir::State::status \"/dev/null\";\n"
      "Dir::Cache \"{0}/cache\";\n"
      "Dir::Cache::srcpkgcache \"\";\n"
      "Acquire::Languages \"none\";\n"
      "APT::Architecture \"{3}\";\n"
      "APT::Architectures {{ {4} }};\n"
      "APT::Update::Error-Mode \"any\";\n"
      "Acquire::http::Timeout \"{2}\";\n"
      "Acquire::https::Timeout \"{2}\";\n"
      "Acquire::Retries \"1\";\n"
      "APT::Sandbox::User \"root\";\n",  // the _apt user cannot write into a private cache
      directory.string(), transport, (stall + kAfterTheWatch).count(), name, all);
}

std::vector<std::string> first_alternatives(std::string_view depends) {
  std::vector<std::string> names;
  std::istringstream stream{std::string(depends)};
  for (std::string item; std::getline(stream, item, ',');) {
    const auto name = trimmed(item);
    if (!name.empty()) names.emplace_back(name.substr(0, name.find_first_of(" (|:")));
  }
  return names;
}

void read_field(const std::string& line, std::string_view field, std::string& into) {
  if (line.starts_with(field)) into = line.substr(field.size());
}

// "E: Unable to parse package file /tmp/lists/partial/host_debian_dists_bookworm_Release (1)": a login page,
// say.
std::string no_package_list(std::string_view line) {
  const auto file = line.substr(line.rfind('/') + 1);
  std::string place(file.substr(0, file.find(' ')));
  std::ranges::replace(place, '_', '/');
  return "what came as " + place + " is no package list; is it a web page?";
}

// The lists that were kept, unless there are none, or links in them lead elsewhere.
Result<ScratchDirectory> scratch_for_lists(const fs::path& cache, const std::string& name,
                                           Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(cache, progress));
  const auto prepared = [](Result<ScratchDirectory> scratch) {
    for (const char* inner : {"lists/partial", "cache/archives/partial"}) {
      if (!scratch) return scratch;
      if (auto made = scratch->make_inner(inner); !made) scratch = made.error();
    }
    return scratch;
  };
  auto kept = prepared(ScratchDirectory::take(lock, kAptPart, name));
  if (kept || kept.error().err == ENOSPC) return kept;
  return prepared(ScratchDirectory::make(lock, kAptPart));
}

}  // namespace

std::string apt_complaint(std::string_view output) {
  std::istringstream stream{std::string(output)};
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("E: Unable to parse package file ")) return no_package_list(line);
    if (line.starts_with("E: ") || line.starts_with("W: Failed")) return line.substr(3);
    if (!line.empty()) last = line;
  }
  return last.empty() ? "it printed nothing" : last;
}

std::vector<AptPackage> parse_packages(std::string_view text) {
  std::vector<AptPackage> packages;
  std::istringstream stream{std::string(text)};
  AptPackage package;
  const auto finish = [&] {
    const bool known = std::ranges::any_of(packages, [&](const auto& earlier) {
      return earlier.name == package.name && earlier.version == package.version;
    });
    if (!package.name.empty() && !known) packages.push_back(package);
    package = {};
  };
  for (std::string line; std::getline(stream, line);) {
    std::string depends;
    read_field(line, "Package: ", package.name);
    read_field(line, "Version: ", package.version);
    read_field(line, "Depends: ", depends);
    if (!depends.empty()) package.depends = first_alternatives(depends);
    if (line.empty()) finish();
  }
  finish();
  return packages;
}

std::vector<AptPackage> parse_simulation(std::string_view text) {
  std::vector<AptPackage> packages;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string action;
    AptPackage package;
    words >> action >> package.name >> package.version;
    if (action != "Inst" || !package.version.starts_with('(')) continue;
    package.version.erase(0, 1);
    packages.push_back(package);
  }
  return packages;
}

std::chrono::seconds stall_deadline(std::string_view apt_config) {
  constexpr std::string_view kKey = "\nAcquire::http::Timeout \"";
  constexpr std::int64_t kLongest = 3600;
  const std::string text = "\n" + std::string(apt_config);
  const auto at = text.rfind(kKey);
  if (at == std::string::npos) return kStallDeadline;
  const auto seconds = std::strtoll(text.c_str() + at + kKey.size(), nullptr, 10);
  return seconds < 1 ? kStallDeadline : std::chrono::seconds(std::min<std::int64_t>(seconds, kLongest));
}

std::string host_of(std::string_view uri) {
  if (const auto scheme = uri.find("://"); scheme != std::string_view::npos) uri.remove_prefix(scheme + 3);
  uri = uri.substr(0, uri.find('/'));
  return std::string(uri.substr(uri.rfind('@') + 1));
}

Result<AptMirror> AptMirror::open(const fs::path& cache, const std::string& name,
                                  const std::vector<AptSource>& sources, Progress& progress, ArchId arch) {
  if (!program_exists("apt-get") || !program_exists("dpkg-deb")) {
    return Error{Fault::infra, "fetch kernel packages: apt-get and dpkg-deb are not found", 0,
                 "use a Debian machine, or pass --kernel VMLINUZ --headers DIR"};
  }
  auto scratch = TRY(scratch_for_lists(cache, name, progress));
  AptMirror mirror(std::move(scratch), name, progress, arch);
  TRY(mirror.configure(sources));
  TRY(mirror.transfer({"apt-get", "-q", "update"},
                      fmt::format("fetch the {}'s package lists", mirror.archive_ ? "archive" : "mirror"),
                      {}));
  return mirror;
}

Status AptMirror::configure(const std::vector<AptSource>& sources) {
  const auto transport = TRY(transport_settings());
  stall_ = stall_deadline(transport);
  std::set<std::string> hosts;
  for (const auto& source : sources) hosts.insert(host_of(source.uri));
  hosts_ = fmt::format("{}", fmt::join(hosts, ", "));
  archive_ = std::ranges::any_of(sources, &AptSource::dated);
  const auto directory = scratch_.path();
  const auto config = render_config(directory, transport, stall_, arch_);
  TRY(write_file_atomic(directory / kConfig, config));
  return write_file_atomic(directory / "mirror.sources", render_sources(sources));
}

Status AptMirror::keep() {
  const auto lock = TRY(CacheLock::acquire(scratch_.cache(), *progress_));
  return scratch_.publish(lock, name_);
}

Result<std::string> AptMirror::run(const std::vector<std::string>& argv, const std::string& what,
                                   const fs::path& directory, const Watch& watch) const {
  const auto config = scratch_.path() / kConfig;
  const Command command{argv, directory, {"APT_CONFIG=" + config.string(), "LC_ALL=C"}};
  auto finished = TRY(run_command(command, kAptDeadline, watch));
  if (finished.exit_code != 0) return failed(what, finished.output);
  return finished.output;
}

Error AptMirror::failed(const std::string& what, const std::string& output) const {
  if (output.find("No space left on device") != std::string::npos ||
      output.find("enough free space") != std::string::npos) {
    return filesystem_error(what, std::error_code(ENOSPC, std::generic_category()));
  }
  return {
      Fault::infra, what + ": " + apt_complaint(output), 0,
      archive_
          ? "check the network and `archive` in the kernels file, or take the packages from who has them: "
            "./run-bench kernels import"
          : "check the network, its proxy and the mirror in /etc/apt, or pass --kernel VMLINUZ --headers "
            "DIR"};
}

// What asks the network.
Result<std::string> AptMirror::transfer(const std::vector<std::string>& argv, const std::string& what,
                                        const fs::path& directory) const {
  const auto lists = scratch_.path();
  TransferWatch watch(
      {what,
       hosts_,
       {directory.empty() ? lists : directory},
       stall_,
       archive_ ? "another day in `archive` of the kernels file" : "another mirror in /etc/apt"},
      *progress_);
  return run(argv, what, directory, [&] { return watch.look(); });
}

Result<std::vector<AptPackage>> AptMirror::query(const std::vector<std::string>& names,
                                                 Versions versions) const {
  std::vector<std::string> argv{"apt-cache", "show"};
  if (versions == Versions::newest) argv.emplace_back("--no-all-versions");
  argv.insert(argv.end(), names.begin(), names.end());
  const auto text = TRY(run(argv, "read the package lists"));
  return parse_packages(text);
}

Result<std::vector<AptPackage>> AptMirror::matching(const std::string& prefix, const std::string& suffix,
                                                    Versions versions) const {
  const auto text = TRY(run({"apt-cache", "pkgnames", prefix}, "read the package lists"));
  std::vector<std::string> names;
  std::istringstream stream(text);
  for (std::string name; stream >> name;) {
    if (name.starts_with(prefix) && name.ends_with(suffix)) names.push_back(name);
  }
  if (names.empty()) return std::vector<AptPackage>{};
  auto packages = query(names, versions);
  if (!packages) return packages;
  std::ranges::sort(*packages, [](const auto& a, const auto& b) {
    return compare_debian_versions(a.version, b.version) > 0;
  });
  return packages;
}

Result<std::vector<AptPackage>> AptMirror::find(const std::string& prefix, const std::string& suffix) const {
  return matching(prefix, suffix, Versions::newest);
}

Result<std::vector<AptPackage>> AptMirror::find_all(const std::string& prefix,
                                                    const std::string& suffix) const {
  return matching(prefix, suffix, Versions::all);
}

Result<AptPackage> AptMirror::show(const std::string& name, const std::string& preferred) const {
  const auto packages = TRY(query({name}, preferred.empty() ? Versions::newest : Versions::all));
  const auto wanted = std::ranges::find(packages, preferred, &AptPackage::version);
  if (wanted != packages.end()) return *wanted;
  if (!packages.empty()) return packages.front();
  return Error{Fault::infra, "find package " + name + ": the mirror does not have it", 0, {}};
}

Result<AptPackage> AptMirror::show_for_build(const std::string& name, const std::string& preferred) const {
  if (arch_ == kBuildArch) return show(name, preferred);
  const std::string own(info_of(kBuildArch).debian);
  auto package = show(name + ":" + own, preferred);
  if (package) package->arch = own;
  return package;
}

Result<std::vector<AptPackage>> AptMirror::closure(const std::vector<std::string>& names) const {
  std::vector<std::string> argv{"apt-get", "-q", "--simulate", "-o", "APT::Install-Recommends=false",
                                "install"};
  argv.insert(argv.end(), names.begin(), names.end());
  const auto name = fmt::format("{}", fmt::join(names, " "));
  const auto text = run(argv, "find what " + name + " depends on");
  if (text) return parse_simulation(*text);
  if (text.error().message().find("Unable to locate package") == std::string::npos) return text.error();
  return Error{Fault::usage, "find the package " + name + ": the mirror does not have it", 0, {}};
}

Status AptMirror::download(const std::vector<AptPackage>& packages, const fs::path& directory) const {
  std::vector<std::string> argv{"apt-get", "-q", "download"};
  std::string what = "download";
  for (const auto& package : packages) {
    const auto arch = package.arch.empty() ? std::string() : ":" + package.arch;
    argv.push_back(package.name + arch + "=" + package.version);
    what += " " + package.name;
  }
  TRY(transfer(argv, what, directory));
  return Done{};
}

}  // namespace probebench::kernels
