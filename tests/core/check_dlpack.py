"""Exchanges tensors with PyTorch by DLPack: check_dlpack.py LIBRARY. Exit status 77 without PyTorch."""
import ctypes
import sys

try:
    import torch
    from torch.utils.dlpack import from_dlpack, to_dlpack
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

library = ctypes.CDLL(sys.argv[1])
library.cuttle_give.restype = ctypes.c_void_p
library.cuttle_give.argtypes = [ctypes.c_char_p]
library.cuttle_take.restype = ctypes.c_double
library.cuttle_take.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
python = ctypes.pythonapi
python.PyCapsule_New.restype = ctypes.py_object
python.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
python.PyCapsule_GetPointer.restype = ctypes.c_void_p
python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
python.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]

NAME, USED = b"dltensor", b"used_dltensor"  # which PyTorch keeps, so they must live on


def given(dtype):
    return from_dlpack(python.PyCapsule_New(library.cuttle_give(dtype.encode()), NAME, None))


def taken(tensor):
    capsule = to_dlpack(tensor)
    sentence = ctypes.create_string_buffer(500)
    total = library.cuttle_take(python.PyCapsule_GetPointer(capsule, NAME), sentence, 500)
    if not sentence.value:
        python.PyCapsule_SetName(capsule, USED)
    return total, sentence.value.decode()


def main():
    for dtype in ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"):
        expected = torch.arange(24).to(getattr(torch, dtype)).view(2, 3, 4).transpose(0, 2)
        found = given(dtype)
        assert found.dtype == expected.dtype and found.stride() == expected.stride(), dtype
        assert torch.equal(found, expected), dtype
        view = found[1:]  # the memory lives as long as a view of it
        del found
        assert torch.equal(view, expected[1:])

        mine = torch.arange(10).to(getattr(torch, dtype)).view(2, 5).t()
        before = mine.clone()
        weights = torch.arange(1, 11, dtype=torch.float64)
        total, sentence = taken(mine)
        assert sentence == "" and total == (before.double().flatten() * weights).sum().item(), (dtype, total)
        assert torch.equal(mine, before * 2), dtype  # one memory
    total, sentence = taken(torch.ones(2, dtype=torch.complex64))
    assert "no dtype of code 5 and 64 bits" in sentence, sentence
    print("exchanged tensors of nine dtypes with PyTorch", torch.__version__)


main()
