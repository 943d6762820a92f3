// Goes on with schedules that PyTorch or this program left, for check_torch_schedules.py.
//     torch_schedules IN OUT
// IN: {"steps", "metrics", "runs": {NAME: {"optimizer", "scheduler"}}}; OUT: its "runs", each with
// a "trace".
#include "torch_schedules.h"

#include <iostream>

int main(int argc, char** argv) {
  using namespace cuttle;
  if (argc != 3) return 2;
  try {
    const Value in = load_value(argv[1]);
    Dict out;
    for (const auto& [key, run] : in["runs"].dict()) {
      const std::string& name = std::get<std::string>(key);
      out.set(name, test::go_on(name, run, in["metrics"], in["steps"].to_int()));
    }
    save(out, argv[2]);
    return 0;
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
