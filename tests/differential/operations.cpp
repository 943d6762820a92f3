// The operations of operations.py, in Cuttle's words.
#include <map>

#include "program.h"

namespace cuttle::test {
namespace {

using indexing::None;
using indexing::Slice;

// Everything but `index` along a dimension is taken whole.
std::vector<TensorIndex> along(const Tensor& x, int64_t dim, const TensorIndex& index) {
  std::vector<TensorIndex> indices(static_cast<size_t>(dim < 0 ? dim + x.dim() : dim), Slice());
  indices.push_back(index);
  return indices;
}

Tensor as_matrix(const Tensor& x) {
  return x.reshape(-1, x.size(-1));
}

// In place on a copy.
Operation changed(std::function<void(Tensor&, const Arguments&)> change) {
  return [change = std::move(change)](const Arguments& a) {
    Tensor y = a[0].clone();
    change(y, a);
    return y;
  };
}

using Table = std::map<std::string, Operation>;

#define CUTTLE_METHOD(name)                               \
  {                                                       \
#name, [](const Arguments& a) { return a[0].name(); } \
  }

void add_elementwise(Table& table) {
  const Table functions = {CUTTLE_METHOD(neg),     CUTTLE_METHOD(exp),        CUTTLE_METHOD(exp2),
                           CUTTLE_METHOD(log),     CUTTLE_METHOD(log2),       CUTTLE_METHOD(log10),
                           CUTTLE_METHOD(log1p),   CUTTLE_METHOD(expm1),      CUTTLE_METHOD(sqrt),
                           CUTTLE_METHOD(rsqrt),   CUTTLE_METHOD(reciprocal), CUTTLE_METHOD(square),
                           CUTTLE_METHOD(sin),     CUTTLE_METHOD(cos),        CUTTLE_METHOD(tan),
                           CUTTLE_METHOD(asin),    CUTTLE_METHOD(acos),       CUTTLE_METHOD(atan),
                           CUTTLE_METHOD(sinh),    CUTTLE_METHOD(cosh),       CUTTLE_METHOD(tanh),
                           CUTTLE_METHOD(asinh),   CUTTLE_METHOD(acosh),      CUTTLE_METHOD(atanh),
                           CUTTLE_METHOD(sigmoid), CUTTLE_METHOD(erf),        CUTTLE_METHOD(erfinv),
                           CUTTLE_METHOD(abs),     CUTTLE_METHOD(relu),       CUTTLE_METHOD(sign),
                           CUTTLE_METHOD(floor),   CUTTLE_METHOD(ceil),       CUTTLE_METHOD(trunc),
                           CUTTLE_METHOD(frac),    CUTTLE_METHOD(round)};
  table.insert(functions.begin(), functions.end());
  table["softplus"] = [](const Arguments& a) { return softplus(a[0]); };
  table["add"] = [](const Arguments& a) { return a[0] + a[1]; };
  table["sub"] = [](const Arguments& a) { return a[0] - a[1]; };
  table["mul"] = [](const Arguments& a) { return a[0] * a[1]; };
  table["div"] = [](const Arguments& a) { return a[0] / a[1]; };
  table["atan2"] = [](const Arguments& a) { return atan2(a[0], a[1]); };
  table["remainder"] = [](const Arguments& a) { return remainder(a[0], a[1]); };
  table["maximum"] = [](const Arguments& a) { return maximum(a[0], a[1]); };
  table["minimum"] = [](const Arguments& a) { return minimum(a[0], a[1]); };
  table["pow"] = [](const Arguments& a) { return pow(a[0].abs() + 0.1, a[1]); };
  table["pow_scalar"] = [](const Arguments& a) {
    return (a[0].abs() + 0.1).pow(a.real("exponent"));
  };
  table["add_scalar"] = [](const Arguments& a) { return a[0] + a.real("value"); };
  table["mul_scalar"] = [](const Arguments& a) { return a[0] * a.real("value"); };
  table["scalar_div"] = [](const Arguments& a) { return a.real("value") / a[0]; };
  table["clamp"] = [](const Arguments& a) { return a[0].clamp(a.real("low"), a.real("high")); };
  table["lerp"] = [](const Arguments& a) { return lerp(a[0], a[0] * 2 + 1, a.real("weight")); };
  table["addcmul"] = [](const Arguments& a) { return addcmul(a[0], a[1], a[2], 0.5); };
  table["where_less"] = [](const Arguments& a) { return where(a[0] < a[1], a[1], a[2]); };
  table["isfinite_sum"] = [](const Arguments& a) { return isfinite(a[0]).sum(); };
}

void add_views(Table& table) {
  table["transpose"] = [](const Arguments& a) {
    return a[0].transpose(a.whole("dim0"), a.whole("dim1"));
  };
  table["flatten"] = [](const Arguments& a) { return a[0].flatten(); };
  table["unsqueeze"] = [](const Arguments& a) { return a[0].unsqueeze(a.whole("dim")); };
  table["squeeze"] = [](const Arguments& a) { return a[0].squeeze(); };
  table["slice"] = [](const Arguments& a) -> Tensor {
    const Slice part(a.whole("start"), None, a.whole("step"));
    return a[0].index(along(a[0], a.whole("dim"), part));
  };
  table["select"] = [](const Arguments& a) {
    return a[0].select(a.whole("dim"), a.whole("index"));
  };
  table["narrow"] = [](const Arguments& a) {
    return a[0].narrow(a.whole("dim"), a.whole("start"), a.whole("length"));
  };
  table["expand_front"] = [](const Arguments& a) {
    Shape shape = a[0].shape();
    shape.insert(0, a.whole("size"));
    return a[0].expand(shape);
  };
  table["diagonal"] = [](const Arguments& a) { return a[0].diagonal(a.whole("offset")); };
  table["unfold"] = [](const Arguments& a) {
    return a[0].unfold(a.whole("dim"), a.whole("size"), a.whole("step"));
  };
  table["movedim"] = [](const Arguments& a) {
    return a[0].movedim(a.whole("source"), a.whole("destination"));
  };
  table["split_last"] = [](const Arguments& a) {
    return a[0].split(a.whole("size"), a.whole("dim")).back();
  };
  table["chunk_first"] = [](const Arguments& a) {
    return a[0].chunk(a.whole("chunks"), a.whole("dim")).front();
  };
}

void add_reductions(Table& table) {
  table["sum"] = [](const Arguments& a) { return a[0].sum(a.list("dims"), a.flag("keepdim")); };
  table["mean"] = [](const Arguments& a) { return a[0].mean(a.list("dims"), a.flag("keepdim")); };
  table["amax"] = [](const Arguments& a) { return a[0].amax(a.list("dims"), a.flag("keepdim")); };
  table["amin"] = [](const Arguments& a) { return a[0].amin(a.list("dims"), a.flag("keepdim")); };
  table["prod"] = [](const Arguments& a) { return a[0].prod(a.whole("dim"), a.flag("keepdim")); };
  table["var"] = [](const Arguments& a) {
    return a[0].var(a.whole("dim"), a.whole("correction"), a.flag("keepdim"));
  };
  table["std"] = [](const Arguments& a) {
    return a[0].std(a.whole("dim"), a.whole("correction"), a.flag("keepdim"));
  };
  table["norm"] = [](const Arguments& a) { return a[0].norm(a.real("p"), a.whole("dim")); };
  table["logsumexp"] = [](const Arguments& a) { return a[0].logsumexp(a.whole("dim")); };
  table["softmax"] = [](const Arguments& a) { return a[0].softmax(a.whole("dim")); };
  table["log_softmax"] = [](const Arguments& a) { return a[0].log_softmax(a.whole("dim")); };
  table["cumsum"] = [](const Arguments& a) { return a[0].cumsum(a.whole("dim")); };
  table["cumprod"] = [](const Arguments& a) { return a[0].cumprod(a.whole("dim")); };
  table["max_values"] = [](const Arguments& a) { return a[0].max(a.whole("dim")).values; };
  table["min_values"] = [](const Arguments& a) { return a[0].min(a.whole("dim")).values; };
  table["argmax"] = [](const Arguments& a) { return a[0].argmax(a.whole("dim")); };
  table["sort_values"] = [](const Arguments& a) {
    return a[0].sort(a.whole("dim"), a.flag("descending")).values;
  };
  table["argsort"] = [](const Arguments& a) { return a[0].argsort(a.whole("dim")); };
  table["topk_values"] = [](const Arguments& a) {
    return a[0].topk(a.whole("k"), a.whole("dim")).values;
  };
  table["median"] = [](const Arguments& a) { return a[0].median(a.whole("dim")).values; };
  table["count_nonzero"] = [](const Arguments& a) { return a[0].count_nonzero(); };
}

void add_products(Table& table) {
  table["matmul"] = [](const Arguments& a) { return a[0].matmul(a[1]); };
  table["matmul_transposed"] = [](const Arguments& a) {
    return a[0].matmul(a[1].transpose(-1, -2));
  };
  table["outer"] = [](const Arguments& a) { return a[0].flatten().outer(a[0].flatten()); };
  table["dot"] = [](const Arguments& a) { return a[0].flatten().dot(a[0].flatten().exp()); };
  table["einsum"] = [](const Arguments& a) {
    return einsum(a.options.at("equation").get<std::string>(), {a[0]});
  };
  table["einsum_pair"] = [](const Arguments& a) {
    return einsum("...ij,...kj->...ik", {a[0], a[0]});
  };
  table["addmm"] = [](const Arguments& a) {
    const Tensor x = as_matrix(a[0]);
    return x.addmm(x, ones({x.size(1), x.size(1)}, {.dtype = x.dtype(), .device = x.device()}), 0.5,
                   2);
  };
}

void add_placing(Table& table) {
  table["cat"] = [](const Arguments& a) { return cat({a[0], a[1] * 2}, a.whole("dim")); };
  table["stack"] = [](const Arguments& a) { return stack({a[0], a[1].sin()}, a.whole("dim")); };
  table["pad"] = [](const Arguments& a) {
    return pad(a[0], {a.whole("left"), a.whole("right")}, "constant", a.real("value"));
  };
  for (const char* mode : {"reflect", "replicate", "circular"})
    table[std::string("pad_") + mode] = [mode](const Arguments& a) {
      return pad(a[0], {a.whole("left"), a.whole("right")}, mode);
    };
  table["flip"] = [](const Arguments& a) { return a[0].flip({a.whole("dim")}); };
  table["roll"] = [](const Arguments& a) { return a[0].roll(a.whole("shift"), a.whole("dim")); };
  table["rot90"] = [](const Arguments& a) { return a[0].rot90(a.whole("k"), {0, 1}); };
  table["tril"] = [](const Arguments& a) { return a[0].tril(a.whole("diagonal")); };
  table["triu"] = [](const Arguments& a) { return a[0].triu(a.whole("diagonal")); };
  table["repeat"] = [](const Arguments& a) {
    return a[0].repeat(Shape::filled(std::max(1, a[0].dim()), a.whole("count")));
  };
  table["repeat_interleave"] = [](const Arguments& a) {
    return a[0].repeat_interleave(a.whole("count"), a.whole("dim"));
  };
  table["gather"] = [](const Arguments& a) { return a[0].gather(a.whole("dim"), a[1]); };
  table["scatter_add"] = [](const Arguments& a) {
    return a[0].scatter_add(a.whole("dim"), a[1], a[0].sin());
  };
  table["take_along_dim"] = [](const Arguments& a) {
    return a[0].take_along_dim(a[1], a.whole("dim"));
  };
  table["index_select"] = [](const Arguments& a) {
    return a[0].index_select(a.whole("dim"), a[1]);
  };
  table["index_add"] = [](const Arguments& a) {
    const int64_t dim = a.whole("dim");
    return a[0].index_add(dim, a[1], a[0].index_select(dim, a[1]).cos());
  };
  table["index_tensor"] = [](const Arguments& a) -> Tensor {
    return a[0].index(along(a[0], a.whole("dim"), a[1]));
  };
  table["masked_fill"] = [](const Arguments& a) {
    return a[0].masked_fill(a[0] > 0, a.real("value"));
  };
  table["masked_select"] = [](const Arguments& a) { return a[0].masked_select(a[0] > 0); };
  table["index_mask"] = [](const Arguments& a) -> Tensor { return a[0].index({a[0] > 0}); };
}

void add_in_place(Table& table) {
  table["write_slice"] = changed([](Tensor& y, const Arguments& a) {
    y.index({"...", Slice(None, None, 2)}) = a.real("value");
  });
  table["write_first"] =
      changed([](Tensor& y, const Arguments& a) { y[0] = y[-1] * a.real("factor"); });
  table["add_to_column"] = changed([](Tensor& y, const Arguments& a) {
    Tensor column = y.select(a.whole("dim"), 0);
    column.add_(y.select(a.whole("dim"), -1) * 2);
  });
  table["exp_of_view"] = changed([](Tensor& y, const Arguments& a) {
    Tensor part = y.narrow(a.whole("dim"), 0, 1);
    part.sin_();
  });
}

}  // namespace

const Operation& operation(const std::string& name) {
  static const Table table = [] {
    Table all;
    add_elementwise(all);
    add_views(all);
    add_reductions(all);
    add_products(all);
    add_placing(all);
    add_in_place(all);
    return all;
  }();
  const auto found = table.find(name);
  if (found == table.end()) fail("operations.cpp has no operation ", name);
  return found->second;
}

}  // namespace cuttle::test
