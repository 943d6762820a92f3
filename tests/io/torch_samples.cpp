// write DIR: writes DIR/sample.pt and DIR/large.pt, which check_torch.py reads with PyTorch.
// copy IN OUT: reads what PyTorch wrote and writes it again, so that Python can compare the two.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/io/serialization.h>
#include <cuttle/io/zip/zip_reader.h>
#include <cuttle/io/zip/zip_writer.h>

#include <cstdio>
#include <string>

namespace {

using namespace cuttle;

void write_sample(const std::filesystem::path& path) {
  const Tensor base = arange(24).to(float32);
  Dict dtypes{{"bool", arange(3) > 0}};
  for (const DType dtype : {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8})
    dtypes.set(std::string(dtype_name(dtype)), arange(3).to(dtype));
  save(
      Dict{{"base", base},
           {"view", base.view({4, 6}).narrow(1, 2, 3)},
           {"transposed", base.view({4, 6}).transpose(0, 1)},
           {"alone", arange(1000).narrow(0, 7, 2)},
           {"channels_last", arange(24).view({1, 2, 3, 4}).contiguous(MemoryFormat::channels_last)},
           {"dtypes", dtypes},
           {"scalar", full({}, 2.5)},
           {"empty", zeros({0, 3})},
           {"texts", Value::List{"größe", ""}},
           {"integers", Value::List{0, 256, -1, INT32_MIN, int64_t{1} << 40, INT64_MIN}},
           {"keys", Dict{{0, "zero"}, {-1, Value()}, {"flag", true}}},
           {"tuple", Tuple{{1, Tuple()}}}},
      path);
}

// The same with the zip's 64-bit fields, which otherwise only files beyond 4 GiB have.
void write_zip64(const std::filesystem::path& from, const std::filesystem::path& to) {
  const File source = File::open_for_reading(from);
  AtomicFile file(to);
  zip::Writer zip(file, /*largest=*/10);
  for (const zip::Member& member : zip::read_members(source)) {
    std::string bytes(member.size, '\0');
    source.read_at(member.begin, bytes.data(), bytes.size());
    zip.add(member.name, bytes);
  }
  zip.finish();
  file.commit();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  try {
    if (what == "write" && argc == 3) {
      const std::filesystem::path folder = argv[2];
      write_sample(folder / "sample.pt");
      write_zip64(folder / "sample.pt", folder / "large.pt");
      return 0;
    }
    if (what == "copy" && argc == 4) return save_value(load_value(argv[2]), argv[3]), 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  std::fprintf(stderr, "usage: %s write DIR | copy IN OUT\n", argv[0]);
  return 2;
}
