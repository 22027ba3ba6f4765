// SPDX-License-Identifier: MIT
// A BPF object of the user's, as libbpf loads it: the names of its sections say what is attached to what.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "cost/armer.h"
#include "kernel/bpf_text.h"
#include "offer/known_names.h"

namespace probebench::cost {
namespace {

struct ObjectDeleter {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

// What a section names and this kernel does not have.
std::optional<Error> wrong_place(const std::string& section) {
  const auto slash = section.find('/');
  const auto kind = section.substr(0, slash);
  const auto place = slash == section.npos ? "" : section.substr(slash + 1, section.find('+') - slash - 1);
  auto error = Error{Fault::usage, "attach a program of section " + section, 0, {}};
  constexpr std::array<std::string_view, 7> kOfFunctions{"kprobe",   "kretprobe", "fentry",  "fexit",
                                                         "fentry.s", "fexit.s",   "fmod_ret"};
  const bool patterns = place.find_first_of("*?") != place.npos;
  if (std::ranges::find(kOfFunctions, kind) != kOfFunctions.end() && !place.empty() && !patterns) {
    if (offer::has_function(place)) return std::nullopt;
    error.hint = offer::no_function(place).message();
    return error;
  }
  if ((kind != "tracepoint" && kind != "tp") || place.find('/') == place.npos) return std::nullopt;
  auto event = place;
  event[event.find('/')] = ':';
  const auto known = offer::check_event(event);
  if (known || known.error().fault == Fault::unsupported) return std::nullopt;
  error.hint = known.error().message();
  return error;
}

int ignore_record(void*, void*, std::size_t) {
  return 0;
}

class BpfObject : public Armer {
 public:
  explicit BpfObject(std::string file) : file_(std::move(file)) {}

  Status arm(const Look&) override {
    TRY(load());
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object_.get()) {
      TRY(attach(program));
    }
    if (links_.empty()) return Error{Fault::cell, "attach " + file_ + ": it has no program", 0, {}};
    return open_rings();
  }

  Result<std::uint64_t> drain() override {
    const int records = rings_ ? ring_buffer__consume(rings_.get()) : 0;
    if (records < 0) return kernel::bpf_error("drain the ring buffers of " + file_, records);
    return static_cast<std::uint64_t>(records);
  }

  MadeHitCounter counter(const std::vector<ListedProbe>& listed) override { return make_bpf_hits(listed); }
  std::vector<std::string> description() const override { return description_; }
  std::map<std::string, std::string> versions() const override {
    return {{"libbpf", fmt::format("{}.{}", libbpf_major_version(), libbpf_minor_version())}};
  }

  Status disarm() override {
    rings_.reset();
    links_.clear();
    object_.reset();
    return Done{};
  }

 private:
  Status load() {
    kernel::keep_bpf_warnings();
    object_.reset(bpf_object__open_file(file_.c_str(), nullptr));
    if (!object_) return refusal("open " + file_, errno);
    const int err = bpf_object__load(object_.get());
    if (err == 0) return Done{};
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object_.get()) {
      if (auto wrong = wrong_place(bpf_program__section_name(program))) return std::move(*wrong);
    }
    return refusal("load " + file_, err);
  }

  Status attach(bpf_program* program) {
    const std::string name = bpf_program__name(program);
    const std::string section = bpf_program__section_name(program);
    std::unique_ptr<bpf_link, LinkDeleter> link(bpf_program__attach(program));
    if (!link) {
      const int err = errno;
      if (auto wrong = wrong_place(section)) return std::move(*wrong);
      return refusal(fmt::format("attach {} of section {}", name, section), err);
    }
    links_.push_back(std::move(link));
    description_.push_back(section + " " + name);
    return Done{};
  }

  // Nothing of this is a feature that the target may lack: the user has asked for it.
  static Error refusal(const std::string& what, int err) {
    auto error = kernel::bpf_error(what, err);
    error.fault = Fault::cell;
    return error;
  }

  // Somebody has to read what the programs write: a full buffer makes a hit cheaper.
  Status open_rings() {
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, object_.get()) {
      if (bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
        return Error{Fault::cell, fmt::format("read the perf buffer {} of {}", bpf_map__name(map), file_), 0,
                     "unread, it would make a hit cheaper: write to a ring buffer"};
      }
      if (bpf_map__type(map) != BPF_MAP_TYPE_RINGBUF) continue;
      TRY(open_ring(bpf_map__fd(map)));
    }
    return Done{};
  }

  Status open_ring(int fd) {
    if (rings_) {
      const int err = ring_buffer__add(rings_.get(), fd, ignore_record, nullptr);
      return err == 0 ? Status(Done{}) : kernel::bpf_error("open a ring buffer of " + file_, err);
    }
    rings_.reset(ring_buffer__new(fd, ignore_record, nullptr, nullptr));
    if (rings_) return Done{};
    return kernel::bpf_error("open a ring buffer of " + file_, errno);
  }

  std::string file_;
  std::vector<std::string> description_;
  std::unique_ptr<bpf_object, ObjectDeleter> object_;
  std::vector<std::unique_ptr<bpf_link, LinkDeleter>> links_;
  std::unique_ptr<ring_buffer, RingDeleter> rings_;
};

}  // namespace

std::unique_ptr<Armer> make_bpf_object(const CostPlan& plan) {
  return std::make_unique<BpfObject>(plan.file);
}

}  // namespace probebench::cost
