// SPDX-License-Identifier: MIT
#pragma once

#include "attach/attachment.h"

namespace probebench::attach {

// A probe that the helper module attaches to one of its own sites. Its windows come with their hits: the
// module counts them.
class KmodAttachment : public Attachment {
 public:
  KmodAttachment(const kernel::Control& control, const Cell& cell) : control_(control), cell_(cell) {}
  KmodAttachment(const KmodAttachment&) = delete;
  KmodAttachment& operator=(const KmodAttachment&) = delete;
  ~KmodAttachment() override {
    // remove() tells of failures to whoever asks; here nobody does.
    if (attached_) [[maybe_unused]]
      const auto status = remove();
  }

  Status attach() override {
    auto status = control_.attach(cell_);
    attached_ = status.ok();
    return status;
  }
  Status remove() override {
    attached_ = false;
    return control_.detach();
  }
  Status begin(Handler) override { return Done{}; }
  bool counts(Handler) const override { return false; }
  Result<HitCounts> tally() override { return HitCounts{}; }
  std::string description() const override { return {}; }

 private:
  const kernel::Control& control_;
  Cell cell_;
  bool attached_ = false;
};

}  // namespace probebench::attach
