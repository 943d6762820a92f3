#!/usr/bin/env python3
"""Tests of tools/check_includes.py on small made-up source trees."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from check_includes import Checker  # noqa: E402


class SelfTest(unittest.TestCase):
    def check(self, files):
        texts = {path: ("#pragma once\n" if path.endswith(".h") else "") + text
                 for path, text in files.items()}
        return Checker(texts).run()

    def assert_one(self, files, path, line, words):
        problems = self.check(files)
        self.assertEqual(len(problems), 1, problems)
        self.assertEqual(problems[0][:2], (path, line))
        self.assertIn(words, problems[0][2])

    def test_what_is_allowed(self):
        self.assertEqual(self.check({
            "cuttle.h": '#include "core/a.h"\n#include "layers/l.h"\n',
            "core/a.h": '#include <vector>\n#include "../kernels/k.h"\n',
            "core/ops/o.cpp": '#include "../a.h"\n#include <omp.h>\n#include "../../kernels/error.h"\n',
            "kernels/k.h": "#include <cstdint>\n",
            "kernels/error.h": "",
            "kernels/cpu/k.cpp": '#include "../k.h"\n#include <dnnl.hpp>\n',
            "kernels/cuda/k.cu": '#include "../k.h"\n#include <cudnn.h>\n#include "../simt/d.h"\n',
            "kernels/simt/d.h": "#include <ucontext.h>\n",
            "layers/l.h": '#include "../core/a.h"\n#include "../kernels/error.h"\n',
            "optim/o.cpp": '#include "../kernels/k.h"\n',
            "data/d.cpp": '#include "../io/i.h"\n',
            "report/plot/r.cpp": '#include "../../io/i.h"\n#include "../../core/a.h"\n',
            "checkpoint/c.cpp": '#include "../io/i.h"\n#include "../layers/l.h"\n',
            "io/i.h": "", "io/i.cpp": "#include <nlohmann/json.hpp>\n",
            "tests/support/s.h": "",
            "tests/core/t.cpp": '#include <gtest/gtest.h>\n#include "support/s.h"\n'
                                "#include <cuttle/core/a.h>\n",
            "examples/e.cpp": "#include <cuttle/cuttle.h>\n#include <CLI/CLI.hpp>\n",
        }), [])

    def test_upward(self):
        self.assert_one({"core/a.h": "", "kernels/k.h": '\n#include "../core/a.h"\n'},
                        "kernels/k.h", 3, "kernels must not include core")

    def test_the_doctor_goes_without_the_library(self):
        self.assert_one({"core/version.h": "", "core/tensor.h": "",
                         "doctor/d.cpp": '#include "../core/version.h"\n#include "../core/tensor.h"\n'},
                        "doctor/d.cpp", 2, "core/version.h alone")

    def test_sideways(self):
        self.assert_one({"layers/a.h": "", "optim/o.h": '#include "../layers/a.h"\n'},
                        "optim/o.h", 2, "optim must not include layers")
        self.assert_one({"data/a.h": "", "io/i.h": '#include "../data/a.h"\n'},
                        "io/i.h", 2, "io must not include data")
        self.assert_one({"checkpoint/a.h": "", "layers/l.h": '#include "../checkpoint/a.h"\n'},
                        "layers/l.h", 2, "layers must not include checkpoint")

    def test_kernels_are_reached_by_their_signatures_alone(self):
        self.assert_one({"kernels/cpu/a.h": "", "core/o.cpp": '#include "../kernels/cpu/a.h"\n'},
                        "core/o.cpp", 1, "kernels/*.h alone")
        self.assert_one({"kernels/k.h": "", "layers/o.cpp": '#include "../kernels/k.h"\n'},
                        "layers/o.cpp", 1, "layers must not include kernels")
        self.assert_one({"kernels/cuda/g.h": "", "kernels/cpu/a.cpp": '#include "../cuda/g.h"\n'},
                        "kernels/cpu/a.cpp", 1, "kernels/cpu must not include kernels/cuda")

    def test_floors_of_the_interpreter(self):
        files = {"kernels/simt/runtime/r.h": '#include "../language/l.h"\n',
                 "kernels/simt/findings/f.cpp": '#include "../runtime/r.h"\n'}
        self.assertEqual(self.check({**files, "kernels/simt/language/l.h": ""}), [])
        self.assert_one({**files, "kernels/simt/execution/e.h": "",
                         "kernels/simt/language/l.h": '#include "../execution/e.h"\n'},
                        "kernels/simt/language/l.h", 2, "lies below execution")

    def test_vendor_headers(self):
        for header in ("cuda_runtime.h", "cudnn.h", "cublas_v2.h", "cub/cub.cuh", "nvtx3/nvtx3.hpp"):
            self.assert_one({"bench/b.cpp": f"#include <{header}>\n"}, "bench/b.cpp", 1, "kernels/cuda")
        self.assert_one({"core/a.cpp": "#include <oneapi/dnnl/dnnl.hpp>\n"}, "core/a.cpp", 1, "oneDNN")
        self.assert_one({"kernels/a.h": "#include <nlohmann/json.hpp>\n"}, "kernels/a.h", 2, "standard")

    def test_cycle(self):
        self.assert_one({"core/a.h": '#include "b.h"\n', "core/b.h": '#include "a.h"\n'},
                        "core/b.h", 2, "core/a.h -> core/b.h -> core/a.h")

    def test_pragma_once_and_missing_files(self):
        self.assertIn("#pragma once", Checker({"core/a.h": "// #pragma once\n"}).run()[0][2])
        self.assert_one({"core/a.cpp": '#include "gone.h"\n'}, "core/a.cpp", 1, "no such file")

    def test_style_of_includes(self):
        self.assert_one({"core/a.h": "", "core/b.cpp": "#include <cuttle/core/a.h>\n"},
                        "core/b.cpp", 1, "relative")

    def test_public_headers(self):
        self.assert_one({"cuttle.h": '#include "io/i.h"\n', "io/i.h": "#include <curl/curl.h>\n"},
                        "io/i.h", 2, "cuttle.h reaches")

    def test_comments_do_not_count(self):
        self.assertEqual(self.check({"core/a.cpp": '// #include <cudnn.h>\n/*\n#include <dnnl.hpp>\n*/\n'}),
                         [])


if __name__ == "__main__":
    unittest.main()
