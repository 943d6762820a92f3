// Warnings: what is allowed and probably not meant.
#pragma once

#include <functional>
#include <string>

namespace cuttle {

/// Takes a warning's sentence.
using WarningHandler = std::function<void(const std::string& sentence)>;

/// Warnings go to `handler` from now on, from any thread; an empty one brings back the default,
/// which prints each sentence to the standard error stream the first time.
void set_warning_handler(WarningHandler handler);

/// Tells the user through the handler.
void warn(const std::string& sentence);

}  // namespace cuttle
