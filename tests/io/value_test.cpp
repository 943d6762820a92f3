// Value and Dict: what goes in comes out, and the sentences where it is something else.
#include <cuttle/core/creation.h>
#include <cuttle/core/value.h>

#include <limits>

#include "scratch.h"

namespace cuttle {
namespace {

TEST(Value, KnowsWhatItIs) {
  EXPECT_TRUE(Value().is_none());
  EXPECT_TRUE(Value(true).is_bool());
  EXPECT_TRUE(Value(1).is_int());
  EXPECT_TRUE(Value(1.f).is_double());
  EXPECT_TRUE(Value("text").is_string());
  EXPECT_TRUE(Value(ones({1})).is_tensor());
  EXPECT_TRUE(Value(Value::List{1, "a"}).is_list());
  EXPECT_TRUE(Value(Tuple{{1, 2}}).is_tuple());
  EXPECT_TRUE(Value(Dict{{"a", 1}}).is_dict());
  EXPECT_TRUE(Value(StateDict{{"w", ones({1})}}).is_dict());
}

TEST(Value, GivesItBack) {
  EXPECT_EQ(Value(std::numeric_limits<int64_t>::min()).to_int(), INT64_MIN);
  EXPECT_EQ(Value(0.1).to_double(), 0.1);
  EXPECT_EQ(Value(3).to_double(), 3);
  EXPECT_EQ(Value(true).to_double(), 1);
  EXPECT_EQ(Value(full({1}, 2.5)).to_double(), 2.5);
  EXPECT_EQ(Value("größe").to_string(), "größe");
  const Tensor tensor = ones({2});
  EXPECT_TRUE(Value(tensor).to_tensor().is_same(tensor));
  const Value nested = Dict{{"list", Value::List{1, Dict{{2, "two"}}}}, {"pair", Tuple{{0.5, 1}}}};
  EXPECT_EQ(nested["list"][1][2].to_string(), "two");
  EXPECT_EQ(nested["pair"][0].to_double(), 0.5);
}

TEST(Value, KeepsTheOrderOfKeys) {
  Dict dict{{"z", 1}, {7, 2}, {"a", 3}};
  dict.set("a", 4);
  dict.set(-1, 5);
  std::vector<std::string> keys;
  for (const auto& [key, value] : dict) keys.push_back(to_text(key));
  EXPECT_EQ(keys, (std::vector<std::string>{"\"z\"", "7", "\"a\"", "-1"}));
  EXPECT_EQ(dict.at("a").to_int(), 4);
  EXPECT_EQ(dict.find("7"), nullptr);  // a string is not the number
}

TEST(Value, IsAStateDict) {
  const Tensor weight = ones({2});
  const StateDict tensors = Value(StateDict{{"weight", weight}, {"bias", zeros({1})}});
  EXPECT_EQ(tensors.size(), 2u);
  EXPECT_TRUE(tensors.at("weight").is_same(weight));
  EXPECT_ERROR(Value(Dict{{"epoch", 3}}).to_state_dict(),
               "expected a dictionary of names and tensors; \"epoch\" is a whole number");
  EXPECT_ERROR(Value(Dict{{0, weight}}).to_state_dict(), "0 is a tensor");
}

TEST(Value, SaysWhatItIsNot) {
  EXPECT_ERROR(Value("x").to_int(), "expected a whole number, got a string");
  EXPECT_ERROR(Value(1).to_bool(), "expected a bool, got a whole number");
  EXPECT_ERROR(Value().to_double(), "expected a number, got None");
  EXPECT_ERROR(Value(2.5).to_tensor(), "expected a tensor, got a number");
  EXPECT_ERROR(Value(ones({2})).items(), "expected a list or a tuple, got a tensor");
  EXPECT_ERROR(Value(Tuple{})["a"], "expected a dictionary, got a tuple");
  EXPECT_ERROR((Value(Dict{{"a", 1}, {2, 1}})["b"]), "there is no key \"b\"; there are: \"a\", 2");
  EXPECT_ERROR(Value(Dict())["b"], "there are: none");
  EXPECT_ERROR(Value(Value::List{1})[1], "there is no item 1 in a list of 1");
  EXPECT_ERROR(Value(Value::List{1})[-1], "there is no item -1");
  EXPECT_ERROR((Dict{{"a", 1}, {"a", 2}}), "the key \"a\" comes twice");
}

}  // namespace
}  // namespace cuttle
