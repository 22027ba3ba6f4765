// SPDX-License-Identifier: MIT
// Answers of stats/paired.h for scipy_test.py: JSON in on standard input, JSON out.
#include <iostream>
#include <nlohmann/json.hpp>

#include "stats/paired.h"

int main() {
  using probebench::stats::bootstrap_median;
  const auto in = nlohmann::json::parse(std::cin);
  const auto values = in.at("values").get<std::vector<double>>();
  const auto result =
      bootstrap_median(values, in.at("miss").get<double>(), in.at("resamples").get<std::size_t>(), 1);
  const auto ratios = probebench::stats::log_ratios(values, in.at("heads").get<std::vector<double>>());
  const nlohmann::json out = {
      {"low", result.interval.low},
      {"high", result.interval.high},
      {"standard_error", result.standard_error},
      {"log_ratios", ratios},
      {"sign_p", probebench::stats::sign_test_above(values, in.at("bound").get<double>())},
      {"holm", probebench::stats::holm(in.at("p").get<std::vector<double>>())}};
  std::cout << out.dump();
  return 0;
}
