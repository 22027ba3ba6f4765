// SPDX-License-Identifier: MIT
#include "kernels/kernel_catalog.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <random>

#include "base/process.h"
#include "kernels/debian_version.h"
#include "kernels/kernel_packages.h"

namespace probebench::kernels {
namespace {

constexpr std::string_view kCatalog = R"(
flavour = "cloud-amd64"
[[kernel]]
name = "5.10"
suites = ["bullseye-security"]
[[kernel]]
name = "6.12"
)";

TEST(Catalog, KnowsItsKernels) {
  const auto catalog = parse_catalog(kCatalog, "test");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->flavour, "cloud-amd64");
  EXPECT_EQ(catalog->names(), (std::vector<std::string>{"auto", "stock", "all", "5.10", "6.12"}));
  EXPECT_EQ(catalog->find("5.10")->suites, std::vector<std::string>{"bullseye-security"});
}

TEST(Catalog, OfAnotherArchitectureHasItsFlavours) {
  const auto catalog = parse_catalog(
      "flavour = \"cloud-amd64\"\n[[kernel]]\nname = \"6.1\"\narm64_flavour = \"arm64\"\n"
      "[[kernel]]\nname = \"6.12\"\n[[kernel]]\nname = \"rt\"\nflavour = \"rt-amd64\"\n",
      "test");
  ASSERT_TRUE(catalog) << catalog.error().message();
  const auto arm64 = catalog->on(ArchId::arm64);
  EXPECT_EQ(arm64.flavour, "cloud-arm64");
  EXPECT_EQ(arm64.find("6.1")->flavour, "arm64");
  EXPECT_EQ(arm64.find("6.12")->flavour, "cloud-arm64");
  EXPECT_EQ(arm64.find("rt")->flavour, "rt-arm64");
  EXPECT_EQ(arm64.find("6.12")->arch, ArchId::arm64);
  EXPECT_EQ(catalog->on(ArchId::x86_64).find("6.1")->flavour, "cloud-amd64");
}

TEST(Catalog, UnknownNameIsAUsageErrorWithTheNearest) {
  const auto entry = parse_catalog(kCatalog, "test")->find("6.11");
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().fault, Fault::usage);
  EXPECT_NE(entry.error().message().find("unknown kernel '6.11'"), std::string::npos);
  EXPECT_NE(entry.error().message().find("did you mean 6.12"), std::string::npos);
}

TEST(Catalog, ExpandsAListOfNamesAndPaths) {
  const auto catalog = parse_catalog(kCatalog, "test");
  using Names = std::vector<std::string>;
  EXPECT_EQ(*catalog->expand("all,stock,/bin/sh"), (Names{"5.10", "6.12", "stock", "/bin/sh"}));
  EXPECT_EQ(catalog->expand("./no-vmlinuz").error().fault, Fault::usage);
  EXPECT_EQ(*catalog->expand("6.12"), Names{"6.12"});
  EXPECT_EQ(catalog->expand("6.12,6.11").error().fault, Fault::usage);
  EXPECT_EQ(catalog->expand("6.12,").error().fault, Fault::usage);
}

TEST(Catalog, EntriesMayDifferFromTheirFile) {
  const auto catalog = parse_catalog(
      "flavour = \"amd64\"\n[[kernel]]\nname = \"newest\"\nseries = \"any\"\nflavour = \"rt-amd64\"\n"
      "[[kernel]]\nname = \"mine\"\nimage = \"build\"\nheaders = \"/h\"\n",
      "/etc/k.toml");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->find("newest")->series, "");
  EXPECT_EQ(catalog->find("newest")->flavour, "rt-amd64");
  EXPECT_EQ(catalog->find("mine")->image, "/etc/build");
  EXPECT_EQ(catalog->find("mine")->headers, "/h");
}

TEST(Catalog, RefusesNamesItCannotTakeAndKeysItDoesNotKnow) {
  const auto problem = [](const std::string& entry) {
    const auto catalog =
        parse_catalog("flavour = \"x\"\n[[kernel]]\nname = \"a\"\n[[kernel]]\n" + entry, "t");
    return catalog ? "" : catalog.error().what;
  };
  EXPECT_NE(problem("name = \"all\"\n").find("cannot be a kernel's name"), std::string::npos);
  for (const char* name : {"a/b", "..", ".", "a,b", "a@b", "a b", "a\\tb", "a\\u0000b"}) {
    EXPECT_NE(problem(fmt::format("name = \"{}\"\n", name)).find("cannot be a kernel's name"),
              std::string::npos);
  }
  EXPECT_NE(problem("name = \"a\"\n").find("twice"), std::string::npos);
  EXPECT_NE(problem("name = \"b\"\nsuite = \"sid\"\n").find("unknown key 'suite'"), std::string::npos);
}

TEST(Catalog, ANameMayGoOnWithAVersion) {
  const auto catalog = *parse_catalog(kCatalog, "test");
  const auto entry = catalog.find("6.12@6.12.117-1~deb12u1");
  ASSERT_TRUE(entry) << entry.error().message();
  EXPECT_EQ(entry->name, "6.12");
  EXPECT_EQ(entry->version, "6.12.117-1~deb12u1");
  EXPECT_NE(entry->definition(), catalog.find("6.12")->definition());
  EXPECT_EQ(*catalog.expand("6.12@6.12.117-1,5.10"), (std::vector<std::string>{"6.12@6.12.117-1", "5.10"}));
  for (const char* bad :
       {"6.12@", "6.12@v6.12", "6.12@6.12 1", "6.12@6@7", "auto@6.12.117-1", "6.13@6.13.1-1"})
    EXPECT_EQ(catalog.find(bad).error().fault, Fault::usage) << bad;
  EXPECT_NE(catalog.find("6.13@6.13.1-1").error().message().find("did you mean 6.12"), std::string::npos);
}

