// SPDX-License-Identifier: MIT
#include "run/bpf_rig.h"

#include "call/tracepoint_site.h"
#include "kernel/kernel_flags.h"

namespace probebench {
namespace {

constexpr int kTries = 20;

}  // namespace

Status BpfRig::select(const Cell& cell) {
  cell_ = cell;
  form_ = find_bpf_form(cell.probe_type);
  if (auto status = site_->select(cell); !status) return status;
  auto look = site_->look_now();
  if (!look) return look.error();
  at_rest_ = std::move(*look);
  return Done{};
}

// By address, so that nothing has to be looked up by name: a kprobe goes where the site says that it patches.
BpfTarget BpfRig::target() const {
  if (auto event = event_of(cell_.site)) return *event;
  return {at_rest_.site_address, std::string(info_of(cell_.site).symbol), {}, {}};
}

Status BpfRig::load_program() {
  const auto where = target();
  BpfProgramSpec spec{std::string(form_->kind), cell_.handler, form_->attach_type, {}, cell_.delay_ns};
  if (form_->by_btf) spec.target = where.event.empty() ? where.function : where.event;
  auto program = BpfProgram::load(spec);
  if (!program) return program.error();
  program_.emplace(std::move(*program));
  return Done{};
}

Status BpfRig::attach(const Cell&) {
  if (auto status = load_program(); !status) return status;
  return link_program();
}

Status BpfRig::link_program() {
  auto attachment = BpfAttachment::attach(*program_, *form_, target());
  if (!attachment && attachment.error().err == ENOENT && form_->attach == BpfAttach::trampoline) {
    // Linux 5.10 attaches a trampoline's program once in its life.
    if (auto status = load_program(); !status) return status;
    attachment = BpfAttachment::attach(*program_, *form_, target());
  }
  if (!attachment) return attachment.error();
  attachment_.emplace(std::move(*attachment));
  return Done{};
}

// Returns when the original bytes are back.
Status BpfRig::unlink_program() {
  attachment_.reset();
  return wait_for_text(*site_, at_rest_.armed);
}

Status BpfRig::detach() {
  auto status = unlink_program();
  program_.reset();
  return status;
}

Result<Evidence> BpfRig::look_now() {
  auto evidence = site_->look_now();
  if (evidence && attachment_) evidence->link = attachment_->description() + ", " + program_->description();
  return evidence;
}

Status BpfRig::arm_for(const WindowRequest& request) {
  const bool wanted = request.subject == Subject::site;
  if (site_->has_twin() || !program_ || wanted == attachment_.has_value()) return Done{};
  return wanted ? link_program() : unlink_program();
}

Result<Window> BpfRig::window(const WindowRequest& request) {
  if (auto status = arm_for(request); !status) return status.error();
  auto window = undisturbed_window(request);
  if (!window || !attachment_ || site_->has_twin()) return window;
  auto look = look_now();
  if (!look) return look.error();
  last_ = std::move(*look);
  last_.kernel_flags = kernel_flags(cell_);
  return window;
}

// A probe with a twin stays attached, as users' probes do: attaching some takes a second.
Status BpfRig::lay_out_anew() {
  if (site_->has_twin()) return Done{};
  site_->lay_out_anew();
  if (auto status = unlink_program(); !status) return status;
  return load_program();
}

// A window with interrupts on may hold the timer's. It is made again, but for the first hit, which there is
// only one of, and for a marked one, which who asked for it counts; the last try stands as it is.
Result<Window> BpfRig::undisturbed_window(const WindowRequest& request) {
  for (int tries = request.cold || request.marked ? 1 : kTries;; --tries) {
    auto window = attachment_ ? armed_window(request) : site_->window(request);
    if (!window || !window->disturbed() || tries == 1) return window;
  }
}

Result<Window> BpfRig::armed_window(const WindowRequest& request) {
  if (cell_.handler == Handler::count) return counted_window(request);
  if (request.handler == Handler::count) {
    const auto statistics = enable_bpf_run_statistics();
    if (!statistics) return statistics.error();
    return counted_window(request);
  }
  auto window = site_->window(request);
  const auto records = program_->drain();
  if (!records) return records.error();
  return window;
}

// What the kernel has counted until now.
Result<HitCounts> BpfRig::counts() const {
  const auto runs = program_->runs();
  if (!runs) return runs.error();
  const auto look = site_->look_now();
  if (!look) return look.error();
  HitCounts counts{{runs->runs}, runs->missed + look->missed};
  if (cell_.handler != Handler::count) return counts;
  auto hits = program_->hits();
  if (!hits) return hits.error();
  counts.runs = std::move(*hits);
  return counts;
}

Result<Window> BpfRig::counted_window(const WindowRequest& request) {
  const auto before = counts();
  if (!before) return before.error();
  auto window = site_->window(request);
  if (!window) return window;
  const auto after = counts();
  if (!after) return after.error();
  const bool warmed_up = request.subject == Subject::site && !request.cold;
  const auto runs =
      assign_hits(*window, growth(*before, *after),
                  {.per_hit = form_->runs_per_hit, .warmup_calls = warmed_up ? limits().warmup_calls : 0});
  if (auto status = account_for_records(*window, runs); !status) return status.error();
  return window;
}

// A program that ran but found the ring full did not do the handler's work.
Status BpfRig::account_for_records(Window& window, std::uint64_t expected) const {
  if (cell_.handler != Handler::record) return Done{};
  const auto records = program_->drain();
  if (!records) return records.error();
  if (*records < expected) window.missed += expected - *records;
  return Done{};
}

}  // namespace probebench
