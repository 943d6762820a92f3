// Reads pictures for check_pillow.py. The arguments are names of files; for each, a line on
// standard output, "HEIGHT WIDTH CHANNELS", and the pixels, or "error SENTENCE".
#include <cuttle/io/image.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  using namespace cuttle;
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CHANNELS FILE...\n", argv[0]);
    return 2;
  }
  for (int i = 2; i < argc; ++i) {
    try {
      const Tensor image = read_image(argv[i], std::atoi(argv[1]));
      std::printf("%d %d %d\n", static_cast<int>(image.size(0)), static_cast<int>(image.size(1)),
                  static_cast<int>(image.size(2)));
      std::fwrite(image.raw_data(), 1, static_cast<size_t>(image.numel()), stdout);
    } catch (const Error& error) {
      std::printf("error %s\n", error.what());
    }
  }
  return 0;
}
