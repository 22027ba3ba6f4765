// SPDX-License-Identifier: MIT
// Every BPF type and handler has its program inside the agent.
#include "attach/bpf_form.h"

#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <programs.skel.h>

#include <memory>

#include "model/handler.h"

namespace probebench::attach {
namespace {

TEST(BpfForm, EveryBpfTypeHasOne) {
  int forms = 0;
  for (const auto& type : kProbeTypes) {
    const auto* form = find_bpf_form(type.id);
    const bool runs_bpf = type.groups.find("bpf") != std::string_view::npos || type.name.starts_with("bpf-");
    EXPECT_EQ(form != nullptr, runs_bpf) << type.name;
    forms += form != nullptr ? 1 : 0;
  }
  EXPECT_GE(forms, 15);
}

TEST(BpfForm, EveryHandlerHasAProgramOfEveryForm) {
  struct Deleter {
    void operator()(programs* skeleton) const { programs::destroy(skeleton); }
  };
  const std::unique_ptr<programs, Deleter> skeleton(programs::open());
  ASSERT_TRUE(skeleton);
  for (const auto& type : kProbeTypes) {
    const auto* form = find_bpf_form(type.id);
    if (form == nullptr) continue;
    for (const auto& handler : kHandlers) {
      const auto name = std::string(handler.name) + "_" + std::string(form->kind);
      EXPECT_NE(bpf_object__find_program_by_name(skeleton->obj, name.c_str()), nullptr) << name;
    }
  }
}

}  // namespace

}  // namespace probebench::attach
