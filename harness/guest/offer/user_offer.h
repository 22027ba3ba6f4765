// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "offer/offer.h"

namespace probebench {

// Adds what user space can attach by itself, without the helper module.
// Whether loops in user space can read the PMU; the module has its own way.
void add_counter_offer(Offer& offer);

void add_user_offer(Offer& offer, const std::filesystem::path& root = "/");

// Why a kernel takes no module of ours, asked with a descriptor that is none: ENOSYS where modules are
// compiled out, EPERM where they are forbidden, EBADF where only the module is missing.
Error module_refusal();

}  // namespace probebench
