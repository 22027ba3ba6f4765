// SPDX-License-Identifier: MIT
// Work that is little more than system calls.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "workload/partner.h"
#include "workload/work.h"

namespace probebench::workload {
namespace {

class NullSyscall : public Work {
 public:
  Status run(std::uint32_t operations) override {
    for (std::uint32_t i = 0; i < operations; ++i) ::syscall(SYS_getppid);
    return Done{};
  }
};

// Hiramatsu's loop. The C library would not enter the kernel.
class ClockRead : public Work {
 public:
  Status run(std::uint32_t operations) override {
    timeval now{};
    for (std::uint32_t i = 0; i < operations; ++i) ::syscall(SYS_gettimeofday, &now, nullptr);
    return Done{};
  }
};

class ByteIo : public Work {
 public:
  ByteIo(UniqueFd source, UniqueFd sink) : source_(std::move(source)), sink_(std::move(sink)) {}

  Status run(std::uint32_t operations) override {
    char byte = 0;
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (::read(source_.get(), &byte, 1) != 1) return errno_error(Fault::cell, "read a byte");
      if (::write(sink_.get(), &byte, 1) != 1) return errno_error(Fault::cell, "write a byte");
    }
    return Done{};
  }

 private:
  UniqueFd source_;
  UniqueFd sink_;
};

class FileWork : public Work {
 public:
  explicit FileWork(Scratch scratch) : scratch_(std::move(scratch)), path_(scratch_ / "file") {}

  Status make_file() const {
    const UniqueFd file(::open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    if (!file) return errno_error(Fault::cell, "make " + path_.string());
    return Done{};
  }

 protected:
  const char* path() const { return path_.c_str(); }

 private:
  Scratch scratch_;
  std::filesystem::path path_;
};

class Pread : public FileWork {
 public:
  using FileWork::FileWork;

  Status open_file() {
    file_ = UniqueFd(::open(path(), O_RDWR | O_CLOEXEC));
    if (file_ && ::write(file_.get(), "x", 1) == 1) return Done{};
    return errno_error(Fault::cell, "fill a file");
  }
  Status run(std::uint32_t operations) override {
    char byte = 0;
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (::pread(file_.get(), &byte, 1, 0) != 1) return errno_error(Fault::cell, "read a byte of a file");
    }
    return Done{};
  }

 private:
  UniqueFd file_;
};

// To itself: the kernel looks whether it may and whether anybody cares.
class Kill : public Work {
 public:
  Status run(std::uint32_t operations) override {
    const auto self = ::getpid();
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (::kill(self, SIGCONT) != 0) return errno_error(Fault::cell, "send a signal");
    }
    return Done{};
  }
};

class OpenClose : public FileWork {
 public:
  using FileWork::FileWork;
  Status run(std::uint32_t operations) override {
    for (std::uint32_t i = 0; i < operations; ++i) {
      const UniqueFd file(::open(path(), O_RDONLY | O_CLOEXEC));
      if (!file) return errno_error(Fault::cell, "open a file");
    }
    return Done{};
  }
};

class Stat : public FileWork {
 public:
  using FileWork::FileWork;
  Status run(std::uint32_t operations) override {
    struct stat status {};
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (::stat(path(), &status) != 0) return errno_error(Fault::cell, "ask for a file's status");
    }
    return Done{};
  }
};

class FileCycle : public FileWork {
 public:
  using FileWork::FileWork;
  Status run(std::uint32_t operations) override {
    constexpr std::string_view kContent =
        "one hundred bytes, or nearly so: as much as a lock file or a record";
    for (std::uint32_t i = 0; i < operations; ++i) {
      UniqueFd file(::open(path(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600));
      if (!file) return errno_error(Fault::cell, "create a file");
      if (::write(file.get(), kContent.data(), kContent.size()) < 0) {
        return errno_error(Fault::cell, "write a file");
      }
      file.reset();
      if (::unlink(path()) != 0) return errno_error(Fault::cell, "unlink a file");
    }
    return Done{};
  }
};

template <typename Kind>
MadeWork make_file_work() {
  auto scratch = TRY(Scratch::make());
  auto work = std::make_unique<Kind>(std::move(scratch));
  TRY(work->make_file());
  return MadeWork(std::move(work));
}

}  // namespace

MadeWork make_null_syscall() {
  return MadeWork(std::make_unique<NullSyscall>());
}

MadeWork make_clock_read() {
  return MadeWork(std::make_unique<ClockRead>());
}

MadeWork make_byte_io() {
  UniqueFd source(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  if (!source) return errno_error(Fault::cell, "open /dev/zero");
  UniqueFd sink(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!sink) return errno_error(Fault::cell, "open /dev/null");
  return MadeWork(std::make_unique<ByteIo>(std::move(source), std::move(sink)));
}

MadeWork make_pread() {
  auto scratch = TRY(Scratch::make());
  auto work = std::make_unique<Pread>(std::move(scratch));
  TRY(work->make_file());
  TRY(work->open_file());
  return MadeWork(std::move(work));
}

MadeWork make_kill() {
  return MadeWork(std::make_unique<Kill>());
}

MadeWork make_open_close() {
  return make_file_work<OpenClose>();
}

MadeWork make_stat() {
  return make_file_work<Stat>();
}

MadeWork make_file_cycle() {
  return make_file_work<FileCycle>();
}

}  // namespace probebench::workload
