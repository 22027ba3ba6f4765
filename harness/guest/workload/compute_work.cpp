// SPDX-License-Identifier: MIT
// Work of the processor and its memory, with no system call for each operation.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "workload/work.h"

namespace probebench::workload {
namespace {

class CpuLoop : public Work {
 public:
  Status run(std::uint32_t operations) override {
    constexpr std::uint32_t kTurns = 250'000;
    auto state = state_;
    for (std::uint64_t i = 0; i < std::uint64_t{operations} * kTurns; ++i) state = next(state);
    state_ = state;
    return Done{};
  }

 private:
  // Marsaglia's xorshift: each turn needs the one before it, so none can be left out.
  static std::uint64_t next(std::uint64_t state) {
    state ^= state << 13U;
    state ^= state >> 7U;
    return state ^ (state << 17U);
  }
  volatile std::uint64_t state_ = 1;  // somebody might read it
};

class PageFault : public Work {
 public:
  Status run(std::uint32_t operations) override {
    for (std::uint32_t done = 0; done < operations; done += kPages) {
      TRY(touch(std::min(kPages, operations - done)));
    }
    return Done{};
  }

 private:
  // Mapped and unmapped for so many faults at once.
  static constexpr std::uint32_t kPages = 256;

  static Status touch(std::uint32_t pages) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto size = page * kPages;
    void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return errno_error(Fault::cell, "map memory");
    ::madvise(memory, size, MADV_NOHUGEPAGE);  // a kernel without huge pages refuses, and need not be asked
    auto* const bytes = static_cast<volatile char*>(memory);
    for (std::uint32_t i = 0; i < pages; ++i) bytes[i * page] = 1;
    ::munmap(memory, size);
    return Done{};
  }
};

// The page comes from where it was given back to, and needs no new page table: each operation is like the one
// before it.
class PageAlloc : public Work {
 public:
  static MadeWork make() {
    const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* const page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return errno_error(Fault::cell, "map a page of memory");
    return MadeWork(std::unique_ptr<Work>(new PageAlloc(page, size)));
  }
  PageAlloc(const PageAlloc&) = delete;
  PageAlloc& operator=(const PageAlloc&) = delete;
  ~PageAlloc() override { ::munmap(page_, size_); }

  Status run(std::uint32_t operations) override {
    for (std::uint32_t i = 0; i < operations; ++i) {
      if (::madvise(page_, size_, MADV_DONTNEED) != 0) return errno_error(Fault::cell, "give a page back");
      *static_cast<volatile char*>(page_) = 1;
    }
    return Done{};
  }

 private:
  PageAlloc(void* page, std::size_t size) : page_(page), size_(size) {}

  void* page_;
  std::size_t size_;
};

}  // namespace

MadeWork make_page_alloc() {
  return PageAlloc::make();
}

MadeWork make_page_fault() {
  return MadeWork(std::make_unique<PageFault>());
}

MadeWork make_cpu_loop() {
  return MadeWork(std::make_unique<CpuLoop>());
}

}  // namespace probebench::workload
