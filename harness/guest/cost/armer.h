// SPDX-License-Identifier: MIT
// What arms a user's probe: a way for each ProbeSource. Who destroys it disarms it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cost/hits.h"
#include "model/cost.h"

namespace probebench::cost {

class Keeper;

using Look = std::function<std::vector<ListedProbe>()>;

class Armer {
 public:
  virtual ~Armer() = default;

  // Returns when everything is armed. `look` is what the kernel lists, for those who have to wait for it.
  virtual Status arm(const Look& look) = 0;
  // Whatever reads the probe's records has read all of them, and does nothing until the next call. Returns
  // how many they were; 0 where they are not counted.
  virtual Result<std::uint64_t> drain() { return std::uint64_t{0}; }
  // Whether its reader said, since this was asked last, that it lost records. What it said until then is no
  // objection.
  virtual bool lost_records() { return false; }
  // Who counts the hits of what is new in the kernel's listings.
  virtual MadeHitCounter counter(const std::vector<ListedProbe>& listed) = 0;
  // Who counts them otherwise, where that one saw none; null: nobody.
  virtual MadeHitCounter other_counter(const std::vector<ListedProbe>&) {
    return std::unique_ptr<HitCounter>();
  }
  // What was armed, by name.
  virtual std::vector<std::string> description() const = 0;
  // Of what armed it, by its name.
  virtual std::map<std::string, std::string> versions() const { return {}; }
  // What its own processes took so far for reading records.
  virtual std::uint64_t reader_ns() const { return 0; }
  virtual Status disarm() = 0;
  // What it said of itself that makes its cost wrong; after disarm().
  virtual std::string objection() const { return {}; }
};

// Nothing is armed yet. `keeper` is told of processes that the armer starts; null: the machine goes with us.
Result<std::unique_ptr<Armer>> make_armer(const CostPlan& plan, const Keeper* keeper = nullptr);

std::unique_ptr<Armer> make_bpf_object(const CostPlan& plan);
std::unique_ptr<Armer> make_module_probe(const CostPlan& plan);
std::unique_ptr<Armer> make_tracefs_setup(const CostPlan& plan);
std::unique_ptr<Armer> make_command_probe(const CostPlan& plan, const Keeper* keeper);

}  // namespace probebench::cost
