// Summary messages, each with one value under a tag.
#pragma once

#include <string>
#include <string_view>

#include "histogram.h"
#include "protobuf.h"

namespace cuttle::tensorboard {

/// A Summary with one value: its tag, and the fields in `value`.
Message summary_of(std::string_view tag, const Message& value);
/// SummaryMetadata that names the page (plugin) that shows the value.
Message plugin_metadata(std::string_view plugin, const Message& content);

Message scalar_summary(std::string_view tag, double value);
Message histogram_summary(std::string_view tag, const Histogram& histogram);
/// `picture`: uint8 (H, W, C); stored as PNG.
Message image_summary(std::string_view tag, const Tensor& picture);
Message text_summary(std::string_view tag, std::string_view text);

}  // namespace cuttle::tensorboard
