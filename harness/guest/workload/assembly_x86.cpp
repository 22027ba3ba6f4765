// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "workload/assembly.h"

namespace probebench::workload {

std::string assembly_source() {
  std::string text = "\t.text\n";
  for (int i = 0; i < 40; ++i) {
    text += fmt::format(
        "\t.globl f{0}\n\t.type f{0}, @function\nf{0}:\n\tpushq %rbx\n\tmovq %rdi, %rbx\n\tleaq "
        "8(%rbx,%rsi,4), %rax\n"
        "\taddq table+{1}(%rip), %rax\n\tjne .L{0}\n\txorl %eax, %eax\n.L{0}:\n\tpopq %rbx\n\tret\n\t.size "
        "f{0}, .-f{0}\n",
        i, 8 * i);
  }
  text += "\t.data\ntable:\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("\t.quad f{}\n", i);
  return text;
}

}  // namespace probebench::workload
