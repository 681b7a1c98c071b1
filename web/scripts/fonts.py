"""Makes the fonts in src/design/fonts: the letters and the weights that the app uses, of Archivo as npm delivers it.

    pip install fonttools brotli && python3 scripts/fonts.py

A phone on a slow network waits half a second for each 100 kB, and the whole family has 176 kB.
"""

from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

WEB = Path(__file__).parent.parent
FILES = WEB / "node_modules/@fontsource-variable/archivo/files"
FOLDER = WEB / "src/design/fonts"
LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)])) + "‘’“”–—…•·−€→"
RUPEE = "₹"
# Body text in the weights from regular to bold, and headlines as on a marquee: narrow and heavy.
STYLES = {"text": {"wdth": 100, "wght": (400, 800)}, "headline": {"wdth": 78, "wght": 750}}


def make(name: str, source: str, axes: dict, letters: str) -> TTFont:
    font = instancer.instantiateVariableFont(TTFont(FILES / f"archivo-{source}-standard-normal.woff2"), axes)
    options = Options()
    options.layout_features = ["kern", "liga", "tnum", "mark", "ccmp", "locl"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff2"
    path = FOLDER / f"archivo-{name}.woff2"
    font.save(path)
    print(f"{path.stat().st_size:8} {path.name}")
    return font


FOLDER.mkdir(exist_ok=True)
for name, axes in STYLES.items():
    make(name, "latin", axes, LATIN)
    make(f"{name}-rupee", "latin-ext", axes, RUPEE)
(FOLDER / "LICENSE").write_text((FILES.parent / "LICENSE").read_text())