TEST(Catalog, VersionAndArchiveAreAnEntrysOrTheFiles) {
  const auto catalog = parse_catalog(
      "flavour = \"amd64\"\narchive = \"http://old/{archive}/1\"\n"
      "[[kernel]]\nname = \"a\"\nversion = \"6.1.1-1\"\n[[kernel]]\nname = \"b\"\narchive = \"http://b\"\n",
      "t");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->find("a")->version, "6.1.1-1");
  EXPECT_EQ(catalog->find("a")->archive, "http://old/{archive}/1");
  EXPECT_EQ(catalog->find("b")->archive, "http://b");
  EXPECT_FALSE(parse_catalog("flavour = \"x\"\n[[kernel]]\nname = \"a\"\nversion = \"six\"\n", "t"));
}

TEST(KernelPackages, FlavourIsWhatFollowsTheVersion) {
  EXPECT_TRUE(has_flavour("linux-image-6.12.117+deb12-cloud-amd64", "cloud-amd64"));
  EXPECT_TRUE(has_flavour("linux-image-6.1.0-56-amd64", "amd64"));
  EXPECT_TRUE(has_flavour("linux-image-6.1.0-0.deb11.5-amd64", "amd64"));
  EXPECT_FALSE(has_flavour("linux-image-6.12.117+deb12-cloud-amd64", "amd64"));
  EXPECT_FALSE(has_flavour("linux-image-6.1.0-56-rt-amd64", "amd64"));
  EXPECT_FALSE(has_flavour("linux-image-amd64", "amd64"));
  EXPECT_FALSE(has_flavour("linux-image-6.1.0-56-amd64-dbg", "amd64"));
}

TEST(Catalog, NamesTheLineThatCannotBeRead) {
  const auto catalog = parse_catalog("flavour = \"x\"\n[[kernel]\n", "kernels.toml");
  ASSERT_FALSE(catalog);
  EXPECT_NE(catalog.error().what.find("kernels.toml: line 2"), std::string::npos) << catalog.error().what;
}

TEST(Catalog, RefusesWhatIsMissing) {
  EXPECT_FALSE(parse_catalog("[[kernel]]\nname = \"6.1\"\n", "test"));
  EXPECT_FALSE(parse_catalog("flavour = \"x\"\n", "test"));
  EXPECT_FALSE(parse_catalog("flavour = \"x\"\nkernel = [1]\n", "test"));
  EXPECT_FALSE(parse_catalog("flavour = \"x\"\n[[kernel]]\nsuites = []\n", "test"));
}

TEST(DebianVersion, OrdersAsDpkgDoes) {
  // Each is older than the next, as `dpkg --compare-versions` says.
  constexpr std::array kAscending{
      "5.10.262-1",         "6.1.176-1",  "6.1.192-2~bpo11+1", "6.1.192-2", "6.12.9-1", "6.12.100-1~deb12u1",
      "6.12.117-1~deb12u1", "6.12.117-1", "6.12.117-1+b1",     "7.0~rc1-1", "7.0-1",    "1:1.0-1"};
  for (std::size_t i = 0; i + 1 < kAscending.size(); ++i) {
    EXPECT_TRUE(compare_debian_versions(kAscending[i], kAscending[i + 1]) < 0) << kAscending[i];
    EXPECT_TRUE(compare_debian_versions(kAscending[i + 1], kAscending[i]) > 0) << kAscending[i];
  }
  EXPECT_TRUE(compare_debian_versions("6.01-1", "6.1-1") == 0);
}

TEST(DebianVersion, IsHeldAgainstDpkg) {
  if (!program_exists("dpkg")) GTEST_SKIP() << "no dpkg here";
  std::mt19937 random(7);
  const std::array<const char*, 12> parts{"1", "01", "10", "9",   ".",      "~",
                                          "+", "-",  "a",  "bpo", "deb12u", "rc"};
  const auto version = [&] {
    std::string text = "6";
    for (int i = 0; i < 5; ++i) text += parts[random() % parts.size()];
    return text + "1";
  };
  for (int i = 0; i < 60; ++i) {
    const auto a = version();
    const auto b = version();
    const auto done = run_command({{"dpkg", "--compare-versions", a, "lt", b}}, std::chrono::seconds(60));
    ASSERT_TRUE(done);
    EXPECT_EQ(compare_debian_versions(a, b) < 0, done->exit_code == 0) << a << " " << b;
  }
}

TEST(KernelPackages, SeriesIsTheFirstTwoNumbers) {
  EXPECT_EQ(series_of("6.12.117+deb12-cloud-amd64"), "6.12");
  EXPECT_EQ(series_of("6.1.0-56-cloud-amd64"), "6.1");
  EXPECT_EQ(series_of("7"), "7");
}

TEST(KernelPackages, NewestOfEachSeriesWithoutNamesForTheNewest) {
  const std::vector<AptPackage> all{
      {"linux-image-6.12-cloud-amd64", "6.12.117-1", {"linux-image-6.12.117-cloud-amd64"}},
      {"linux-image-6.12.117-cloud-amd64", "6.12.117-1", {"kmod"}},
      {"linux-image-6.12.115-cloud-amd64", "6.12.115-1", {"kmod"}},
      {"linux-image-6.1.0-56-cloud-amd64", "6.1.192-2", {"kmod"}}};
  const auto newest = newest_per_series(all);
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0].name, "linux-image-6.12.117-cloud-amd64");
  EXPECT_EQ(newest[1].name, "linux-image-6.1.0-56-cloud-amd64");
}

}  // namespace
}  // namespace probebench::kernels
