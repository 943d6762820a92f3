// Looks the address up in the block's shared memory and among the device's allocations.
#include "address.h"

#include "../execution/multiprocessor.h"
#include "../runtime/device_memory.h"

namespace cuttle::simt {

std::string describe_address(const void* address) {
  if (Multiprocessor* running = Multiprocessor::current()) {
    const std::string shared = running->memory().describe_near(address);
    if (!shared.empty()) return shared;
  }
  const Allocation* allocation = DeviceMemory::instance().find(address);
  if (!allocation || allocation->kind != Allocation::Kind::device) return "";
  return "byte " + std::to_string(static_cast<const char*>(address) - allocation->start()) +
         " of " + std::to_string(allocation->bytes) + " bytes of device memory";
}

}  // namespace cuttle::simt
