#include "random_state.h"

#include "../cuda.h"

namespace cuttle {

RandomState RandomState::capture() {
  RandomState state;
  std::vector<Device> devices{Device()};
  for (int i = 0; i < cuda::device_count(); ++i) devices.emplace_back(DeviceType::cuda, i);
  for (const Device& device : devices)
    state.states_.emplace_back(device, default_generator(device).get_state());
  return state;
}

void RandomState::restore() const {
  for (const auto& [device, state] : states_) default_generator(device).set_state(state);
}

}  // namespace cuttle
