// SPDX-License-Identifier: MIT
// Where the project's own files are: the checkout, and what was built beside this program.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/arch.h"
#include "results/run_directory.h"

namespace probebench::session {

struct ProjectPaths {
  std::filesystem::path root;   // the checkout: ci/kernels.toml, kmod/
  std::filesystem::path agent;  // the program that becomes the guest's init
  // The same for another architecture, and what its libraries are below; ci/arm64-agent makes both.
  std::filesystem::path agent_for(ArchId arch) const;
  std::filesystem::path root_of_agent(ArchId arch) const;
  std::string way_to_agent(ArchId arch) const;  // where it is missing
  std::filesystem::path plugins;                // builds of QEMU's path plugin
  std::filesystem::path results;                // runs go below it
};

// The root is what run-bench says in PROBEBENCH_ROOT, else the nearest directory above this program that
// holds the project. Results go to its results/, or to that of the working directory when the user may not
// write to the checkout, or when the project is installed.
Result<ProjectPaths> find_project();

// Where a run that begins now keeps its files: `output`, or a new directory of the project's results where
// that is empty.
Result<results::RunDirectory> run_directory(const std::filesystem::path& output,
                                            std::chrono::system_clock::time_point started);

// A run as a user names it, for whatever reads runs (reports/files.py has the same rule). Runs go to the
// project's results/, from wherever they are started: so "results/..." is there, unless the working directory
// has it. What is in neither place stays as it was named.
std::filesystem::path named_run(const std::filesystem::path& named);
// Where it looked, for what is not there; of an absolute path nowhere else.
std::vector<std::filesystem::path> folders_of_run(const std::filesystem::path& named);

// The nearest directory from `directory` upwards that holds a checkout of the project; the root of the file
// system when none does.
std::filesystem::path root_above(std::filesystem::path directory);

}  // namespace probebench::session
