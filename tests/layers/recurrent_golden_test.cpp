// RNN, LSTM, GRU, their cells and packed sequences against PyTorch, and their mistakes.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/layers/recurrent/cells.h>
#include <cuttle/layers/recurrent/rnn.h>
#include <cuttle/layers/sequential.h>

#include <map>

#include "layers/layer_golden.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

Tensor at(const Tensors& x, size_t i) {
  return i < x.size() ? x[i] : Tensor();
}

template <class Layer, int64_t hidden = 2, class... Options>
GoldenLayer layer(const Options&... options) {
  const auto made = std::make_shared<Layer>(3, hidden, options...);
  return {made, [made](const Tensors& x) -> Tensors {
            if constexpr (std::is_same_v<Layer, LSTM>) {
              const auto [output, h, c] = (*made)(x[0], at(x, 1), at(x, 2));
              return {output, h, c};
            } else {
              const auto [output, h] = (*made)(x[0], at(x, 1));
              return {output, h};
            }
          }};
}

template <class Layer, int64_t hidden = 2, class Options>
GoldenLayer packed(const std::vector<int64_t>& lengths, bool sorted, const Options& options) {
  const auto made = std::make_shared<Layer>(3, hidden, options);
  return {made, [made, lengths, sorted](const Tensors& x) -> Tensors {
            const PackedSequence in =
                pack_padded_sequence(x[0], lengths, {.enforce_sorted = sorted});
            const auto padded = [&](const PackedSequence& out) {
              const auto [output, found] = pad_packed_sequence(out, {.padding_value = 0.5});
              EXPECT_EQ(found, lengths);
              return output;
            };
            if constexpr (std::is_same_v<Layer, LSTM>) {
              const auto [output, h, c] = (*made)(in, at(x, 1), at(x, 2));
              return {padded(output), h, c};
            } else {
              const auto [output, h] = (*made)(in, at(x, 1));
              return {padded(output), h};
            }
          }};
}

template <class Cell, class... Options>
GoldenLayer cell(const Options&... options) {
  const auto made = std::make_shared<Cell>(3, 2, options...);
  return {made, [made](const Tensors& x) -> Tensors {
            if constexpr (std::is_same_v<Cell, LSTMCell>) {
              const auto [h, c] = (*made)(x[0], at(x, 1), at(x, 2));
              return {h, c};
            } else {
              return {(*made)(x[0], at(x, 1))};
            }
          }};
}

const RecurrentOptions kStack{.num_layers = 2, .bidirectional = true};
const RecurrentOptions kProjectedStack{.num_layers = 2, .bidirectional = true, .proj_size = 2};

const std::map<std::string, std::function<GoldenLayer()>> kMakers = {
    {"rnn", [] { return layer<RNN>(); }},
    {"rnn_relu", [] { return layer<RNN>(RNNOptions{.nonlinearity = "relu", .bias = false}); }},
    {"rnn_stack", [] { return layer<RNN>(RNNOptions{.num_layers = 2, .bidirectional = true}); }},
    {"lstm", [] { return layer<LSTM>(); }},
    {"lstm_state", [] { return layer<LSTM>(); }},
    {"lstm_batch_first",
     [] { return layer<LSTM>(RecurrentOptions{.bias = false, .batch_first = true}); }},
    {"lstm_stack", [] { return layer<LSTM>(kStack); }},
    {"lstm_unbatched", [] { return layer<LSTM>(); }},
    {"lstm_projected",
     [] {
       return layer<LSTM, 4>(RecurrentOptions{.bias = false, .batch_first = true, .proj_size = 3});
     }},
    {"lstm_projected_stack", [] { return layer<LSTM, 3>(kProjectedStack); }},
    {"packed_lstm_projected",
     [] {
       return packed<LSTM, 3>({2, 4, 1}, false, kProjectedStack);
     }},
    {"gru", [] { return layer<GRU>(); }},
    {"gru_state", [] { return layer<GRU>(RecurrentOptions{.bias = false}); }},
    {"gru_stack", [] { return layer<GRU>(kStack); }},
    {"packed_rnn",
     [] {
       return packed<RNN>({4, 2, 2, 1}, true, RNNOptions{.bidirectional = true});
     }},
    {"packed_lstm",
     [] {
       return packed<LSTM>({2, 4, 1}, false, kStack);
     }},
    {"packed_gru",
     [] {
       return packed<GRU>({1, 3}, false, RecurrentOptions{.bidirectional = true});
     }},
    {"rnn_cell", [] { return cell<RNNCell>(); }},
    {"rnn_cell_relu",
     [] { return cell<RNNCell>(RNNCellOptions{.bias = false, .nonlinearity = "relu"}); }},
    {"lstm_cell", [] { return cell<LSTMCell>(); }},
    {"gru_cell", [] { return cell<GRUCell>(); }},
};

class RecurrentGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(RecurrentGolden);

TEST_P(RecurrentGolden, LayersAndCells) {
  const auto cases = load_golden("recurrent.json");
  ASSERT_EQ(cases.size(), kMakers.size());
  for (const auto& c : cases)
    expect_layer_golden(c, kMakers.at(c["name"].get<std::string>()), device());
}

TEST_P(RecurrentGolden, StandInASequentialAndDropInTraining) {
  manual_seed(4);
  Sequential model{LSTM(3, 2, {.num_layers = 2, .dropout = 0.5}), RNN(2, 2)};
  model.to(device());
  const Tensor x = rand({5, 2, 3}).to(device());
  EXPECT_NE(model(x).to_vector<double>(), model(x).to_vector<double>());
  model.eval();
  EXPECT_EQ(model(x).to_vector<double>(), model(x).to_vector<double>());
  EXPECT_EQ(model(x).shape(), (Shape{5, 2, 2}));
}

TEST_P(RecurrentGolden, FloatsAndHalvesFollowDoubles) {
  manual_seed(4);
  for (const int64_t hidden : {1, 33}) {
    LSTM lstm(5, hidden, {.proj_size = hidden / 2});
    GRU gru(5, hidden);
    lstm.to(device()), gru.to(device());
    const Tensor x = (rand({6, 3, 5}) * 8 - 4).to(device());
    const Tensor y = lstm(x).output, z = gru(x).output;
    lstm.to(bfloat16);
    const Tensor half = lstm(x.to(bfloat16)).output;
    EXPECT_EQ(half.dtype(), bfloat16);
    expect_near(half, y.to_vector<double>(), 3e-2, 3e-2, "bfloat16 weights and states");
    lstm.to(float32);  // the weights keep bfloat16's digits
    const Tensor single = lstm(x).output;
    lstm.to(float64), gru.to(float64);
    expect_near(single, lstm(x.to(float64)).output.to_vector<double>(), 1e-6, 1e-6, "lstm");
    expect_near(z, gru(x.to(float64)).output.to_vector<double>(), 1e-6, 1e-6, "gru");
  }
}

