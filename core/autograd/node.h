// One recorded operation: where its inputs came from, and how to compute their gradients.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "../profiler/hooks.h"
#include "../tensor.h"
#include "gradient_hooks.h"

namespace cuttle {

struct RecordedAt;

/// Which inputs need a gradient; a backward skips the others.
using NeededInputs = std::vector<bool>;

/// Computes the gradients of the inputs from the gradient of the output. The result has one entry
/// an input; those that are not needed may stay undefined.
using BackwardFunction =
    std::function<std::vector<Tensor>(const Tensor& gradient, const NeededInputs& needed)>;

/// A node of the tape. Nodes are numbered as they are recorded, and replayed in falling order.
class Node {
 public:
  /// Where an input came from, and what its gradient must look like.
  struct Edge {
    std::shared_ptr<Node> node;  // that made it or, for a leaf, stands for it; nullptr: needs none
    Shape shape;
    DType dtype = DType::float32;
    int output = 0;  // which result of `node` it was: joint nodes have several
  };
  using Edges = std::vector<Edge>;

  Node(std::string_view op, Edges inputs, BackwardFunction backward);
  virtual ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  std::string_view op() const noexcept { return op_; }
  uint64_t sequence() const noexcept { return sequence_; }
  const Edges& inputs() const noexcept { return inputs_; }

  /// Runs the backward. Throws Error if it was freed by an earlier replay. Several threads may.
  virtual std::vector<Tensor> apply(const Tensor& gradient);
  /// How many results the operation has, each with a gradient: 1 but for a JointNode, whose
  /// backward takes all of them, undefined where none arrived.
  virtual int outputs() const noexcept { return 1; }
  virtual std::vector<Tensor> apply_jointly(const std::vector<Tensor>& gradients);
  /// Frees what the operation saved, once no other thread is running the backward.
  virtual void release();
  /// True for the node of a leaf: it ends the replay.
  virtual bool is_leaf() const noexcept { return false; }

  /// The hooks of the result's gradient; nullptr for none.
  virtual const GradientHooks* hooks() const noexcept { return hooks_.get(); }
  GradientHooks& make_hooks() { return hooks_.make(); }
  /// Where it was recorded, in anomaly mode; else nullptr.
  const std::shared_ptr<const RecordedAt>& recorded_at() const noexcept { return recorded_at_; }

  /// The backward keeps no tensors: there is nothing to free, and it can be replayed again.
  void set_saves_nothing() noexcept { saves_nothing_ = true; }

  /// True if the backward is a plain computation that cannot itself be differentiated.
  bool once_differentiable() const noexcept { return once_differentiable_; }
  void set_once_differentiable() noexcept { once_differentiable_ = true; }

 protected:
  Node(std::string_view op, Edges inputs, uint64_t sequence);
  static uint64_t next_sequence();
  NeededInputs needed_inputs() const;
  [[noreturn, gnu::cold]] void refuse_freed() const;
  /// Lets go of what nodes may hang on, without recursion.
  static void let_go(std::shared_ptr<const void> held);
  bool saves_nothing() const noexcept { return saves_nothing_; }

 private:
  std::string_view op_;
  bool once_differentiable_ = false;
  bool saves_nothing_ = false;
  uint64_t sequence_;
  Edges inputs_;
  std::shared_ptr<const BackwardFunction> backward_;  // held by those who run it
  GradientHooksSlot hooks_;
  std::shared_ptr<const RecordedAt> recorded_at_;
};

/// The node whose backward runs on this thread now; nullptr outside of a replay.
std::shared_ptr<Node> replayed_node();

/// Names that node until the end of the scope.
class ReplayScope {
 public:
  explicit ReplayScope(std::shared_ptr<Node> node);
  ~ReplayScope();
  ReplayScope(const ReplayScope&) = delete;
  ReplayScope& operator=(const ReplayScope&) = delete;

 private:
  std::shared_ptr<Node> previous_;
  profiler::RangeScope range_;
};

/// Ends the tape at a leaf: adds what arrives to the leaf's grad.
class AccumulateGrad final : public Node {
 public:
  explicit AccumulateGrad(std::shared_ptr<TensorImpl> leaf);
  std::vector<Tensor> apply(const Tensor& gradient) override;
  void release() override {}
  bool is_leaf() const noexcept override { return true; }
  const GradientHooks* hooks() const noexcept override;
  TensorImpl& leaf() const noexcept { return *leaf_; }

 private:
  std::shared_ptr<TensorImpl> leaf_;
};

}  // namespace cuttle
