// SPDX-License-Identifier: MIT
#include "vm/vm_session.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <optional>
#include <thread>

#include "base/process.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "vm/guest_text.h"

namespace probebench::vm {
namespace {

using Clock = std::chrono::steady_clock;
using End = VmOutcome::End;

constexpr int kTickMs = 100;                         // how often deadlines and the log are looked at
constexpr std::chrono::milliseconds kGather{2};      // a serial line gives single bytes: not a turn for each
constexpr std::size_t kLongestText = 64 << 10;       // of QEMU's own messages
constexpr std::chrono::milliseconds kWaitSeen{200};  // how often it is looked at who has the CPUs
constexpr std::chrono::milliseconds kPanicGrace{500};  // for what follows the panic line

// Watches a running QEMU. step() is called until it names an end.
class Watch {
 public:
  Watch(const VmSession& session, GuestLog log, Child qemu, UniqueFd records, UniqueFd messages)
      : session_(session),
        log_(std::move(log)),
        qemu_(std::move(qemu)),
        records_(std::move(records)),
        messages_(std::move(messages)),
        splitter_(session.longest_record),
        looked_(Clock::now()),
        started_(looked_),
        last_sign_(started_),
        last_record_(started_) {}

  Result<VmOutcome> run() {
    for (;;) {
      wait();
      if (stop_requested()) return interrupted();
      if (auto end = step()) return finish(*end);
    }
  }

 private:
  Error interrupted() const {
    return {Fault::interrupted, fmt::format("interrupted while {} ran", session_.target), 0, {}};
  }

