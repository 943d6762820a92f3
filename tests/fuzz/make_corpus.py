#!/usr/bin/env python3
"""Writes the inputs that fuzzing starts from: small files of each kind, whole and nearly so.

    make_corpus.py [FOLDER]      default: the folder corpus beside this script
"""
import collections
import gzip
import io
import json
import pathlib
import pickle
import struct
import sys
import tarfile
import types
import zipfile
import zlib


def safetensors(header, buffer=b""):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + buffer


def tensor(dtype, shape, begin, end, **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end], **more}


def safetensors_files():
    for name, contents in whole_safetensors_files():
        yield name, contents
        length = struct.unpack("<Q", contents[:8])[0]
        yield name + "_parts", contents[8:8 + length] + b"\0" + contents[8 + length:]


def whole_safetensors_files():
    yield "empty", safetensors({})
    yield "one", safetensors({"a": tensor("F32", [2, 1], 0, 8)}, bytes(8))
    yield "all", safetensors(
        {"__metadata__": {"format": "pt", "größe": "ä"},
         **{code: tensor(code, [1], 8 * i, 8 * i + size) for i, (code, size) in
            enumerate([("F64", 8), ("I64", 8)])},
         "F32": tensor("F32", [], 16, 20), "I32": tensor("I32", [1], 20, 24),
         "U8": tensor("U8", [0, 3], 24, 24), "BOOL": tensor("BOOL", [1, 1], 24, 25)}, bytes(25))
    yield "unknown", safetensors(
        {"__metadata__": None, "h": tensor("BF16", [1], 0, 2, z=[{"y": [None, 1.5, -1]}], e={}),
         "d": tensor("U8", [1] * 9, 2, 3)}, bytes(3))
    yield "overflow", safetensors({"a": tensor("U8", [2**32, 2**32], 0, 0)})
    yield "deep", safetensors(b'{"a":{"z":' + b"[" * 130 + b"]" * 130 + b"}}")
    yield "twice", safetensors(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}', b"1")
    yield "escapes", safetensors(b'{"\\u00e4\\ud83d\\ude00\\n":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"1")


def cifar_pickle_files():
    # As Python 2 wrote the official batches, of a single image.
    def text(value):
        return b"U" + bytes([len(value)]) + value

    start = b"\x80\x02}q\x01(" + text(b"labels") + b"q\x02]q\x03(K\x06e"
    array = (text(b"data") + b"q\x04cnumpy.core.multiarray\n_reconstruct\nq\x05cnumpy\nndarray\nq\x06"
             b"K\x00\x85" + text(b"b") + b"\x87Rq\x07(K\x01K\x01M\x00\x0c\x86cnumpy\ndtype\nq\x08" +
             text(b"u1") + b"K\x00K\x01\x87Rq\x09(K\x03" + text(b"|") +
             b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T" + struct.pack("<I", 3072))
    end = b"tb" + text(b"filenames") + b"]q\x0a" + text(b"a.png") + b"au."
    yield "one", start + array + bytes(3072) + end
    yield "cut", start + array
    yield "labels", start + b"u."
    yield "opcodes", b"\x80\x02(N\x88\x89K\x01M\x01\x00J\x01\x00\x00\x00tq\x01h\x01\x85\x86r\x02\x00\x00\x00j\x02\x00\x00\x00])}s."
    yield "deep", b"\x80\x02]" + b"\x85" * 2000 + b"."


def pickles_of_python3():
    # As Python 3 writes them in protocol 2, with NumPy 1 and 2: bytes are a call of _codecs.encode.
    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value

    for name, module in (("numpy1", b"numpy.core"), ("numpy2", b"numpy._core")):
        encode = b"c_codecs\nencode\n" + text("é".encode() * 1536 + b"a" * 1536) + text(b"latin1") + b"\x86R"
        yield name, (b"\x80\x02}(" + text(b"labels") + b"]K\x06a" + text(b"data") + b"c" + module +
                     b".multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85c_codecs\nencode\n" + text(b"b") +
                     text(b"latin1") + b"\x86R\x87R(K\x01K\x01M\x00\x0c\x86cnumpy\ndtype\n" + text(b"u1") +
                     b"\x89\x88\x87R(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89" +
                     encode + b"tbu.")


def all_cifar_pickles():
    yield from cifar_pickle_files()
    yield from pickles_of_python3()


# Stand-ins for PyTorch's classes, which Python's own pickle module writes as torch.save does.
def stand_ins():
    def member(module, name, value):
        value.__module__, value.__qualname__ = module.__name__, name
        setattr(module, name, value)
        return value

    torch, utils = (sys.modules.setdefault(name, types.ModuleType(name)) for name in ("torch", "torch._utils"))
    for name in ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool", "ComplexFloat"):
        member(torch, name + "Storage", type(name + "Storage", (), {}))
    for name in ("Size", "device"):
        member(torch, name, lambda *_: None)
    for name in ("_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter"):
        member(utils, name, lambda *_: None)
    return torch, utils


class Call:
    """What is pickled as a call of `function`."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Storage:
    def __init__(self, type_, key, count):
        self.identifier = ("storage", type_, key, "cpu", count)


def torch_pickle(data):
    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return value.identifier if isinstance(value, Storage) else None

    out = io.BytesIO()
    Pickler(out, protocol=2).dump(data)
    return out.getvalue()


def torch_data():
    torch, utils = stand_ins()

    def tensor(storage, sizes, strides, offset=0, *more):
        return Call(utils._rebuild_tensor_v2, storage, offset, sizes, strides, False, collections.OrderedDict(), *more)

    floats = Storage(torch.FloatStorage, "0", 16)
    yield "state", collections.OrderedDict([("weight", tensor(floats, (2, 3), (3, 1))), ("bias", tensor(floats, (3,), (1,), 6))])
    yield "views", [tensor(floats, (2, 2), (1, 4), 1), tensor(floats, (3, 2), (0, 0), 15), tensor(floats, (), ()),
                    tensor(floats, (0, 3), (3, 1))]
    for name in ("Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool", "ComplexFloat"):
        yield name.lower(), [tensor(Storage(getattr(torch, name + "Storage"), "1", 1), (1,), (1,))]
    yield "empty", tensor(Storage(torch.BoolStorage, "2", 0), (0,), (1,))
    yield "two_types", [tensor(Storage(torch.ByteStorage, "0", 64), (2,), (1,)),
                        tensor(Storage(torch.BoolStorage, "0", 64), (64,), (1,))]
    yield "negated", tensor(floats, (2,), (1,), 0, {"neg": True})
    yield "outside", [tensor(floats, (2,), (1,), 15), tensor(floats, (2**62, 4), (1, 2**62))]
    yield "parameter", Call(utils._rebuild_parameter, tensor(floats, (1,), (1,)), True, collections.OrderedDict())
    yield "others", [Call(torch.Size, (2, 3)), Call(torch.device, "cuda", 1), {1}, torch.FloatStorage]
    group = {"lr": 1e-3, "betas": (0.9, 0.999), "maximize": False, "foreach": None, "params": [0, 1]}
    yield "optimizer", {"state": {0: {"step": tensor(floats, (), ())}}, "param_groups": [group], "größe": -2**40}
    yield "counter", {"milestones": collections.Counter({3: 1, 7: 2}), "big": [255, 256, 2**31, -1, 2**63 - 1, 2**64]}
    twice = [1, "text"]
    yield "shared", [twice, twice, {"a": twice}]
    twice.append(twice)
    yield "in_itself", twice


def pickle_files():
    for name, data in torch_data():
        yield name, torch_pickle(data)
    yield "opcodes", b"(N\x88\x89K\x01M\x01\x00J\x01\x00\x00\x00G\x3f\xf0\0\0\0\0\0\0tq\x01h\x01\x85\x86r\x02\0\0\0j\x02\0\0\0])}s"
    yield "strings", b"(U\x01aT\x01\0\0\0bX\x02\0\0\0\xc3\xa4\x8a\x00\x8a\x01\xff\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ft"
    yield "set_items", b"}(K\x01NK\x02]aaU\x01aU\x01bu"
    yield "new_object", b"ccollections\nOrderedDict\n)\x81}K\x01K\x02sb"
    yield "built", b"cos\nsystem\nU\x02ls\x85R}b"
    yield "copies", b"ccollections\nCounter\nq\x01}(" + b"NN" * 30 + b"u\x85q\x02R" + b"h\x01h\x02R" * 30
    yield "deep", b"]" + b"\x85" * 300
    yield "text_again", b"(U\xff" + b"a" * 255 + b"q\x01" + b"h\x01" * 300 + b"t"


def zip_files(folder="x"):
    pickled = torch_pickle([1])
    members = [("data.pkl", pickled), ("byteorder", b"little"), ("data/0", bytes(16)), ("version", b"3\n"),
               (".data/serialization_id", b"0" * 40)]
    for name, order, kept in (("plain", "little", 2), ("recent", "little", 5), ("big", "big", 3), ("one", "little", 1),
                              ("none", "little", 0)):
        yield name, zip_of([(f"{folder}/{key}", order.encode() if key == "byteorder" else contents)
                            for key, contents in members[:kept]])
    whole = zip_of([("x/data.pkl", pickled)])
    yield "cut", whole[:-5]
    yield "comment", whole[:-2] + b"\x03\0PK\5"
    yield "deflated", zip_of([("x/data.pkl", pickled)], zipfile.ZIP_DEFLATED)
    yield "twice", zip_of([("x/data.pkl", pickled), ("y/data.pkl", pickled)])
    yield "zip64", zip64_of("x/data.pkl", pickled)


def zip_of(members, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, contents in members:
            archive.writestr(zipfile.ZipInfo(name), contents, compression)
    return out.getvalue()


def zip64_of(name, contents):
    crc, encoded, none = zlib.crc32(contents), name.encode(), 0xFFFFFFFF
    extra = struct.pack("<HHQQ", 1, 16, len(contents), len(contents))
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 33, crc, none, none, len(encoded), len(extra))
    local += encoded + extra + contents
    extra = struct.pack("<HHQQQ", 1, 24, len(contents), len(contents), 0)
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 33, crc, none, none, len(encoded), len(extra),
                        0, 0, 0, 0, none) + encoded + extra
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, len(entry), len(local))
    locator = struct.pack("<IIQI", 0x07064B50, 0, len(local) + len(entry), 1)
    return local + entry + end + locator + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, none, none, 0)


def all_zips():
    for name, contents in zip_files():
        yield name, b"0" + contents
        if name in ("plain", "recent", "comment"):
            yield name + "_repaired", b"1" + contents
            yield name + "_64", b"2" + contents


def torch_files():
    for name, contents in pickle_files():
        yield name, b"0" + contents
        if name in ("state", "views", "bool", "parameter", "opcodes"):
            yield name + "_mapped", b"3" + contents
    for name, contents in zip_files():
        yield "zip_" + name, (b"2" if name in ("plain", "recent", "big") else b"1") + contents
    # A whole file of each of two versions is too long; their pickles name storages that are not there.
    for version in ("1_13", "2_15"):
        golden = pathlib.Path(__file__).resolve().parents[1] / "golden" / f"torch_{version}.pt"
        yield "golden_" + version, b"0" + zipfile.ZipFile(golden).read(f"torch_{version}/data.pkl")


def cifar_files():
    yield "ten", b"1" + b"\x07" + bytes(range(256)) * 12
    yield "ten_label", b"1" + b"\x0a" + bytes(3072)
    yield "hundred", b"2" + b"\x13\x63" + bytes(3072)
    yield "hundred_cut", b"2" + b"\x13\x63" + bytes(3071)
    yield "empty", b"1"


def idx(kind, shape, elements):
    return bytes([0, 0, kind, len(shape)]) + b"".join(struct.pack(">I", size) for size in shape) + elements


def idx_files():
    for name, contents in (("bytes", idx(8, [2, 2, 3], bytes(range(12)))), ("shorts", idx(0x0B, [2], bytes(4))),
                           ("doubles", idx(0x0E, [1, 1], bytes(8))), ("scalar", idx(8, [], b"1")),
                           ("none", idx(8, [0, 2**32 - 1], b"")), ("cut", idx(8, [300], bytes(9))),
                           ("huge", idx(0x0D, [2**32 - 1] * 5, b"")), ("gibibyte", idx(8, [2**30], b"")),
                           ("long", idx(9, [1], b"12"))):
        yield name, contents
        yield name + "_gz", gzip.compress(contents, mtime=0)


def tar(members, kind=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, contents, type_ in members:
            info = tarfile.TarInfo(name)
            info.type = type_
            info.linkname = "target" if type_ in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            info.size = len(contents)
            archive.addfile(info, io.BytesIO(contents))
    blocks = out.getvalue().rstrip(b"\0")
    return blocks + bytes(-len(blocks) % 512 + 1024)


def archive_files():
    plain = [("set/", b"", tarfile.DIRTYPE), ("set/one", b"1", tarfile.REGTYPE), ("two", b"22" * 300, tarfile.REGTYPE)]
    for name, kind in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
        yield name, b"1" + tar(plain, kind)
        yield "long_" + name, b"1" + tar([("d" * 90 + "/" + "n" * 90, b"1", tarfile.REGTYPE)], kind)
    yield "leads_out", b"1" + tar([("../evil", b"1", tarfile.REGTYPE)])
    yield "links", b"1" + tar([("a", b"", tarfile.SYMTYPE), ("b", b"", tarfile.LNKTYPE)])
    whole = gzip.compress(tar(plain), mtime=0)
    yield "gz", b"0" + whole
    yield "gz_cut", b"0" + whole[:-3]
    yield "gz_followed", b"0" + whole + bytes(10) + b"x"
    yield "gz_twice", b"0" + gzip.compress(tar(plain)[:700], mtime=0) + gzip.compress(tar(plain)[700:], mtime=0)


def png(width, height, depth, colour, rows, interlace=0, extra=b""):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def palette(colours, alpha):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return chunk(b"PLTE", colours) + chunk(b"tRNS", alpha)


# A grey JPEG of 8 x 8: tables of one code each, whose bits make every coefficient zero.
def jpeg(progressive, codes=1):
    def segment(marker, data):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data

    def table(kind):
        return segment(0xC4, bytes([kind, 1] + [0] * 14 + [codes - 1] + [0] * codes))

    frame = segment(0xC2 if progressive else 0xC0, struct.pack(">BHHBBBB", 8, 8, 8, 1, 1, 0x11, 0))
    scan = segment(0xDA, bytes([1, 1, 0x00, 0, 0 if progressive else 63, 0])) + b"\x00"
    more = segment(0xDA, bytes([1, 1, 0x00, 1, 63, 0])) + b"\x00" if progressive else b""
    return (b"\xff\xd8" + segment(0xDB, bytes([0] + [1] * 64)) + frame + table(0x00) + table(0x10) +
            scan + more + b"\xff\xd9")


def image_files():
    yield "rgb", png(2, 2, 8, 2, (b"\x00" + bytes(6)) + (b"\x04" + bytes(range(6))))
    yield "rgba_interlaced", png(3, 3, 8, 6, b"".join(b"\x01" + bytes(4 * n) for n in (1, 1, 1, 2, 2, 1, 1, 3, 3)), 1)
    yield "grey16", png(2, 1, 16, 0, b"\x02" + bytes(4))
    yield "grey1", png(9, 2, 1, 0, b"\x00\xaa\x80" * 2)
    yield "palette", png(2, 1, 2, 3, b"\x00\x40", extra=palette(bytes(range(6)), b"\x80"))
    yield "palette_short", png(2, 1, 8, 3, b"\x00\x01\xc8", extra=palette(bytes(range(6)), b"\x80"))
    yield "unknown_chunk", png(1, 1, 8, 0, bytes(2), extra=b"\0\0\0\0A\x1b\xff\n" + bytes(4))
    yield "huge", png(16384, 16384, 8, 2, bytes(64))
    yield "long_chunk", png(1, 1, 8, 0, bytes(2), extra=b"\x7f\xff\xff\xffIDAT")
    yield "jpeg", jpeg(progressive=False)
    yield "jpeg_progressive", jpeg(progressive=True)
    yield "jpeg_codes", jpeg(progressive=False, codes=256)


def bmp(header_size, bits, palette_bytes, pixels, width=2, height=1):
    old = header_size == 12
    header = struct.pack("<IHHHH" if old else "<IiiHH", header_size, width, height, 1, bits)
    header = header.ljust(header_size, b"\0") + palette_bytes
    return b"BM" + struct.pack("<III", 14 + len(header) + len(pixels), 0, 14 + len(header)) + header + pixels


def more_image_files():
    exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    yield "exif", png(1, 2, 8, 0, bytes(4), extra=struct.pack(">I", len(exif)) + b"eXIf" + exif + bytes(4))
    plain = jpeg(progressive=False)
    yield "jpeg_exif", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + plain[2:]
    yield "bmp24", bmp(40, 24, b"", bytes(8))
    yield "bmp32", bmp(124, 32, b"", bytes(8))
    yield "bmp16", bmp(40, 16, b"", bytes(4))
    yield "bmp8", bmp(40, 8, bytes(range(8)), b"\x01\xc8\0\0")
    yield "bmp1", bmp(40, 1, bytes(range(8)), b"\x40\0\0\0", height=-1)
    yield "bmp_os2", bmp(12, 4, bytes(range(6)), b"\x1f\0\0\0")
    yield "gif", (b"GIF89a\x02\0\x01\0\x80\0\0" + bytes(range(6)) + b"\x21\xf9\x04\x01\0\0\0\0" +
                  b"\x2c\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0\x3b")
    header = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 2, 1, 24, 0)
    yield "tga", header + bytes(6)
    yield "tga_runs", header[:2] + b"\x0a" + header[3:] + b"\x81\1\2\3"
    yield "tga_palette", struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 0, 2, 24, 0, 0, 2, 1, 8, 0x20) + bytes(6) + b"\0\1"
    psd = b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, 1, 2, 8, 3) + bytes(12)
    yield "psd", psd + b"\0\0" + bytes(6)
    yield "psd_runs", psd + b"\0\x01" + bytes(6) + b"\xff\1\xff\2\xff\3"
    pic = b"\x53\x80\xf6\x34" + bytes(84) + b"PICT" + struct.pack(">HHIHH", 2, 1, 0, 0, 0)
    yield "pic", pic + b"\0\x08\0\xe0" + bytes(6)
    yield "pic_runs", pic + b"\0\x08\x02\xe0" + b"\x81\1\2\3"
    yield "pnm_grey", b"P5 2 1 255\nab"
    yield "pnm", b"P6 # two\n2 1\n255\nabcdef"
    yield "pnm_comments", b"P6 #\r1 2#0\n2511 0\n255\nabcdef"
    hdr = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X "
    yield "hdr", hdr + b"2\n" + b"\x80\x40\x20\x81" * 2
    yield "hdr_runs", hdr + b"8\n" + b"\x02\x02\0\x08" + b"\x88\x40" * 4


def all_images():
    yield from image_files()
    yield from more_image_files()


def main():
    here = pathlib.Path(__file__).resolve().parent
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "corpus"
    for parser, files in (("safetensors", safetensors_files), ("cifar_pickle", all_cifar_pickles),
                          ("archive", archive_files), ("cifar", cifar_files), ("idx", idx_files), ("image", all_images),
                          ("pickle", pickle_files), ("torch", torch_files), ("zip", all_zips)):
        (folder / parser).mkdir(parents=True, exist_ok=True)
        for name, contents in files():
            (folder / parser / name).write_bytes(contents)


if __name__ == "__main__":
    main()