TEST_P(RecurrentGolden, PackingAndPaddingAreInverse) {
  const Tensors parts{rand({2, 3}).to(device()).requires_grad_(), rand({4, 3}).to(device())};
  const Tensor padded = pad_sequence(parts, /*batch_first=*/true, 7);
  ASSERT_EQ(padded.shape(), (Shape{2, 4, 3}));
  EXPECT_EQ(padded.select(0, 0).select(0, 3).to_vector<double>(), std::vector<double>(3, 7.0));
  const PackedSequence packed = pack_sequence(parts, /*enforce_sorted=*/false);
  EXPECT_EQ(packed.batch_sizes, (std::vector<int64_t>{2, 2, 1, 1}));
  EXPECT_EQ(packed.sorted_indices.to_vector<int64_t>(), (std::vector<int64_t>{1, 0}));
  const auto [again, lengths] =
      pad_packed_sequence(packed, {.batch_first = true, .padding_value = 7, .total_length = 5});
  EXPECT_EQ(lengths, (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(again.narrow(1, 0, 4).to_vector<double>(), padded.to_vector<double>());
  again.sum().backward();
  EXPECT_EQ(parts[0].grad().to_vector<double>(), std::vector<double>(6, 1.0));
}

TEST_P(RecurrentGolden, MistakesAreNamed) {
  EXPECT_EQ(error_of([] { LSTM(3, 0); }),
            "LSTM: input_size, hidden_size and num_layers must be at least 1, got 3, 0 and 1");
  EXPECT_EQ(error_of([] { RNN(3, 2, {.nonlinearity = "sin"}); }),
            "RNN: nonlinearity must be \"tanh\" or \"relu\", got \"sin\"");
  EXPECT_EQ(error_of([] { GRU(3, 2, {.dropout = -1}); }),
            "GRU: dropout must lie in [0, 1], got -1");
  EXPECT_EQ(error_of([] { GRU(3, 2, {.proj_size = 1}); }),
            "GRU: LSTM alone has a proj_size, got 1");
  for (const int64_t size : {-1, 2})
    EXPECT_EQ(error_of([&] { LSTM(3, 2, {.proj_size = size}); }),
              "LSTM: proj_size must be at least 0 and less than hidden_size, 2, got " +
                  std::to_string(size));
  GRU gru(3, 2);
  const auto expect = [](const std::string& error, const char* part) {
    EXPECT_NE(error.find(part), std::string::npos) << error;
  };
  expect(error_of([&] { gru(rand({4, 2, 5})); }), "GRU: expected 3 input features, got 5");
  expect(error_of([&] { gru(rand({3})); }), "expected an input of shape (T, B, I)");
  expect(error_of([&] { gru(rand({0, 2, 3})); }), "expected at least one time step, got none");
  expect(error_of([&] {
           gru(rand({4, 2, 3}), rand({1, 3, 2}));
         }),
         "expected a hidden state of shape [1, 2, 2], got [1, 3, 2]");
  expect(error_of([&] {
           LSTM(3, 2, {.proj_size = 1})(rand({4, 2, 3}), rand({1, 2, 1}), rand({1, 2, 1}));
         }),
         "expected a cell state of shape [1, 2, 2], got [1, 2, 1]");
  expect(error_of([&] {
           RecurrentWeights w = gru.weights(0);
           w.projection = rand({1, 2});
           (void)recurrent_layer(CellKind::gru, rand({3, 3}), {3}, false, {}, w);
         }),
         "gru: expected no projection, or for lstm one of shape (P, H), got [1, 2]");
  expect(error_of([&] { gru(rand({4, 2, 3}, float64)); }), "gru: ");
  expect(error_of([&] {
           LSTMCell(3, 2)(rand({4, 2}));
         }),
         "expected an input of shape (B, 3) or (3), got [4, 2]");
  const Tensor batch = rand({4, 2, 3});
  expect(error_of([&] {
           pack_padded_sequence(batch, {2, 3});
         }),
         "lengths must not rise, got 2 before 3; .enforce_sorted = false sorts them");
  expect(error_of([&] { pack_padded_sequence(batch, {5, 3}); }), "lengths must lie in [1, 4]");
  expect(error_of([&] { pack_padded_sequence(batch, {3}); }), "a length for each of 2 sequences");
  expect(error_of([&] {
           (void)pad_packed_sequence(pack_padded_sequence(batch, {4, 3}), {.total_length = 3});
         }),
         "total_length must be at least 4");
  expect(error_of([&] {
           const RecurrentWeights w = gru.weights(0);
           (void)recurrent_layer(CellKind::gru, rand({3, 3}), {1, 2}, false, {}, w);
         }),
         "gru: batch sizes must not rise from step to step, got 2 sequences in step 1");
}

}  // namespace
}  // namespace cuttle::test
