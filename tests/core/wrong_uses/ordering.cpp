// Wrong uses of scans, sorts, selections, counts and searches.
#include <cuttle/core/ops/ordering.h>
#include <cuttle/core/ops/scan.h>

#include <cmath>

#include "wrong_uses.h"

namespace cuttle::test {
namespace {

const WrongUses scans("scans",
                      {
                          UNDEFINED("cumsum", cumsum(x.none, 0)),
                          NO_SUCH_DIM("cumsum", x.f({2, 3}).cumsum(2)),
                          UNDEFINED("cumprod", cumprod(x.none, 0)),
                          NO_SUCH_DIM("cumprod", x.f({2, 3}).cumprod(2)),
                          UNDEFINED("logcumsumexp", logcumsumexp(x.none, 0)),
                          NO_SUCH_DIM("logcumsumexp", x.f({2, 3}).logcumsumexp(2)),
                          WRONG("logcumsumexp", "wrong dtype", x.i({2}).logcumsumexp(0), "int64"),
                          UNDEFINED("cummax", cummax(x.none, 0)),
                          NO_SUCH_DIM("cummax", x.f({2, 3}).cummax(2)),
                          UNDEFINED("cummin", cummin(x.none, 0)),
                          NO_SUCH_DIM("cummin", x.f({2, 3}).cummin(2)),
                          UNDEFINED("diff", diff(x.none)),
                          NO_SUCH_DIM("diff", x.f({2, 3}).diff(1, 2)),
                          WRONG("diff", "no dimensions", x.f({}).diff(), "without dimensions"),
                          WRONG("diff", "a negative number of times", x.f({2}).diff(-1), "-1"),
                          WRONG("diff", "another shape before it",
                                diff(x.f({2, 3}), 1, 1, x.f({3, 3})), "[2, 3]", "[3, 3]"),
                          MIXED("diff", diff(x.here({2}), 1, 0, {}, x.there({2}))),
                      });

const WrongUses sorts(
    "sorts",
    {
        UNDEFINED("sort", sort(x.none)),
        NO_SUCH_DIM("sort", x.f({2, 3}).sort(2)),
        UNDEFINED("argsort", argsort(x.none)),
        NO_SUCH_DIM("argsort", x.f({2, 3}).argsort(2)),
        UNDEFINED("topk", topk(x.none, 1)),
        NO_SUCH_DIM("topk", x.f({2, 3}).topk(1, 2)),
        WRONG("topk", "more than there are", x.f({2, 3}).topk(4), "3", "[2, 3]", "got 4"),
        WRONG("topk", "a negative number", x.f({2, 3}).topk(-1, 0), "2", "[2, 3]", "got -1"),
        UNDEFINED("kthvalue", kthvalue(x.none, 1)),
        NO_SUCH_DIM("kthvalue", x.f({2, 3}).kthvalue(1, 2)),
        WRONG("kthvalue", "counted from 0", x.f({2, 3}).kthvalue(0), "1 to 3", "[2, 3]", "got 0"),
        UNDEFINED("median", median(x.none)),
        NO_SUCH_DIM("median", x.f({2, 3}).median(2)),
        WRONG("median", "wrong dtype", x.b({2}).median(), "bool"),
        WRONG("median", "no elements", x.f({2, 0}).median(1), "dimension 1", "[2, 0]"),
        WRONG("median", "no elements at all", x.i({0}).median(), "[0]"),
        UNDEFINED("nanmedian", nanmedian(x.none)),
        WRONG("nanmedian", "wrong dtype", x.b({2}).nanmedian(0), "bool"),
        UNDEFINED("mode", mode(x.none)),
        NO_SUCH_DIM("mode", x.f({2, 3}).mode(2)),
        WRONG("mode", "no elements", x.f({2, 0}).mode(1), "dimension 1", "[2, 0]"),
    });

const WrongUses selections(
    "selections and counts",
    {
        UNDEFINED("nonzero", nonzero(x.none)),
        WRONG("where", "undefined tensor, alone", where(x.none), "undefined tensor"),
        UNDEFINED("masked_select", masked_select(x.f({2}), x.none)),
        WRONG("masked_select", "a mask that is not bool", x.f({2}).masked_select(x.f({2})),
              "float32", "bool"),
        WRONG("masked_select", "shapes that do not broadcast", x.f({2, 3}).masked_select(x.b({2})),
              "[2, 3]", "[2]"),
        MIXED("masked_select", x.here({2}).masked_select(x.there({2}, boolean))),
        UNDEFINED("unique", unique(x.none)),
        NO_SUCH_DIM("unique", x.f({2, 3}).unique(true, false, false, 2)),
        WRONG("unique", "slices of a number", x.f({}).unique(true, false, false, 0),
              "without dimensions"),
        UNDEFINED("unique_consecutive", unique_consecutive(x.none)),
        NO_SUCH_DIM("unique_consecutive", x.f({2, 3}).unique_consecutive(false, false, 2)),
        WRONG("unique_consecutive", "empty slices", x.f({2, 0}).unique_consecutive(false, false, 0),
              "dimension 0", "[2, 0]"),
        UNDEFINED("histc", histc(x.none)),
        WRONG("histc", "no bins", x.f({2}).histc(0), "got 0"),
        WRONG("histc", "wrong dtype", x.i({2}).histc(3), "int64", "floating"),
        WRONG("histc", "bounds the wrong way round", x.f({2}).histc(3, 2, 1), "min = 2", "max = 1"),
        WRONG("histc", "an infinite element", (x.f({2}) / 0).histc(3), "inf"),
        UNDEFINED("bincount", bincount(x.none)),
        WRONG("bincount", "wrong dtype", x.f({2}).bincount(), "float32", "integers"),
        WRONG("bincount", "a matrix", x.i({2, 3}).bincount(), "[2, 3]", "one dimension"),
        WRONG("bincount", "a negative minlength", x.i({2}).bincount(-1), "got -1"),
        WRONG("bincount", "a negative number", x.of({1, -1}).bincount(), "got -1"),
        WRONG("bincount", "weights of another shape", x.i({3}).bincount(x.f({2, 3})), "[2, 3]",
              "[3]"),
        MIXED("bincount", x.here({2}, int64).bincount(x.there({2}))),
        UNDEFINED("searchsorted", searchsorted(x.f({2}), x.none)),
        MIXED("searchsorted", searchsorted(x.here({2}), x.there({2}))),
        WRONG("searchsorted", "different dtypes", searchsorted(x.f({2}), x.i({2})), "float32",
              "int64"),
        WRONG("searchsorted", "wrong dtype", searchsorted(x.b({2}), x.b({2})), "bool"),
        WRONG("searchsorted", "a number in several sequences", searchsorted(x.f({2, 3}), 1),
              "[2, 3]"),
        WRONG("searchsorted", "sequences for other rows", searchsorted(x.f({2, 3}), x.f({4})),
              "[2, 3]", "[4]"),
        WRONG("searchsorted", "a sorter of another shape",
              searchsorted(x.f({4}), x.f({2}), false, false, x.i({3})), "[4]", "[3]"),
        WRONG("searchsorted", "a sorter of another dtype",
              searchsorted(x.f({4}), x.f({2}), false, false, x.f({4})), "int64", "float32"),
        UNDEFINED("bucketize", bucketize(x.none, x.f({2}))),
        WRONG("bucketize", "boundaries of two dimensions", bucketize(x.f({2}), x.f({2, 3})),
              "[2, 3]"),
        WRONG("bucketize", "different dtypes", bucketize(x.i({2}), x.f({2})), "float32", "int64"),
        MIXED("bucketize", bucketize(x.here({2}), x.there({2}))),
    });

}  // namespace
}  // namespace cuttle::test
