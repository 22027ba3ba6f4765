// SPDX-License-Identifier: MIT
#include "kernels/apt_sources.h"

#include <gtest/gtest.h>

#include "kernels/apt_mirror.h"
#include "kernels_fixture.h"

namespace probebench::kernels {
namespace {

constexpr std::string_view kSources = R"(# written by the installer
Types: deb deb-src
# a comment in a stanza
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
)";

TEST(AptSources, ReadsOneLineStyle) {
  const auto sources = parse_list_file(
      "# deb http://no.example/debian bookworm main\n"
      "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # why\n"
      "deb-src http://mirror.example/debian bookworm main\n"
      "deb http://download.example/linux/debian bookworm stable\n");
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(sources[0], (AptSource{"http://mirror.example/debian", "bookworm", "/k.gpg", false}));
}

TEST(AptSources, ReadsStanzas) {
  const auto sources = parse_sources_file(kSources);
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[1].suite, "bookworm-updates");
  EXPECT_EQ(sources[1].signed_by, "/usr/share/keyrings/debian-archive-keyring.gpg");
  EXPECT_EQ(sources[2].uri, "http://mirror.example/debian-security");
}

TEST(AptSources, KeepsAnInlineKey) {
  const auto sources = parse_sources_file(
      "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\nSigned-By:\n"
      " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n");
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(parse_sources_file(render_sources(sources)), sources);
  EXPECT_NE(sources[0].signed_by.find("mQINBF"), std::string::npos);
}

TEST(AptSources, AnArchiveHasSuitesAsTheyWereOnADay) {
  const std::vector<AptSource> host{{.uri = "http://m/debian", .suite = "bookworm", .signed_by = "/k"},
                                    {.uri = "http://m/debian-security", .suite = "bookworm-security"}};
  const auto sources = archived_sources(host, {"trixie", "trixie-security"}, "http://old/{archive}/1");
  ASSERT_TRUE(sources) << sources.error().message();
  ASSERT_EQ(sources->size(), 2U);
  EXPECT_EQ((*sources)[0].uri, "http://old/debian/1");
  EXPECT_EQ((*sources)[0].signed_by, "/k");
  EXPECT_EQ((*sources)[1].uri, "http://old/debian-security/1");
  EXPECT_NE(render_sources(*sources).find("Check-Valid-Until: no"), std::string::npos);
  EXPECT_EQ(render_sources(host).find("Check-Valid-Until"), std::string::npos);
  EXPECT_EQ((*archived_sources(host, {}, "http://old"))[1].uri, "http://old");
}

TEST(AptSources, TakesOnlyTheDistributionsOwnArchives) {
  const TemporaryDirectory root;
  root.write("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
  root.write("etc/apt/sources.list.d/debian.sources", kSources);
  root.write("etc/apt/sources.list.d/third.list",
             "deb https://deb.nodes.example/node_20.x bookworm main\n"
             "deb https://download.example/linux/debian llvm-toolchain-bookworm main\n"
             "deb cdrom:[Debian]/ bookworm main\n");
  root.write("etc/apt/sources.list.d/old.list.disabled", "deb http://x.example/debian bookworm main\n");
  const auto sources = host_sources(root.path());
  ASSERT_TRUE(sources) << sources.error().message();
  ASSERT_EQ(sources->size(), 3u);
  for (const auto& source : *sources) EXPECT_EQ(source.uri.find("http://mirror.example/"), 0u) << source.uri;
}

TEST(AptSources, SaysWhenThereIsNoMirror) {
  const TemporaryDirectory root;
  const auto sources = host_sources(root.path());
  ASSERT_FALSE(sources);
  EXPECT_EQ(sources.error().fault, Fault::infra);
  EXPECT_NE(sources.error().message().find("--kernel VMLINUZ"), std::string::npos);
}

TEST(AptSources, DerivesSecuritySuitesFromTheSecurityMirror) {
  const auto sources = derive_sources(parse_sources_file(kSources), {"bullseye-security", "bullseye"});
  ASSERT_TRUE(sources);
  EXPECT_EQ((*sources)[0].uri, "http://mirror.example/debian-security");
  EXPECT_EQ((*sources)[0].suite, "bullseye-security");
  EXPECT_EQ((*sources)[1].uri, "http://mirror.example/debian");
}

TEST(AptSources, GuessesTheSecurityMirrorBesideTheMainOne) {
  const auto sources =
      derive_sources({{"http://m.example/debian/", "sid", "", false}}, {"bullseye-security"});
  ASSERT_TRUE(sources);
  EXPECT_EQ((*sources)[0].uri, "http://m.example/debian-security");
  EXPECT_FALSE(derive_sources({}, {"bullseye-security"}));
}

TEST(AptOutput, SimulationNamesWhatWouldBeInstalled) {
  const auto packages = parse_simulation(
      "NOTE: This is only a simulation!\n"
      "Inst libgcc-s1 (14.2.0-19 Debian:13.8/stable [amd64]) []\n"
      "Inst libc6 (2.41-12 Debian:13.8/stable [amd64])\n"
      "Conf libc6 (2.41-12 Debian:13.8/stable [amd64])\n"
      "Inst broken\n");
  ASSERT_EQ(packages.size(), 2u);
  EXPECT_EQ(packages[1].name, "libc6");
  EXPECT_EQ(packages[1].version, "2.41-12");
}

TEST(AptMirror, ReadsStanzasOfAptCache) {
  const auto packages = parse_packages(
      "Package: a\nVersion: 2\nDepends: b (>= 1) | c, d:any, e\nDescription: x\n Depends: no\n\n"
      "Package: a\nVersion: 1\n\nPackage: a\nVersion: 2\n\nPackage: f\nVersion: 3\n");
  ASSERT_EQ(packages.size(), 3u);
  EXPECT_EQ(packages[0].version, "2");
  EXPECT_EQ(packages[0].depends, (std::vector<std::string>{"b", "d", "e"}));
  EXPECT_EQ(packages[1].version, "1");
  EXPECT_EQ(packages[2].name, "f");
}

TEST(AptMirror, ComplaintIsTheFirstErrorLine) {
  EXPECT_EQ(apt_complaint("Get:1 x\nW: something else\nE: broken\nE: more\n"), "broken");
  EXPECT_EQ(
      apt_complaint("E: Unable to parse package file /c/lists/partial/old.example:80_debian_Release (1)\n"),
      "what came as old.example:80/debian/Release is no package list; is it a web page?");
  EXPECT_EQ(apt_complaint("just words\n"), "just words");
  EXPECT_EQ(apt_complaint(""), "it printed nothing");
}

}  // namespace
}  // namespace probebench::kernels
