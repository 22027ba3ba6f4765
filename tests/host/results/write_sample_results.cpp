// SPDX-License-Identifier: MIT
// Writes the sample run's results.json to the file named by the first argument, for results_schema_test.py.
#include <cstdlib>

#include "base/file.h"
#include "results/results_json.h"
#include "sample_run.h"

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  const auto status = probebench::write_file_atomic(
      argv[1], probebench::results::write_results(probebench::results::sample_run()));
  return status ? EXIT_SUCCESS : EXIT_FAILURE;
}