  void wait() {
    std::array<pollfd, 3> watched{
        {{records_.get(), POLLIN, 0}, {messages_.get(), POLLIN, 0}, {stop_fd(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), kTickMs) <= 0) return;
    if ((watched[0].revents & POLLIN) != 0) std::this_thread::sleep_for(kGather);
    if (watched[0].revents != 0) read_records();
    if (watched[1].revents != 0) read_messages();
  }

  void read_records() {
    std::array<char, 1 << 16> buffer;
    const ssize_t got = ::read(records_.get(), buffer.data(), buffer.size());
    if (got == 0) records_.reset();  // QEMU is gone
    if (got <= 0) return;
    last_sign_ = own_now();
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    for (const auto& line : splitter_.feed(bytes)) {
      if (!spoke_ && session_.on_first_line) session_.on_first_line(qemu_.pid());
      spoke_ = true;
      last_record_ = last_sign_;
      if (!said_all_ && session_.on_line(line)) said_all_ = Clock::now();
    }
  }

  void read_messages() {
    std::array<char, 4096> buffer;
    const ssize_t got = ::read(messages_.get(), buffer.data(), buffer.size());
    if (got == 0) messages_.reset();
    if (got > 0 && qemu_text_.size() < kLongestText) {
      qemu_text_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  std::optional<End> step() {
    const auto now = Clock::now();
    see_wait(now);
    if (log_.follow()) last_sign_ = own_now();
    if (!panicked_ && !log_.panic_line().empty()) panicked_ = now;
    if (said_all_) return settled(*said_all_ + session_.exit_grace, End::finished);
    if (panicked_) return settled(*panicked_ + kPanicGrace, End::panicked);
    if (gone()) return End::died;
    if (log_.size() > session_.longest_log) return End::flooded;
    return past_deadline() ? std::optional(End::hung) : std::nullopt;
  }

  // `end`, once QEMU has gone or its time to go is over.
  std::optional<End> settled(Clock::time_point limit, End end) {
    if (gone() || Clock::now() > limit) return end;
    return std::nullopt;
  }

  // QEMU has ended and everything it wrote was read.
  bool gone() { return !records_ && !messages_; }

  // A busy host is no guest that hangs: a clock that stands still while QEMU waits for a CPU.
  Clock::time_point own_now() const { return Clock::now() - waited_; }

  void see_wait(Clock::time_point now) {
    if (now - looked_ < kWaitSeen) return;
    looked_ = now;
    const auto waited = session_.waited(qemu_.pid());
    waited_ = std::max(waited_, std::chrono::duration_cast<Clock::duration>(waited));  // a thread may end
  }

  bool past_deadline() {
    const auto now = own_now();
    // Who prints is alive, and may be slow: a guest of a guest, on a busy host.
    if (!spoke_ && now - last_sign_ > session_.first_line_deadline) {
      detail_ =
          fmt::format("no record, and nothing on its console for {} s", session_.first_line_deadline.count());
    } else if (now - last_sign_ > session_.silence_deadline) {
      detail_ = fmt::format("no sign of life for {} s", session_.silence_deadline.count());
    } else if (now - last_record_ > session_.record_deadline) {
      detail_ = fmt::format("no record for {} s", session_.record_deadline.count());
    } else if (now - started_ > session_.run_deadline) {
      detail_ = fmt::format("not done after {} s", session_.run_deadline.count());
    }
    return !detail_.empty();
  }

  VmOutcome finish(End end) {
    int exit_code = 0;
    const auto over = [&]() -> Result<bool> { return qemu_.poll_exit(exit_code) || !gone(); };
    static_cast<void>(poll_until(kPanicGrace, std::chrono::milliseconds(1), over));
    qemu_.end();
    for (std::size_t seen = 0; seen <= session_.longest_log && log_.follow(); seen += 1 << 20) continue;
    // The panic line may have come with QEMU's end.
    if (end == End::died && !log_.panic_line().empty()) end = End::panicked;
    VmOutcome result{end, describe(end, exit_code), {}, exit_code, spoke_, qemu_text_, {}};
    if (end != End::finished) result.last_log_lines = log_.last_lines();
    return result;
  }

  std::string describe(End end, int exit_code) const {
    if (end == End::finished) return {};
    if (end == End::panicked) return log_.panic_line();
    if (end == End::hung) return detail_;
    if (end == End::flooded) return fmt::format("more than {} MiB", session_.longest_log >> 20);
    if (const auto message = first_line(qemu_text_); !message.empty()) return std::string(message);
    if (exit_code > 128) return fmt::format("{} was ended by signal {}", session_.name, exit_code - 128);
    return fmt::format("{} ended before its last record (exit code {})", session_.name, exit_code);
  }

  const VmSession& session_;
  GuestLog log_;
  Child qemu_;
  UniqueFd records_;
  UniqueFd messages_;
  LineSplitter splitter_;
  std::string qemu_text_;
  std::string detail_;
  Clock::time_point looked_;
  Clock::duration waited_{};
  Clock::time_point started_;  // this and the next two by own_now()
  Clock::time_point last_sign_;
  Clock::time_point last_record_;
  std::optional<Clock::time_point> said_all_;
  std::optional<Clock::time_point> panicked_;
  bool spoke_ = false;
};

// What it says elsewhere than where its records go is a message.
Result<Child> start(const VmSession& session, const GuestLog& log, int records, int messages) {
  Command command = session.command;
  const bool on_stdout = session.records_fd == STDOUT_FILENO;
  if (!on_stdout) command.passed.push_back({records, session.records_fd});
  if (session.log_fd >= 0) command.passed.push_back({log.written_by(), session.log_fd});
  return Child::start(command, on_stdout ? records : messages, messages);
}

}  // namespace

Result<VmOutcome> run_session(const VmSession& session) {
  auto log = TRY(GuestLog::create(session.guest_log));
  TRY(log.begin_with(session.earlier_log));
  auto records = TRY(make_pipe());
  auto messages = TRY(make_pipe());
  auto qemu = TRY(start(session, log, records.write_end.get(), messages.write_end.get()));
  records.write_end.reset();
  messages.write_end.reset();
  Watch watch(session, std::move(log), std::move(qemu), std::move(records.read_end),
              std::move(messages.read_end));
  return watch.run();
}

}  // namespace probebench::vm
