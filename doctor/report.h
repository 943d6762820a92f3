// What `cuttle doctor` prints.
#pragma once

#include <ostream>

#include "judge.h"

namespace cuttle::doctor {

/// A table of the facts.
void print(std::ostream& out, const Facts& facts);
/// The findings, each with its mend; a sentence where there are none.
void print(std::ostream& out, const Findings& findings);

/// Probes, judges and prints. Returns the exit status: 1 where there is a problem, else 0.
int run(std::ostream& out);

}  // namespace cuttle::doctor
