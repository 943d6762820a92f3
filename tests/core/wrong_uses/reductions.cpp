// Wrong uses of reductions.
#include <cuttle/core/ops/reduce.h>

#include "wrong_uses.h"

namespace cuttle::test {
namespace {

const WrongUses uses(
    "reductions",
    {
        UNDEFINED("sum", x.none.sum()),
        NO_SUCH_DIM("sum", x.f({2, 3}).sum(2)),
        WRONG("sum", "a dimension twice", x.f({2, 3}).sum({0, -2}), "-2", "[2, 3]"),
        UNDEFINED("nansum", x.none.nansum()),
        NO_SUCH_DIM("nansum", x.f({2, 3}).nansum(2)),
        UNDEFINED("prod", x.none.prod()),
        NO_SUCH_DIM("prod", x.f({2, 3}).prod(2)),
        UNDEFINED("mean", x.none.mean()),
        WRONG("mean", "wrong dtype", x.i({2}).mean(), "int64", "floating"),
        WRONG("mean", "converted to an integer", x.f({2}).mean(int64), "int64", "floating"),
        NO_SUCH_DIM("mean", x.f({2, 3}).mean(2)),
        UNDEFINED("nanmean", x.none.nanmean()),
        WRONG("nanmean", "wrong dtype", x.i({2}).nanmean(), "int64", "floating"),
        NO_SUCH_DIM("nanmean", x.f({2, 3}).nanmean(2)),
        UNDEFINED("var", x.none.var()),
        WRONG("var", "wrong dtype", x.i({2}).var(), "int64", "floating"),
        NO_SUCH_DIM("var", x.f({2, 3}).var(2)),
        UNDEFINED("std", x.none.std()),
        WRONG("std", "wrong dtype", x.b({2}).std(), "bool", "floating"),
        NO_SUCH_DIM("std", x.f({2, 3}).std(2)),
        UNDEFINED("var_mean", var_mean(x.none)),
        WRONG("var_mean", "wrong dtype", var_mean(x.i({2})), "int64", "floating"),
        UNDEFINED("std_mean", std_mean(x.none)),
        WRONG("std_mean", "wrong dtype", std_mean(x.i({2})), "int64", "floating"),
        UNDEFINED("amax", x.none.amax()),
        WRONG("amax", "no elements", x.f({0, 3}).amax(0), "dimension 0", "[0, 3]"),
        NO_SUCH_DIM("amax", x.f({2, 3}).amax(2)),
        UNDEFINED("amin", x.none.amin()),
        WRONG("amin", "no elements at all", x.f({0, 3}).amin(), "[0, 3]"),
        UNDEFINED("max", x.none.max()),
        WRONG("max", "no elements", x.f({0}).max(), "[0]"),
        NO_SUCH_DIM("max", x.f({2, 3}).max(2)),
        UNDEFINED("min", x.none.min(0)),
        WRONG("min", "no elements", x.f({2, 0}).min(1), "dimension 1", "[2, 0]"),
        UNDEFINED("argmax", x.none.argmax()),
        WRONG("argmax", "wrong dtype", x.b({2}).argmax(0), "bool"),
        WRONG("argmax", "no elements", x.f({0, 3}).argmax(0), "dimension 0", "[0, 3]"),
        NO_SUCH_DIM("argmax", x.f({2, 3}).argmax(2)),
        UNDEFINED("argmin", x.none.argmin()),
        WRONG("argmin", "wrong dtype", x.b({2}).argmin(), "bool"),
        UNDEFINED("any", x.none.any()),
        NO_SUCH_DIM("any", x.f({2, 3}).any(2)),
        UNDEFINED("all", x.none.all()),
        NO_SUCH_DIM("all", x.f({2, 3}).all(2)),
        UNDEFINED("count_nonzero", x.none.count_nonzero()),
        NO_SUCH_DIM("count_nonzero", x.f({2, 3}).count_nonzero(2)),
        UNDEFINED("norm", x.none.norm()),
        WRONG("norm", "wrong dtype", x.i({2}).norm(), "int64", "floating"),
        NO_SUCH_DIM("norm", x.f({2, 3}).norm(2, 2)),
        UNDEFINED("logsumexp", x.none.logsumexp(0)),
        WRONG("logsumexp", "wrong dtype", x.i({2}).logsumexp(0), "int64", "floating"),
        NO_SUCH_DIM("logsumexp", x.f({2, 3}).logsumexp(2)),
        UNDEFINED("softmax", x.none.softmax(0)),
        WRONG("softmax", "wrong dtype", x.i({2}).softmax(0), "int64", "float32"),
        NO_SUCH_DIM("softmax", x.f({2, 3}).softmax(2)),
        UNDEFINED("log_softmax", x.none.log_softmax(0)),
        WRONG("log_softmax", "wrong dtype", x.b({2}).log_softmax(0), "bool", "float32"),
        NO_SUCH_DIM("log_softmax", x.f({2, 3}).log_softmax(2)),
    });

}  // namespace
}  // namespace cuttle::test
