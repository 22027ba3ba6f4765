// SPDX-License-Identifier: MIT
#include "cli/reproduce_command.h"

#include "base/file.h"
#include "cli/reproduce_text.h"
#include "reproduce/reproduction_json.h"

namespace probebench {

CommandResult with_reproduction(const RunBook& book, CommandResult result) {
  std::vector<Reproduction> targets;
  for (auto& page : book.pages()) {
    targets.push_back(reproduction_of(*page.target, page.cells, std::move(page.experiments)));
  }
  if (targets.empty()) return result;
  result.output = reproduction_text(targets);
  const auto written = write_file_atomic(book.directory().reproduce_path(),
                                         write_reproductions(targets, book.record().command));
  if (written) return result;
  result.problem += written.error().message() + "\n";
  if (result.exit_code == ExitCode::fine) result.exit_code = ExitCode::cell_failed;
  return result;
}

}  // namespace probebench
