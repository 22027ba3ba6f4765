// SPDX-License-Identifier: MIT
// The machine's configured mirror of Debian or Ubuntu, read from its apt sources, and the sources of our
// private apt directory derived from it. Pure text work; apt_mirror runs apt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace probebench::kernels {

// One (URI, suite) pair of an archive.
struct AptSource {
  std::string uri;
  std::string suite;
  std::string signed_by;  // as written: a path, a fingerprint or an inline key; may be empty
  bool trusted = false;   // the administrator trusts it without a signature
  bool dated = false;     // as it was on a day: signed then, and expired since
  bool operator==(const AptSource&) const = default;
};

// Sources of a one-line-style file (sources.list, *.list) and of a deb822 file (*.sources), archives of
// anybody else included.
std::vector<AptSource> parse_list_file(std::string_view text);
std::vector<AptSource> parse_sources_file(std::string_view text);

// Whose packages <root>/etc/os-release means: "debian" or "ubuntu".
std::string distribution_of(const fs::path& root);

// The distribution's own archives under <root>/etc/apt for the release named in <root>/etc/os-release.
Result<std::vector<AptSource>> host_sources(const fs::path& root);

// `suites` from the mirrors that `host` uses: a security suite from the host's security mirror.
Result<std::vector<AptSource>> derive_sources(const std::vector<AptSource>& host,
                                              const std::vector<std::string>& suites);

// The same from an archive of what mirrors had earlier. In `archive`, a URI, "{archive}" stands for "debian"
// or "debian-security", as the suite has it. No suites: those of the host.
Result<std::vector<AptSource>> archived_sources(const std::vector<AptSource>& host,
                                                const std::vector<std::string>& suites,
                                                const std::string& archive);

// A deb822 file with the component `main` of every source.
std::string render_sources(const std::vector<AptSource>& sources);

}  // namespace probebench::kernels
