"""Makes the fonts of the scripts that Roboto lacks, from Noto Sans as npm delivers it: the letters of one script each.

    npm install --prefix /tmp/noto @fontsource/noto-sans-{devanagari,bengali,tamil,telugu,kannada,malayalam} \\
        @fontsource/noto-sans-{gujarati,gurmukhi,arabic}
    pip install fonttools brotli && python3 noto.py /tmp/noto

NotoSansOriya (Odia) is the file of Debian's fonts-noto-core 20201225, under the same licence.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent
SCRIPTS = "devanagari bengali tamil telugu kannada malayalam gujarati gurmukhi arabic".split()
WEIGHTS = {"400": "Regular", "700": "Bold"}

for script in SCRIPTS:
    files = Path(sys.argv[1]) / f"node_modules/@fontsource/noto-sans-{script}/files"
    for weight, name in WEIGHTS.items():
        font = TTFont(files / f"noto-sans-{script}-{script}-{weight}-normal.woff2")
        font.flavor = None
        font.save(FOLDER / f"NotoSans{script.capitalize()}-{name}.ttf")
    (FOLDER / "LICENSE-Noto").write_text((files.parent / "LICENSE").read_text())
