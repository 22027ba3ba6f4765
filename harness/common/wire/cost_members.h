// SPDX-License-Identifier: MIT
// What `cost` asks and is told, as JSON: on the wire, and in cost.json.
#pragma once

#include "model/cost.h"
#include "wire/members.h"

namespace probebench::wire {

template <>
inline constexpr auto& kRows<SiteArming> = kSiteArmings;
template <>
inline constexpr auto& kRows<CostOperation> = kCostOperations;

template <>
inline constexpr auto kMembers<TracefsLine> = std::tuple(member("file", &TracefsLine::file),
                                                         member("line", &TracefsLine::line));

template <>
inline constexpr auto kMembers<CostPlan> =
    std::tuple(member("workload", &CostPlan::workload), member("program", &CostPlan::program),
               member("source", &CostPlan::source), member("file", &CostPlan::file),
               member("parameters", &CostPlan::parameters), member("setup", &CostPlan::setup),
               member("command", &CostPlan::command), member("rounds", &CostPlan::rounds),
               member("paths", &CostPlan::paths));

template <>
inline constexpr auto kMembers<ArmedText> = std::tuple(member<Text>("place", &ArmedText::place),
                                                       member<Address>("address", &ArmedText::address),
                                                       member("arming", &ArmedText::arming),
                                                       member("before", &ArmedText::before),
                                                       member("armed", &ArmedText::armed),
                                                       member("after", &ArmedText::after));

template <>
inline constexpr auto kMembers<ListedProbe> = std::tuple(member("listing", &ListedProbe::listing),
                                                         member("line", &ListedProbe::line));

template <>
inline constexpr auto kMembers<ProbeHits> = std::tuple(member("probe", &ProbeHits::probe),
                                                       member("counted_by", &ProbeHits::counted_by),
                                                       member("hits", &ProbeHits::hits),
                                                       member("run_ns", &ProbeHits::run_ns));

template <>
inline constexpr auto kMembers<ReaderCost> = std::tuple(member("events", &ReaderCost::events),
                                                        member("cpu_ns", &ReaderCost::cpu_ns));

template <>
inline constexpr auto kMembers<PairTicks> = std::tuple(member("n", &PairTicks::n),
                                                       member("twice_n", &PairTicks::twice_n));

template <>
inline constexpr auto kMembers<SourceLine> = std::tuple(member<Address>("address", &SourceLine::address),
                                                        member("file", &SourceLine::file),
                                                        member("line", &SourceLine::line),
                                                        member("text", &SourceLine::text));

template <>
inline constexpr auto kKind<ProbeCost> = "cost";
template <>
inline constexpr auto kMembers<ProbeCost> = std::tuple(
    member("workload", &ProbeCost::workload), member("source", &ProbeCost::source),
    member("operation", &ProbeCost::operation), member("operations", &ProbeCost::operations),
    member("armed_operations", &ProbeCost::armed_operations), member("base_per_op", &ProbeCost::base_per_op),
    member("armed_per_op", &ProbeCost::armed_per_op), member("base_after", &ProbeCost::base_after),
    member("base_windows", &ProbeCost::base_windows), member("armed_windows", &ProbeCost::armed_windows),
    member("armings", &ProbeCost::armings), member("interrupts_per_op", &ProbeCost::interrupts_per_op),
    member("hits", &ProbeCost::hits), member("sites", &ProbeCost::sites),
    member("listed", &ProbeCost::listed), member("armed", &ProbeCost::armed),
    member("reader", &ProbeCost::reader), member("versions", &ProbeCost::versions),
    member("loops", &ProbeCost::loops), member("source_lines", &ProbeCost::source_lines),
    member("status", &ProbeCost::status), member<Text>("reason", &ProbeCost::reason),
    member("wrong_input", &ProbeCost::wrong_input));

}  // namespace probebench::wire
