// ImageFolder: which files are whose, in which order, and what it says about a folder it cannot
// use.
#include <cuttle/core/creation.h>
#include <cuttle/data/image_folder.h>
#include <cuttle/io/image.h>

#include "io/scratch.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;
using testing::write_file;

class ImageFolderTest : public testing::ScratchTest {
 protected:
  void put(const std::string& name, uint8_t value = 0) const {
    fs::create_directories(path(name).parent_path());
    write_image(full({1, 2, 3}, value, {.dtype = uint8}), path(name));
  }
  void put_text(const std::string& name) const {
    fs::create_directories(path(name).parent_path());
    write_file(path(name), "no picture");
  }
  std::vector<std::string> names_of(const ImageFolder& folder) const {
    std::vector<std::string> names;
    for (const auto& sample : folder.samples()) {
      names.push_back(fs::relative(sample.path, path("")).string());
    }
    return names;
  }
};

TEST_F(ImageFolderTest, NumbersClassesAndSamplesAsTorchvisionDoes) {
  put("dog/b.png", 10);
  put("dog/a.jpg", 20);
  put("dog/B.PNG.png", 30);
  put("cat/deep/er/1.png", 40);
  put("cat/deep-1/1.png", 50);
  put("cat/z.jpeg", 60);
  put("Zebra/1.png", 70);
  put_text("dog/notes.txt");
  put_text("dog/.hidden");
  put_text("stray.png");  // belongs to no class
  const ImageFolder folder(path(""));
  EXPECT_EQ(folder.classes(), (std::vector<std::string>{"Zebra", "cat", "dog"}));
  EXPECT_EQ(folder.class_to_idx(),
            (std::map<std::string, int64_t>{{"Zebra", 0}, {"cat", 1}, {"dog", 2}}));
  EXPECT_EQ(names_of(folder), (std::vector<std::string>{
                                  "Zebra/1.png", "cat/z.jpeg", "cat/deep-1/1.png",
                                  "cat/deep/er/1.png", "dog/B.PNG.png", "dog/a.jpg", "dog/b.png"}));
  EXPECT_EQ(folder.targets(), (std::vector<int64_t>{0, 1, 1, 1, 2, 2, 2}));
  ASSERT_EQ(folder.size(), 7u);
  const auto [image, target] = folder.get(6);
  EXPECT_EQ(target, 2);
  EXPECT_EQ(image.shape(), Shape({3, 1, 2}));
  EXPECT_EQ(image.to_vector<float>(), std::vector<float>(6, 10 / 255.0f));
  EXPECT_ERROR((void)folder.get(7), "ImageFolder: there is no example 7, it has 7");
}

TEST_F(ImageFolderTest, TakesEveryEndingInCapitalsToo) {
  for (const std::string& ending : image_extensions()) put_text("class/a" + ending);
  put_text("class/b.JpG");
  put_text("class/c.txt");
  put_text("class/d.png.txt");
  const ImageFolder folder(path(""));
  EXPECT_EQ(folder.size(), image_extensions().size() + 1);
  EXPECT_ERROR((void)folder.get(0), "a.bmp: ");
}

TEST_F(ImageFolderTest, Options) {
  put("0/a.png", 9);
  put("0/b.png", 8);
  put("1/a.png", 7);
  const ImageFolder folder(
      path(""), Transform(),
      {.target_transform = [](int64_t target) { return 10 - target; },
       .loader = [](const fs::path& file) { return read_image(file, 1); },
       .is_valid_file = [](const fs::path& file) { return file.stem() == "a"; }});
  ASSERT_EQ(folder.size(), 2u);
  EXPECT_EQ(folder.get(1).target, 9);
  EXPECT_EQ(folder.targets()[1], 1);
  EXPECT_EQ(folder.get(1).image.shape(), Shape({1, 2, 1}));
  EXPECT_EQ(folder.get(1).image.to_vector<uint8_t>(), (std::vector<uint8_t>{7, 7}));
  EXPECT_EQ(ImageFolder(path(""), Transform()).get(0).image.shape(), Shape({1, 2, 3}));
}

TEST_F(ImageFolderTest, SaysWhatIsWrong) {
  EXPECT_ERROR(ImageFolder(path("absent")), "ImageFolder: there is no folder ");
  put("a.png");
  EXPECT_ERROR(ImageFolder(path("")), "there is no class folder in " + path("").string());
  EXPECT_ERROR(ImageFolder(path("a.png")), "there is no folder ");
  put("full/a.png");
  fs::create_directories(path("empty/deep"));
  put_text("text/a.txt");
  EXPECT_ERROR(ImageFolder(path("")),
               "for the classes empty, text; these endings are taken: .jpg,");
  const ImageFolder folder(path(""), ToTensor(), {.allow_empty = true});
  EXPECT_EQ(folder.classes().size(), 3u);
  EXPECT_EQ(folder.size(), 1u);
  EXPECT_ERROR(
      ImageFolder(path(""), ToTensor(), {.is_valid_file = [](const auto&) { return false; }}),
      "for the classes empty, full, text; set allow_empty");
}

TEST_F(ImageFolderTest, FollowsLinksButNotInACircle) {
  put("elsewhere/deep/1.png");
  fs::create_directories(path("root/class"));
  fs::create_directory_symlink(path("elsewhere"), path("root/linked"));
  fs::create_directory_symlink(path("elsewhere/deep"), path("root/class/link"));
  const ImageFolder folder(path("root"));
  EXPECT_EQ(folder.classes(), (std::vector<std::string>{"class", "linked"}));
  EXPECT_EQ(names_of(folder),
            (std::vector<std::string>{"elsewhere/deep/1.png", "elsewhere/deep/1.png"}));
  fs::create_directory_symlink(path("root/class"), path("root/class/again"));
  EXPECT_ERROR(ImageFolder(path("root")), "again lead in a circle");
}

}  // namespace
}  // namespace cuttle
