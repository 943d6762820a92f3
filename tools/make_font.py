#!/usr/bin/env python3
"""Writes report/plot/font_outlines.cpp: the outlines of the characters that pictures are lettered with.

They are DejaVu Sans's (Debian's fonts-dejavu-core), read with fontTools (python3-fonttools). Run it again
to add characters; the result is committed, so that a build needs neither.

    tools/make_font.py [--font DejaVuSans.ttf]
"""

import argparse
from pathlib import Path

from fontTools.pens.basePen import decomposeQuadraticSegment
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

CHARACTERS = ("".join(map(chr, range(0x20, 0x7F)))
              + "ÄÖÜßäöüàáâçèéêëíîñóôú" + "°±²³µ·×÷–—…→←↑↓≤≥≈≠−∞√∑∂∇Δαβγδεθλπσ✓✗�")
OUT = Path(__file__).resolve().parent.parent / "report/plot/font_outlines.cpp"
NOTICE = """\
// Made by tools/make_font.py from DejaVu Sans. The outlines' licence, which asks to stay with them:
//   Copyright (c) 2003 by Bitstream, Inc. All Rights Reserved. Bitstream Vera is a trademark of
//   Bitstream, Inc. DejaVu changes are in public domain.
//   Permission is hereby granted, free of charge, to any person obtaining a copy of the fonts
//   accompanying this license ("Fonts") and associated documentation files (the "Font Software"), to
//   reproduce and distribute the Font Software, including without limitation the rights to use, copy,
//   merge, publish, distribute, and/or sell copies of the Font Software, and to permit persons to whom
//   the Font Software is furnished to do so, subject to the following conditions:
//   The above copyright and trademark notices and this permission notice shall be included in all
//   copies of one or more of the Font Software typefaces.
//   The Font Software may be modified, altered, or added to, and in particular the designs of glyphs or
//   characters in the Fonts may be modified and additional glyphs or characters may be added to the
//   Fonts, only if the fonts are renamed to names not containing either the words "Bitstream" or the
//   word "Vera".
//   This License becomes null and void to the extent applicable to Fonts or Font Software that has been
//   modified and is distributed under the "Bitstream Vera" names.
//   The Font Software may be sold as part of a larger software package but no copy of one or more of
//   the Font Software typefaces may be sold by itself.
//   THE FONT SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
//   BUT NOT LIMITED TO ANY WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
//   NONINFRINGEMENT OF COPYRIGHT, PATENT, TRADEMARK, OR OTHER RIGHT. IN NO EVENT SHALL BITSTREAM OR THE
//   GNOME FOUNDATION BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, INCLUDING ANY GENERAL,
//   SPECIAL, INDIRECT, INCIDENTAL, OR CONSEQUENTIAL DAMAGES, WHETHER IN AN ACTION OF CONTRACT, TORT OR
//   OTHERWISE, ARISING FROM, OUT OF THE USE OR INABILITY TO USE THE FONT SOFTWARE OR FROM OTHER
//   DEALINGS IN THE FONT SOFTWARE.
//   Except as contained in this notice, the names of Gnome, the Gnome Foundation, and Bitstream Inc.,
//   shall not be used in advertising or otherwise to promote the sale, use or other dealings in this
//   Font Software without prior written authorization from the Gnome Foundation or Bitstream Inc.,
//   respectively. For further information, contact: fonts at gnome dot org.
"""


def points_of(glyphs, name):
    """(x, y, kind): 2 begins a contour, 1 is the end of a line, 0 a curve's control point before its end."""
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    points = []
    for operation, arguments in pen.value:
        if operation == "moveTo":
            points.append((*arguments[0], 2))
        elif operation == "lineTo":
            points.append((*arguments[0], 1))
        elif operation == "qCurveTo":
            if arguments[-1] is None:
                raise SystemExit(f"{name}: a contour without a corner")
            for control, end in decomposeQuadraticSegment(arguments):
                points += [(*control, 0), (*end, 1)]
    return [(round(x), round(y), kind) for x, y, kind in points]


def wrapped(items):
    lines, line = [], ""
    for item in items:
        if len(line) + len(item) > 100:
            lines.append(line)
            line = ""
        line += item
    return "\n".join([*lines, line])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--font", default="/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    font = TTFont(parser.parse_args().font)
    names, glyphs = font.getBestCmap(), font.getGlyphSet()
    points, entries = [], []
    for character in sorted(CHARACTERS):
        name = names[ord(character)]
        outline = points_of(glyphs, name)
        entries.append(f"{{{ord(character)},{round(glyphs[name].width)},{len(points)},{len(outline)}}},")
        points += outline
    if font["head"].unitsPerEm != 2048:
        raise SystemExit("kUnitsPerEm of font_outlines.h is 2048, the font's another")
    text = (NOTICE + '#include "font_outlines.h"\n\n// clang-format off\nnamespace cuttle::plot {\nnamespace {\n\n'
            + "// character, advance, first point, how many\n"
            + "constexpr Glyph kGlyphs[] = {\n" + wrapped(entries) + "};\n\n"
            + "// x, y, kind\nconstexpr GlyphPoint kPoints[] = {\n"
            + wrapped(f"{{{x},{y},{kind}}}," for x, y, kind in points) + "};\n\n}  // namespace\n\n"
            + "std::span<const Glyph> font_glyphs() { return kGlyphs; }\n"
            + "std::span<const GlyphPoint> font_points() { return kPoints; }\n\n}  // namespace cuttle::plot\n")
    OUT.write_text(text, encoding="utf-8")
    print(f"{OUT}: {len(entries)} characters, {len(points)} points")


if __name__ == "__main__":
    main()
