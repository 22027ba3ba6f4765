// SPDX-License-Identifier: MIT
#include "base/escape.h"

#include <gtest/gtest.h>

#include <string>

namespace probebench {
namespace {

using namespace std::string_literals;

// What a guest gave as a reason; case 07 of the abuse campaign.
const std::string kEvil =
    "\x1b[2J\x1b[31mevil\x1b]0;t\x07 <img src=x onerror=alert(1)> </script><script>alert(2)</script> "
    "=HYPERLINK(\"http://x\") | a\n# heading\n";

TEST(Escape, ATerminalSeesWhatItWouldHaveDone) {
  EXPECT_EQ(escaped_for_terminal("\x1b[31mred\x1b]0;t\x07"), "\\x1b[31mred\\x1b]0;t\\x07");
  EXPECT_EQ(escaped_for_terminal("a\0b\rc\bd"s), "a\\x00b\\x0dc\\x08d");
  EXPECT_EQ(escaped_for_terminal("\x7f \xc2\x9b \xe2\x80\xae \xe2\x81\xa6 \xef\xbb\xbf \xf3\xa0\x80\xa0"),
            "\\u007f \\u009b \\u202e \\u2066 \\ufeff \\U000e0020");
  EXPECT_EQ(escaped_for_terminal("one\n\ttwo\n"), "one\n\ttwo\n");
  EXPECT_EQ(escaped_for_terminal("105 ±0.5 – Größe 数\n"), "105 ±0.5 – Größe 数\n");
}

TEST(Escape, WhatIsNotUtf8IsShownByteByByte) {
  EXPECT_EQ(escaped_for_terminal("\x9b"
                                 "1m"),
            "\\x9b1m");
  EXPECT_EQ(escaped_for_terminal("\xc3"), "\\xc3");           // cut off
  EXPECT_EQ(escaped_for_terminal("\xc0\x9b"), "\\xc0\\x9b");  // longer than it needs to be
  EXPECT_EQ(escaped_for_terminal("\xe0\x82\x9b"), "\\xe0\\x82\\x9b");
  EXPECT_EQ(escaped_for_terminal("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half of a pair
  EXPECT_EQ(escaped_for_terminal("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(escaped_for_terminal("\xc3"
                                 "A"),
            "\\xc3"
            "A");
}

TEST(Escape, ALineOfSomebodyElseIsNoCommandOfGitHub) {
  EXPECT_EQ(escaped_for_terminal("::error::x\n  ::stop-commands::t\na ::b::"),
            "\\u003a:error::x\n  \\u003a:stop-commands::t\na ::b::");
  EXPECT_EQ(escaped_for_terminal("a ##[error]b"), "a \\u0023#[error]b");
  EXPECT_EQ(escaped_for_line("a\n::error::b"), "a ::error::b");
}

TEST(Escape, Markdown) {
  EXPECT_EQ(escaped_for_markdown("a|b\nc"), "a\\|b c");
  EXPECT_EQ(escaped_for_markdown("a\\|b"), "a\\\\\\|b");
  EXPECT_EQ(escaped_for_markdown("<b>&`x` *y* ![i](http://x)"),
            "&lt;b&gt;&amp;\\`x\\` \\*y\\* !\\[i\\](http://x)");
  EXPECT_EQ(escaped_for_markdown("\x1b"), "\\\\x1b");
  EXPECT_EQ(escaped_for_markdown("kprobe-optimized 96 -> 103 (+7 %)").find('\\'), std::string::npos);
  EXPECT_EQ(escaped_for_code_span("a`b|c\n<d>\x1b"), "a'b¦c <d>\\x1b");
  const auto evil = escaped_for_markdown(kEvil);
  EXPECT_EQ(evil.find_first_of("\n\x1b\x07<"), std::string::npos);
}

TEST(Escape, Csv) {
  EXPECT_EQ(escaped_for_csv("kprobe/module/mid"), "kprobe/module/mid");
  EXPECT_EQ(escaped_for_csv("a,b"), "\"a,b\"");
  EXPECT_EQ(escaped_for_csv("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(escaped_for_csv("a\rb"), "\"a\rb\"");
  EXPECT_EQ(escaped_for_csv("a\nb"), "\"a\nb\"");
  EXPECT_EQ(escaped_for_csv("=cmd|calc"), "'=cmd|calc");
  EXPECT_EQ(escaped_for_csv("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
  EXPECT_EQ(escaped_for_csv("+1"), "'+1");
  EXPECT_EQ(escaped_for_csv("-1"), "'-1");
  EXPECT_EQ(escaped_for_csv("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(escaped_for_csv("\t=1"), "'\t=1");
  EXPECT_EQ(escaped_for_csv("\r=1"), "\"'\r=1\"");
  EXPECT_EQ(escaped_for_csv("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(escaped_for_csv(""), "");
}

TEST(Escape, GitHub) {
  EXPECT_EQ(escaped_for_github("100 %\r\n::error::x\x1b"), "100 %25%0D%0A::error::x\\x1b");
}

TEST(Escape, Xml) {
  EXPECT_EQ(escaped_for_xml("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;");
  EXPECT_EQ(escaped_for_xml("a\x01\x0c\xef\xbf\xbf\xed\xa0\x80 b\nc"),
            "a\\x01\\x0c\\uffff\\xed\\xa0\\x80 b c");
}

}  // namespace
}  // namespace probebench
