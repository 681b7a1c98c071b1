"""Makes the fonts of the scripts that Roboto lacks, from Noto Sans.

The scripts of India: as npm delivers them, the letters of one script each. The others: from Debian 12, without hints and
without the characters that Roboto has, so that a line has one form of digits and quotation marks.

    npm install --prefix /tmp/noto @fontsource/noto-sans-{devanagari,bengali,tamil,telugu,kannada,malayalam} \\
        @fontsource/noto-sans-{gujarati,gurmukhi}
    cd /tmp/noto && apt-get download fonts-noto-core fonts-noto-cjk && for deb in *.deb; do dpkg-deb -x $deb .; done
    pip install fonttools==4.68.0 brotli && python3 noto.py /tmp/noto

Versions: fonts-noto-core 20201225-1, fonts-noto-cjk 1:20220127+repack1-1. Without `node_modules`, only Debian's are made.
"""

import shutil
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent
SOURCE = Path(sys.argv[1])
SCRIPTS = "devanagari bengali tamil telugu kannada malayalam gujarati gurmukhi".split()
WEIGHTS = {"400": "Regular", "700": "Bold"}

# In both weights: scripts of a country's language. Newer versions of the Arabic font draw the dots of letters as glyphs of
# their own, and programs that copy the letters from a PDF put blanks between them.
BOTH = "Arabic Hebrew Thai Lao Khmer Myanmar Sinhala Georgian Armenian Ethiopic Thaana".split()
# In one weight: scripts that fewer people write.
ONE = (
    "Adlam Balinese Bamum Batak Buginese Buhid CanadianAboriginal Chakma Cham Cherokee GunjalaGondi HanifiRohingya Hanunoo"
    " Javanese KayahLi Lepcha Limbu Lisu Mandaic MasaramGondi MeeteiMayek MendeKikakui Miao Mongolian Mro NKo NewTaiLue Newa"
    " OlChiki Osage PahawhHmong PauCinHau Rejang Saurashtra SoraSompeng Sundanese SylotiNagri Syriac Tagalog Tagbanwa TaiLe"
    " TaiTham TaiViet Tifinagh Vai Wancho WarangCiti Yi"
).split()
# Noto Sans has no Tibetan in Debian 12, and none of this script of the Hmong.
SERIF = "Tibetan NyiakengPuachueHmong".split()

# Blanks, joiners, and the circle below a mark without a letter: a font shapes its script with its own.
SHARED = {0x20, 0xA0, 0x200B, 0x200C, 0x200D, 0x25CC}


def letters(font):
    return set(font.getBestCmap())


def save(font, unicodes, features, name):
    options = Options(
        hinting=False, layout_features=features, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True
    )
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)
    font["head"].modified = font["head"].created
    # The same bytes, whether another packer is installed or not.
    font.cfg["fontTools.ttLib.tables.otBase:USE_HARFBUZZ_REPACKER"] = False
    font.save(FOLDER / name)
    print(f"{(FOLDER / name).stat().st_size:9} {name}")


def of_debian(family, script, weight):
    font = TTFont(SOURCE / f"usr/share/fonts/truetype/noto/{family}{script}-{weight}.ttf", recalcTimestamp=False)
    save(font, letters(font) - (ROBOTO - SHARED), ["*"], f"{family}{script}-{weight}.ttf")


def encoded(codec, rows, cells=range(0xA1, 0xFF)):
    """Characters of a double-byte code."""
    for row in rows:
        for cell in cells:
            try:
                yield from map(ord, bytes([row, cell]).decode(codec))
            except UnicodeDecodeError:
                pass


def chinese_japanese_korean():
    """Characters of GBK, Big5, JIS X 0208 and KS X 1001, and the parts that Hangul is composed of."""
    all_rows = range(0xA1, 0xFF)
    found = set(encoded("euc_jp", all_rows)) | set(encoded("euc_kr", all_rows))
    found |= set(encoded("gbk", range(0x81, 0xFF), range(0x40, 0xFF))) | set(encoded("big5", all_rows, range(0x40, 0xFF)))
    found |= set(range(0x3000, 0x3100)) | set(range(0x3105, 0x3130)) | set(range(0xFF01, 0xFFEF))
    found |= {*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}
    return found


def han(weight="Regular", index=2):
    """The face for mainland China of the collection: characters that are written differently elsewhere have its forms."""
    source = SOURCE / f"usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc"
    font = TTFont(source, fontNumber=index, recalcTimestamp=False)
    save(font, chinese_japanese_korean() - ROBOTO, [], f"NotoSansCJK-{weight}.otf")


def of_npm(script):
    files = SOURCE / f"node_modules/@fontsource/noto-sans-{script}/files"
    for weight, name in WEIGHTS.items():
        font = TTFont(files / f"noto-sans-{script}-{script}-{weight}-normal.woff2")
        font.flavor = None
        font.save(FOLDER / f"NotoSans{script.capitalize()}-{name}.ttf")


ROBOTO = letters(TTFont(FOLDER / "Roboto-Regular.ttf")) & letters(TTFont(FOLDER / "Roboto-Bold.ttf"))

if (SOURCE / "node_modules").is_dir():
    for script in SCRIPTS:
        of_npm(script)
for weight in WEIGHTS.values():
    # Odia is Debian's file as it is.
    shutil.copy(SOURCE / f"usr/share/fonts/truetype/noto/NotoSansOriya-{weight}.ttf", FOLDER)
    for script in BOTH:
        of_debian("NotoSans", script, weight)
for script in ONE:
    of_debian("NotoSans", script, "Regular")
for script in SERIF:
    of_debian("NotoSerif", script, "Regular")
han()
