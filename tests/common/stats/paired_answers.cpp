// SPDX-License-Identifier: MIT
// Answers of the gate's statistics for scipy_test.py: JSON in on standard input, JSON out.
#include <iostream>
#include <nlohmann/json.hpp>

#include "stats/paired.h"
#include "stats/robust.h"
#include "stats/slow_mode.h"
#include "stats/tails.h"

int main() {
  namespace stats = probebench::stats;
  const auto in = nlohmann::json::parse(std::cin);
  const auto values = in.at("values").get<std::vector<double>>();
  const auto heads = in.at("heads").get<std::vector<double>>();
  const auto bound = in.at("bound").get<double>();
  const auto drawn = in.at("drawn").get<std::vector<std::size_t>>();
  const auto interval = stats::median_interval(values, in.at("miss").get<double>());
  const auto slow = stats::slow_mode(values, heads, bound);
  const nlohmann::json out = {
      {"low", interval.low},
      {"high", interval.high},
      {"standard_error", stats::median_error(values, in.at("resamples").get<std::size_t>(), 1)},
      {"log_ratios", stats::log_ratios(values, heads)},
      {"sign_p", stats::sign_test_above(values, bound)},
      {"drawn_p", stats::drawn_at_least(drawn[0], drawn[1], drawn[2], drawn[3])},
      {"student", stats::student_quantile(in.at("freedom").get<std::size_t>(), in.at("above").get<double>())},
      {"slow", {slow.base, slow.head, slow.p}},
      {"holm", stats::holm(in.at("p").get<std::vector<double>>())}};
  std::cout << out.dump();
  return 0;
}
