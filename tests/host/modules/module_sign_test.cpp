// SPDX-License-Identifier: MIT
#include "modules/module_sign.h"

#include <gtest/gtest.h>

#include "kernels_fixture.h"

namespace probebench::modules {
namespace {

constexpr const char* kKey = "-----BEGIN PRIVATE KEY-----\nx\n";
constexpr const char* kBoth = "-----BEGIN PRIVATE KEY-----\nx\n-----BEGIN CERTIFICATE-----\ny\n";

class ModuleSign : public ::testing::Test {
 protected:
  // As scripts/sign-file of the headers: hash, key, certificate, module, result.
  void sign_file(const std::string& script) {
    fs::permissions(directory_.write("h/scripts/sign-file", "#!/bin/sh\n" + script), fs::perms::owner_all);
  }
  Result<fs::path> sign() {
    kernels::Kernel kernel;
    kernel.headers = directory_.path() / "h";
    directory_.write("h/.config", "CONFIG_MODULE_SIG_HASH=\"sha512\"\n");
    return sign_module(kernel, directory_.write("m/probebench.ko", "module"), {"the key", "the certificate"});
  }

  TemporaryDirectory directory_;
};

TEST_F(ModuleSign, AKeyMayHoldItsCertificate) {
  const auto key = directory_.write("signing_key.pem", kBoth);
  const auto found = signing_key(key.string());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->certificate, key);
}

TEST_F(ModuleSign, ACertificateMayLieBesideTheKey) {
  const auto key = directory_.write("mok.key", kKey);
  EXPECT_FALSE(signing_key(key.string()));
  const auto certificate = directory_.write("mok.pub", "y");
  const auto found = signing_key(key.string());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->certificate, certificate);
  const auto other = directory_.write("other.der", "y");
  EXPECT_EQ(signing_key(key.string() + "," + other.string())->certificate, other);
}

TEST_F(ModuleSign, WhatIsNoKeyIsRefused) {
  for (const auto& named : {std::string("/none"), directory_.write("text", "y").string(),
                            directory_.write("mok.key", kKey).string() + ",/none"}) {
    const auto found = signing_key(named);
    ASSERT_FALSE(found) << named;
    EXPECT_EQ(found.error().fault, Fault::usage);
    EXPECT_NE(found.error().message().find("--sign " + named), std::string::npos);
  }
}

TEST_F(ModuleSign, TheHeadersSignWithTheKernelsHash) {
  sign_file("echo \"$1 $2 $3 $(cat \"$4\")\" >\"$5\"\n");
  const auto made = sign();
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(*read_file(*made), "sha512 the key the certificate module\n");
  EXPECT_EQ(*read_file(directory_.path() / "m/probebench.ko"), "module");
}

TEST_F(ModuleSign, WhatFailsSaysWhyAndLeavesNothing) {
  EXPECT_NE(sign().error().message().find("scripts/sign-file"), std::string::npos);
  sign_file("echo 'bad decrypt'; echo half >\"$5\"; exit 1\n");
  const auto made = sign();
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find("bad decrypt"), std::string::npos) << made.error().message();
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(directory_.path() / "m"))
    left.push_back(entry.path().filename());
  EXPECT_EQ(left, std::vector<fs::path>{"probebench.ko"});
}

}  // namespace
}  // namespace probebench::modules
