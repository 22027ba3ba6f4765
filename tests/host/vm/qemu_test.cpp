// SPDX-License-Identifier: MIT
#include "vm/qemu.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <map>

#include "kernels_fixture.h"
#include "vm/guest_text.h"
#include "vm/initramfs.h"

namespace probebench::vm {
namespace {

using kernels::FakePrograms;
using Lines = std::vector<std::string>;

TEST(LineSplitter, HandsOutOnlyCompleteLines) {
  LineSplitter splitter(100);
  EXPECT_EQ(splitter.feed("one\ntw"), Lines{"one"});
  EXPECT_EQ(splitter.feed("o\r\n\nthree"), (Lines{"two", ""}));
  EXPECT_EQ(splitter.feed(""), Lines{});
  EXPECT_EQ(splitter.feed("\n"), Lines{"three"});
}

TEST(LineSplitter, KeepsNoMoreOfALineThanShowsThatItIsTooLong) {
  LineSplitter splitter(5);
  EXPECT_EQ(splitter.feed("12345\n"), Lines{"12345"});
  EXPECT_EQ(splitter.feed("1234567"), Lines{"123456"});
  EXPECT_EQ(splitter.feed(std::string(1 << 20, 'A')), Lines{});
  EXPECT_EQ(splitter.feed("A\nnext\n"), Lines{"next"});
}

TEST(GuestLog, SeesThePanicAndKeepsTheLastLines) {
  const TemporaryDirectory directory;
  const auto path = directory.write("guest.log", "of an earlier run\n");
  auto log = GuestLog::create(path);
  ASSERT_TRUE(log) << log.error().message();
  EXPECT_FALSE(log->follow());
  std::string text;
  for (int i = 0; i < 60; ++i) text += "line " + std::to_string(i) + "\n";
  ASSERT_TRUE(write_setting(path, text + "[ 1.0] Kernel pan"));
  EXPECT_TRUE(log->follow());
  EXPECT_EQ(log->panic_line(), "");
  ASSERT_TRUE(
      write_setting(path, text + "[ 1.0] Kernel panic - not syncing: Attempted to kill init!\nlast\n"));
  EXPECT_TRUE(log->follow());
  EXPECT_EQ(log->panic_line(), "[ 1.0] Kernel panic - not syncing: Attempted to kill init!");
  EXPECT_EQ(log->last_lines().size(), 40u);
  EXPECT_EQ(log->last_lines().back(), "last");
}

TEST(GuestLog, NamesTheFileThatCannotBeCreated) {
  const auto log = GuestLog::create("/proc/none/guest.log");
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message().find("/proc/none/guest.log"), std::string::npos);
}

TEST(Ldd, ReadsLibrariesAndInterpreter) {
  const auto shared = parse_ldd(
      "\tlinux-vdso.so.1 (0x00007ffd)\n"
      "\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f)\n"
      "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n"
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n",
      "agent");
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->interpreter, "/lib64/ld-linux-x86-64.so.2");
  ASSERT_EQ(shared->libraries.size(), 2u);
  EXPECT_EQ(shared->libraries[0].filename(), "libc.so.6");
}

TEST(Ldd, AMissingLibraryIsNamed) {
  const auto shared = parse_ldd("\tlibgone.so.1 => not found\n", "agent");
  ASSERT_FALSE(shared);
  EXPECT_NE(shared.error().what.find("libgone.so.1"), std::string::npos);
}

// As the loader of another release's packages lists it: it names itself where it lies.
TEST(Ldd, KeepsTheLoaderThatAnotherRootHas) {
  const auto shared = parse_ldd(
      "\tlinux-vdso.so.1 (0x00007ffd)\n"
      "\tlibc.so.6 => /root/usr/lib/x86_64-linux-gnu/libc.so.6 (0x00007f01)\n"
      "\t/lib64/ld-linux-x86-64.so.2 => /root/usr/lib64/ld-linux-x86-64.so.2 (0x00007f02)\n",
      "bpftrace");
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->interpreter, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_EQ(shared->loader, "/root/usr/lib64/ld-linux-x86-64.so.2");
  EXPECT_EQ(shared->libraries, std::vector<fs::path>{"/root/usr/lib/x86_64-linux-gnu/libc.so.6"});
}

