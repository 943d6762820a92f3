// Writes DIR/sample.safetensors, which check_safetensors.py reads with the format's own library.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/io/serialization.h>

#include <cstdio>

int main(int argc, char** argv) {
  using namespace cuttle;
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  save({{"weight", arange(24).to(float32).reshape({2, 3, 4})},
        {"double", tensor<double>({0.1, -1e300})},
        {"steps", tensor<int64_t>({int64_t{1} << 62})},
        {"small", tensor<int32_t>({-5})},
        {"bytes", tensor<uint8_t>({1, 2, 255})},
        {"flags", arange(3) > 0},
        {"scalar", full({}, 2.5)},
        {"empty", zeros({0, 3})},
        {"größe", ones({1})}},
       folder / "sample.safetensors", {{"note", "grüße"}});
  return 0;
}
