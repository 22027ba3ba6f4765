// SPDX-License-Identifier: MIT
#include "wire/environment_json.h"

namespace probebench::wire {

Json json_of_environment(const Environment& environment) {
  Json capabilities = Json::array();
  for (const auto capability : environment.capabilities) capabilities.push_back(info_of(capability).name);
  return {{"tsc_khz", environment.tsc_khz}, {"capabilities", capabilities}, {"facts", environment.facts}};
}

Environment environment_from(const Json& value) {
  Environment environment;
  read_whole(value, "tsc_khz", environment.tsc_khz);
  value.at("facts").get_to(environment.facts);
  for (const auto& name : value.at("capabilities")) {
    environment.capabilities.push_back(id_from(kCapabilities, name));
  }
  return environment;
}

}  // namespace probebench::wire