TEST(LoaderVersion, IsTheReleaseOfItsLibrary) {
  EXPECT_EQ(parse_loader_version("ld.so (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\nCopy"),
            std::pair(2, 36));
  EXPECT_LT(std::pair(2, 36), parse_loader_version("ld.so (GNU libc) stable release version 2.41."));
  EXPECT_EQ(parse_loader_version("nothing of the kind"), std::pair(0, 0));
}

struct Member {
  unsigned mode = 0;
  std::string content;
  dev_t device = 0;
  time_t mtime = -1;
};

std::map<std::string, Member> unpack(const std::string& bytes) {
  std::map<std::string, Member> members;
  archive* reader = archive_read_new();
  archive_read_support_format_cpio(reader);
  EXPECT_EQ(archive_read_open_memory(reader, bytes.data(), bytes.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
    Member member{archive_entry_mode(entry),
                  std::string(static_cast<std::size_t>(archive_entry_size(entry)), '\0'),
                  archive_entry_rdev(entry), archive_entry_mtime(entry)};
    archive_read_data(reader, member.content.data(), member.content.size());
    members[archive_entry_pathname(entry)] = member;
  }
  EXPECT_STREQ(archive_format_name(reader), "ASCII cpio (SVR4 with no CRC)");
  archive_read_free(reader);
  return members;
}

TEST(Arm64, HasABoardAClockAndARecordsPortOfItsOwn) {
  QemuSetup setup;
  setup.arch = ArchId::arm64;
  const auto argv = qemu_command(setup);
  EXPECT_EQ(argv.front(), "qemu-system-aarch64");
  const auto has = [&](const std::string& word) { return std::ranges::find(argv, word) != argv.end(); };
  EXPECT_TRUE(has("virt,accel=tcg"));
  EXPECT_TRUE(has("max,cntfrq=1000000000,pmu=off"));
  EXPECT_TRUE(has("pci-serial,chardev=port3"));
  const auto line = guest_command_line(setup);
  EXPECT_NE(line.find("console=ttyAMA0 "), std::string::npos);
  EXPECT_NE(line.find("randomize_kstack_offset=off"), std::string::npos);
  for (const char* of_x86 : {"ttyS0", "reboot=t", "tsc=", "lapic"}) {
    EXPECT_EQ(line.find(of_x86), std::string::npos) << of_x86;
  }
  EXPECT_EQ(qemu_facts(setup).at("arch"), "arm64");
  EXPECT_FALSE(qemu_facts(QemuSetup{}).contains("arch"));
  setup.cpu = "neoverse-n1";
  EXPECT_EQ(qemu_facts(setup).at("qemu.cpu_model"), "neoverse-n1,cntfrq=1000000000,pmu=off");
}

// What is found without running anything is what the loader of this machine finds.
TEST(Initramfs, LibrariesAreFoundInTheProgramsThemselves) {
  const auto asked = shared_libraries("/bin/true");
  const auto read = shared_libraries_of(ArchId::x86_64, "/bin/true", "/");
  ASSERT_TRUE(asked && read);
  EXPECT_EQ(read->interpreter, asked->interpreter);
  const auto names = [](const SharedLibraries& all) {
    std::vector<std::string> found;
    for (const auto& one : all.libraries) found.push_back(one.filename());
    return found;
  };
  EXPECT_EQ(names(*read), names(*asked));
  EXPECT_FALSE(shared_libraries_of(ArchId::arm64, "/bin/true", "/nowhere"));
}

TEST(Initramfs, HoldsAgentLibrariesModuleAndPlan) {
  const TemporaryDirectory directory;
  const auto module = directory.write("m.ko", "a module");
  const auto bytes = make_initramfs({"/bin/true", module, "{\"cells\":[]}"});
  ASSERT_TRUE(bytes) << bytes.error().message();
  const auto members = unpack(*bytes);
  EXPECT_EQ(members.at("init").content, *read_file("/bin/true"));
  EXPECT_EQ(members.at("init").mode, static_cast<unsigned>(AE_IFREG | 0755));
  EXPECT_EQ(members.at("probebench.ko").content, "a module");
  EXPECT_EQ(members.at("plan.json").content, "{\"cells\":[]}");
  EXPECT_EQ(members.at("lib64/ld-linux-x86-64.so.2").content, *read_file("/lib64/ld-linux-x86-64.so.2"));
  EXPECT_TRUE(members.contains("lib/x86_64-linux-gnu/libc.so.6"));
  EXPECT_EQ(members.at("dev/console").mode, static_cast<unsigned>(AE_IFCHR | 0600));
  EXPECT_EQ(members.at("dev/console").device, makedev(5, 1));
  for (const char* name : {"dev", "proc", "sys", "tmp"}) {
    EXPECT_EQ(members.at(name).mode, static_cast<unsigned>(AE_IFDIR | 0755)) << name;
  }
  EXPECT_TRUE(std::ranges::all_of(members, [](const auto& member) { return member.second.mtime == 0; }));
}

TEST(Initramfs, SameContentsGiveSameBytes) {
  const TemporaryDirectory directory;
  const InitramfsContents contents{"/bin/true", directory.write("m.ko", "a"), "{}"};
  EXPECT_EQ(*make_initramfs(contents), *make_initramfs(contents));
}

TEST(Initramfs, LeavesWhatIsTheUsersToADisk) {
  const TemporaryDirectory directory;
  InitramfsContents contents{"/bin/true", directory.write("m.ko", "a"), "{}"};
  contents.programs = {{"/bin/ls", "command/ls"}};  // it needs libselinux, which true does not
  contents.files = {{directory.write("data", "some"), "data"}};
  const auto archive = unpack(*make_initramfs(contents));
  const auto with_disk = unpack(*make_initramfs(contents, true));
  const auto files = guest_files(contents);
  ASSERT_TRUE(files) << files.error().message();
  std::vector<std::string> places;
  for (const auto& file : files->users) {
    places.push_back(file.place);
    EXPECT_TRUE(archive.contains(file.place)) << file.place;
    EXPECT_FALSE(with_disk.contains(file.place)) << file.place;
  }
  EXPECT_THAT(places, testing::IsSupersetOf({"lib/x86_64-linux-gnu/libselinux.so.1", "command/ls", "data"}));
  EXPECT_THAT(places, testing::Not(testing::Contains("lib/x86_64-linux-gnu/libc.so.6"))) << "the agent's";
  EXPECT_TRUE(with_disk.contains("lib/x86_64-linux-gnu/libc.so.6"));
  EXPECT_TRUE(with_disk.contains("carried")) << "where the disk is mounted";
  EXPECT_FALSE(archive.contains("carried"));
}

TEST(Initramfs, NamesWhatIsMissing) {
  const TemporaryDirectory directory;
  const auto module = directory.write("m.ko", "");
  EXPECT_NE(make_initramfs({"/no/agent", module, ""}).error().what.find("/no/agent"), std::string::npos);
  EXPECT_NE(make_initramfs({"/bin/true", "/no/module.ko", ""}).error().what.find("/no/module.ko"),
            std::string::npos);
}

bool has_pair(const Lines& argv, const std::string& option, const std::string& value) {
  const auto found = std::ranges::find(argv, option);
  return found != argv.end() && *std::next(found) == value;
}

TEST(Qemu, ReadsADiskByItsDescriptorAlone) {
  QemuSetup setup;
  const auto without = qemu_command(setup);
  EXPECT_EQ(std::ranges::count(without, "-blockdev"), 0);
  setup.disk = true;
  const auto argv = qemu_command(setup);
  EXPECT_TRUE(has_pair(argv, "-device", "nvme,serial=carried,drive=carried"));
  const auto drive = *std::next(std::ranges::find(argv, "-blockdev"));
  EXPECT_NE(drive.find("file.filename=/dev/fdset/13"), std::string::npos) << drive;
  EXPECT_NE(drive.find("read-only=on"), std::string::npos) << drive;
  EXPECT_NE(guest_command_line(setup).find("nvme_core.io_timeout="), std::string::npos);
  EXPECT_EQ(qemu_facts(setup).at("guest.carried"), "disk");
}

TEST(Qemu, EmulationCountsInstructionsDeterministically) {
  QemuSetup setup;
  setup.kernel_args = "mitigations=off";
  const auto argv = qemu_command(setup);
  EXPECT_TRUE(has_pair(argv, "-icount", "shift=0,sleep=off"));
  EXPECT_TRUE(has_pair(argv, "-seed", "1"));
  EXPECT_TRUE(has_pair(argv, "-cpu", "max"));
  EXPECT_TRUE(has_pair(argv, "-machine", "pc,accel=tcg"));
  EXPECT_TRUE(
      has_pair(argv, "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));
  EXPECT_TRUE(has_pair(argv, "-kernel", "/proc/self/fd/5"));
  EXPECT_TRUE(has_pair(argv, "-initrd", "/proc/self/fd/6"));
  // The console is the first serial port, records leave by the second.
  const auto log = std::ranges::find(argv, "chardev:port4");
  const auto records = std::ranges::find(argv, "chardev:port3");
  ASSERT_NE(records, argv.end());
  EXPECT_LT(log, records);
  EXPECT_TRUE(guest_command_line(setup).ends_with(" nolapic_timer mitigations=off"));
  EXPECT_EQ(qemu_facts(setup).at("qemu.icount"), "shift=0,sleep=off");
}

TEST(Qemu, OnlyEmulatedInstructionsAreCounted) {
  QemuSetup setup;
  setup.clock = ClockKind::emulated_time;
  EXPECT_EQ(std::ranges::count(qemu_command(setup), "-icount"), 0);
  EXPECT_EQ(qemu_facts(setup).at("qemu.icount"), "off");
  setup.kvm = true;
  setup.clock = ClockKind::tsc;
  const auto argv = qemu_command(setup);
  EXPECT_EQ(std::ranges::count(argv, "-icount"), 0);
  EXPECT_TRUE(has_pair(argv, "-cpu", "host"));
  EXPECT_TRUE(has_pair(argv, "-name", "guest,debug-threads=on"));  // or no CPU of the guest's is found
  EXPECT_EQ(guest_command_line(setup).find("nolapic_timer"), std::string::npos);
  EXPECT_NE(guest_command_line(setup).find("loglevel=6 "), std::string::npos);
}

// As 7.2 and 10.0 print it.
TEST(Qemu, KnowsItsCpuModels) {
  const auto* before =
      "Available CPUs:\nx86 486                   (alias configured by machine type)\n"
      "x86 EPYC-v1               AMD EPYC Processor\nx86 max                   Enables all\n\n"
      "Recognized CPUID flags:\n  3dnow 3dnowext\n";
  const auto* after =
      "Available CPUs:\n  486                   (alias configured by machine type)\n"
      "  max                   Enables all\n\nRecognized CPUID flags:\n  3dnow\n";
  EXPECT_EQ(listed_cpus(before), (Lines{"486", "EPYC-v1", "max"}));
  EXPECT_EQ(listed_cpus(after), (Lines{"486", "max"}));
}

TEST(Qemu, AnUnknownCpuModelIsAUsageErrorWithTheNearest) {
  const FakePrograms programs;
  programs.hide_all_others();
  programs.add("qemu-system-x86_64", "printf 'Available CPUs:\n  EPYC-Milan  AMD\n  max  all\n'");
  EXPECT_TRUE(check_cpu(""));
  EXPECT_TRUE(check_cpu("max,-fsrm"));
  const auto refused = check_cpu("EPYC-Milam,-fsrm");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::usage);
  EXPECT_EQ(
      refused.error().message(),
      "--cpu EPYC-Milam,-fsrm: this QEMU has no such CPU model, of 2 that it has; did you mean EPYC-Milan?");
}

TEST(Qemu, TheModelThatWasAskedForIsTheFact) {
  QemuSetup setup;
  setup.cpu = "EPYC,-fsrm";
  EXPECT_TRUE(has_pair(qemu_command(setup), "-cpu", "EPYC,-fsrm"));
  EXPECT_EQ(qemu_facts(setup).at("qemu.cpu_model"), "EPYC,-fsrm");
}

TEST(Qemu, MissingOrBrokenIsOneLineWithTheRemedy) {
  const FakePrograms programs;
  programs.hide_all_others();
  EXPECT_EQ(qemu_version().error().message(),
            "qemu-system-x86_64 not found; apt-get install qemu-system-x86");
  programs.add("qemu-system-x86_64", "echo 'cannot load libfdt'\necho more\nexit 1");
  EXPECT_NE(qemu_version().error().what.find("cannot load libfdt"), std::string::npos);
  programs.add("qemu-system-x86_64", "echo 'QEMU emulator version 9'\necho more");
  EXPECT_EQ(*qemu_version(), "QEMU emulator version 9");
}

TEST(Qemu, RecordsPathsOnlyWhenAsked) {
  QemuSetup setup;
  EXPECT_EQ(std::ranges::count(qemu_command(setup), "-plugin"), 0);
  EXPECT_FALSE(qemu_facts(setup).contains("qemu.plugin"));
  setup.paths = {"/a,b/path-plugin-1.so", "/c,d/paths.txt"};
  EXPECT_TRUE(has_pair(qemu_command(setup), "-plugin", "/proc/self/fd/7,fd=8"));
  EXPECT_EQ(qemu_facts(setup).at("qemu.plugin"), "path-plugin-1");
}

std::string words_of(const QemuSetup& setup) {
  return fmt::format("{}", fmt::join(qemu_command(setup), " "));
}

TEST(Qemu, AGuestThatIsSavedHasAMonitorAndOneThatIsRestoredAPlan) {
  QemuSetup setup;
  const auto booted = words_of(setup);
  EXPECT_EQ(qemu_facts(setup).at("guest.start"), "booted");
  setup.start = Start::boot_to_save;
  EXPECT_EQ(words_of(setup), booted + " -chardev socket,id=monitor,fd=9 -mon chardev=monitor,mode=control");
  setup.start = Start::restore;
  EXPECT_EQ(words_of(setup), booted +
                                 " -incoming fd:10 -fw_cfg name=opt/org.probebench/plan,file=/proc/self/fd/11"
                                 " -fw_cfg name=opt/org.probebench/files,file=/proc/self/fd/12");
  EXPECT_EQ(qemu_facts(setup).at("guest.start"), "restored after its boot");
}

// QEMU 7.2 and 10.0 word it so.
constexpr const char* kTooNew =
    "qemu: Could not load plugin x: plugin requires API version 3, but this QEMU supports only up to version "
    "1";
constexpr const char* kTaken = "probebench path plugin: built for version 1, QEMU has 0 to 1";

TEST(PathPlugin, TheNewestBuildThatQemuTakesIsUsed) {
  const FakePrograms programs;
  programs.add("qemu-system-x86_64", std::string("case \"$*\" in *path-plugin-1.so*) echo '") + kTaken +
                                         "';; *) echo '" + kTooNew + "';; esac; exit 1");
  const auto plugin = find_path_plugin("/built");
  ASSERT_TRUE(plugin);
  EXPECT_EQ(*plugin, "/built/path-plugin-1.so");
  programs.add("qemu-system-x86_64", std::string("echo '") + kTaken + "'; exit 1");
  EXPECT_EQ(*find_path_plugin("/built"), "/built/path-plugin-3.so");
}

TEST(PathPlugin, AQemuWithoutPluginsIsNamedWithTheRemedy) {
  const FakePrograms programs;
  for (const auto* said : {"qemu-system-x86_64: -plugin: invalid option", kTooNew}) {
    programs.add("qemu-system-x86_64", std::string("echo '") + said + "'; exit 1");
    const auto plugin = find_path_plugin("/built");
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().fault, Fault::infra);
    EXPECT_NE(plugin.error().message().find(said), std::string::npos);
    EXPECT_NE(plugin.error().message().find("TCG plugins"), std::string::npos);
  }
}

TEST(AccelVerdict, RemembersPerHostQemuAndGuest) {
  const TemporaryDirectory directory;
  const AccelKey key{"6.18", "QEMU 7.2", "6.12"};
  EXPECT_FALSE(kvm_refusal(directory.path(), key));
  ASSERT_TRUE(remember_kvm_refusal(directory.path(), key, "no record within 10 s"));
  EXPECT_EQ(kvm_refusal(directory.path(), key), "no record within 10 s");
  EXPECT_FALSE(kvm_refusal(directory.path(), {"6.18", "QEMU 8.0", "6.12"}));
  ASSERT_TRUE(forget_kvm_refusal(directory.path(), key));
  EXPECT_FALSE(kvm_refusal(directory.path(), key));
  directory.write("kvm-refusals.json", "[");
  EXPECT_FALSE(kvm_refusal(directory.path(), key));
}

}  // namespace

}  // namespace probebench::vm
