#include <cuttle/core/creation.h>
#include <cuttle/report/confusion_matrix.h>
#include <gtest/gtest.h>

#include "io/scratch.h"
#include "support/devices.h"

namespace cuttle {
namespace {

std::vector<int64_t> counts(const ConfusionMatrix& matrix) {
  return matrix.counts().to_vector<int64_t>();
}

TEST(ConfusionMatrix, CountsBatches) {
  ConfusionMatrix matrix({"cat", "dog", "ship"});
  matrix.update(tensor({0, 0, 1, 2}), tensor({0, 1, 1, 0}));
  matrix.update(tensor({0, 2}).to(int32), tensor({0, 2}));
  matrix.update(zeros({0}, int64), zeros({0}, int64));
  EXPECT_EQ(counts(matrix), (std::vector<int64_t>{2, 1, 0, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(matrix.total(0), 3);
  EXPECT_EQ(matrix.correct(0), 2);
  EXPECT_EQ(matrix.total(), 6);
  EXPECT_EQ(matrix.correct(), 4);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 4.0 / 6);
}

class ConfusionMatrixOf : public test::DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(ConfusionMatrixOf);

TEST_P(ConfusionMatrixOf, TakesLogits) {
  ConfusionMatrix matrix({"cat", "dog", "ship"});
  const Tensor logits =
      tensor({{0.1f, 3.f, 2.f}, {5.f, 5.f, 1.f}}).to(device());  // the first of equals
  matrix.update(tensor({2, 0}).to(device()), logits);
  EXPECT_EQ(counts(matrix), (std::vector<int64_t>{1, 0, 0, 0, 0, 0, 0, 1, 0}));
}

TEST(ConfusionMatrix, PrintsATable) {
  ConfusionMatrix matrix({"cat", "Hündchen", "ship"});
  matrix.update(tensor({0, 0, 0, 0, 1, 1, 1}), tensor({0, 1, 2, 2, 1, 1, 1}));
  EXPECT_EQ(matrix.table(),
            "class     examples  accuracy  most often taken for\n"
            "--------------------------------------------------\n"
            "cat              4    25.0 %  ship (50.0 %)\n"
            "Hündchen         3   100.0 %\n"
            "ship             0         -\n"
            "--------------------------------------------------\n"
            "all              7    57.1 %\n");
  EXPECT_EQ(ConfusionMatrix({"only"}).table(),
            "class  examples  accuracy  most often taken for\n"
            "-----------------------------------------------\n"
            "only          0         -\n"
            "-----------------------------------------------\n"
            "all           0         -\n");
  EXPECT_EQ(ConfusionMatrix({"only"}).accuracy(), 0);
}

TEST(ConfusionMatrix, RefusesWhatDoesNotFit) {
  ConfusionMatrix matrix({"cat", "dog"});
  EXPECT_ERROR(matrix.update(tensor({0, 1}), tensor({0, 2})),
               "predictions of 2 classes are 0 to 1, got 2");
  EXPECT_ERROR(matrix.update(tensor({-1}), tensor({0})), "targets of 2 classes are 0 to 1, got -1");
  EXPECT_ERROR(matrix.update(tensor({0, 1}), tensor({0})), "got [2] and [1]");
  EXPECT_ERROR(matrix.update(tensor({0}), zeros({1, 3})), "got [1] and [1, 3]");
  EXPECT_ERROR(matrix.update(tensor({0}), zeros({1})),
               "predictions are whole numbers, got float32");
  EXPECT_ERROR(ConfusionMatrix({}), "there is no class");
  EXPECT_EQ(matrix.total(), 0) << "nothing was counted";
}

}  // namespace
}  // namespace cuttle
