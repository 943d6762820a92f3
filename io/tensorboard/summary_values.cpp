#include "summary_values.h"

#include "../image.h"

namespace cuttle::tensorboard {

// Summary: value = 1. Value: tag = 1, simple_value = 2, image = 4, histo = 5, tensor = 8,
// metadata = 9.
Message summary_of(std::string_view tag, const Message& value) {
  return Message().bytes(1, Message().bytes(1, tag).str() + value.str());
}

// SummaryMetadata: plugin_data = 1. PluginData: plugin_name = 1, content = 2.
Message plugin_metadata(std::string_view plugin, const Message& content) {
  return Message().message(1, Message().bytes(1, plugin).message(2, content));
}

Message scalar_summary(std::string_view tag, double value) {
  return summary_of(tag, Message().float32(2, static_cast<float>(value)));
}

// HistogramProto: min, max, num, sum, sum_squares = 1…5, bucket_limit = 6, bucket = 7.
Message histogram_summary(std::string_view tag, const Histogram& histogram) {
  Message message;
  message.float64(1, histogram.min).float64(2, histogram.max).float64(3, histogram.num);
  message.float64(4, histogram.sum).float64(5, histogram.sum_squares);
  message.float64s(6, histogram.limits).float64s(7, histogram.counts);
  return summary_of(tag, Message().message(5, message));
}

// Image: height = 1, width = 2, colorspace = 3 (the number of channels), encoded_image_string = 4.
Message image_summary(std::string_view tag, const Tensor& picture) {
  Message image;
  image.integer(1, picture.size(0)).integer(2, picture.size(1)).integer(3, picture.size(2));
  image.bytes(4, encode_png(picture));
  return summary_of(tag, Message().message(4, image));
}

// TensorProto: dtype = 1 (DT_STRING = 7), tensor_shape = 2 (dim = 2 with size = 1), string_val = 8.
Message text_summary(std::string_view tag, std::string_view text) {
  Message shape, tensor;
  shape.message(2, Message().integer(1, 1));
  tensor.integer(1, 7).message(2, shape).bytes(8, text);
  Message value;
  value.message(8, tensor).message(9, plugin_metadata("text", {}));
  return summary_of(std::string(tag) + "/text_summary", value);
}

}  // namespace cuttle::tensorboard
