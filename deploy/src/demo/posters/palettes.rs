//! Colours and letterings by genre: those of the web app (`web/src/design/poster-art.ts`), so that its pages, which take their
//! colours from the title and genre, go with the posters.

use super::{canvas::Colour, lettering::Lettering};

/// The colours of a poster.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    pub ground: Colour,
    pub ink: Colour,
    pub one: Colour,
    pub two: Colour,
}

/// How posters of a genre look.
pub struct Manner {
    pub palettes: &'static [Palette],
    pub letterings: &'static [Lettering],
}

const fn p(ground: u32, ink: u32, one: u32, two: u32) -> Palette {
    Palette {
        ground: Colour::hex(ground),
        ink: Colour::hex(ink),
        one: Colour::hex(one),
        two: Colour::hex(two),
    }
}

macro_rules! manner {
    ($($lettering:ident),+: $(($ground:literal $ink:literal $one:literal $two:literal)),+) => {
        Manner { palettes: &[$(p($ground, $ink, $one, $two)),+], letterings: &[$(Lettering::$lettering),+] }
    };
}

#[expect(clippy::unreadable_literal, reason = "colours are read as in CSS")]
static MANNERS: [(&str, Manner); 17] = [
    (
        "drama",
        manner!(Serif, Narrow: (0x12343b 0xf4efe6 0xe9734f 0x2c6e73), (0xf2e6d9 0x23211f 0xc8553d 0x588b8b), (0x22223b 0xf2e9e4 0xc9ada7 0x9a8c98)),
    ),
    (
        "thriller",
        manner!(Narrow: (0x101012 0xf5f1e8 0xe5383b 0x5c5f66), (0xe5383b 0x120d0d 0xf5f1e8 0x7a1416)),
    ),
    (
        "mystery",
        manner!(Serif, Narrow: (0x1b1b3a 0xf6e7cb 0xf4d35e 0x693668), (0x2f4550 0xf4f4f9 0xb8dbd9 0x586f7c)),
    ),
    ("crime", manner!(Narrow: (0x1f1d1d 0xf2ebe0 0xd1495b 0xedae49), (0xedae49 0x1c1a19 0x1f1d1d 0xd1495b))),
    (
        "comedy",
        manner!(Wide, Narrow: (0xffc93c 0x1f1a2e 0xf2545b 0x3a86c8), (0xf2545b 0xfff4e0 0xffc93c 0x19323c), (0x8bd3dd 0x1a1b41 0xf582ae 0xfef6e4)),
    ),
    ("romance", manner!(Serif: (0xf7c5cc 0x4a0d2b 0xcc313d 0xfff0ee), (0x5b1230 0xfde2e4 0xe56b6f 0xb5838d))),
    ("horror", manner!(Narrow: (0x0c0d0e 0xe9f7d2 0xb4ff39 0x2b3a20), (0x160f29 0xf3dfc1 0xe63946 0x45224d))),
    (
        "science fiction",
        manner!(Wide: (0x0b1340 0xeaf6ff 0x5ce1e6 0x6d5dfc), (0x1a0633 0xf9e9ff 0xff5dad 0x5d3fd3)),
    ),
    (
        "action",
        manner!(Narrow, Wide: (0xff5a1f 0x170f0b 0xffd166 0x170f0b), (0x1d1a16 0xfff3dc 0xff5a1f 0x8f2d0c)),
    ),
    (
        "adventure",
        manner!(Narrow, Serif: (0x1e4d3b 0xf6ead2 0xf2a65a 0x58a37c), (0xf2a65a 0x2a1a12 0x772f1a 0xf6ead2)),
    ),
    (
        "animation",
        manner!(Wide: (0x74c7ec 0x14213d 0xffe066 0xff8c61), (0xffe066 0x22223b 0xff6b6b 0x4ecdc4)),
    ),
    (
        "family",
        manner!(Wide, Serif: (0xff9f6b 0x2b1b12 0xffe8c2 0xc6432c), (0xbde0a8 0x183a1d 0xf6f5ae 0x4d8b55)),
    ),
    (
        "music",
        manner!(Wide, Narrow: (0x3c1361 0xffe9c9 0xf7b801 0xb5179e), (0xf7b801 0x2d1430 0xc1292e 0x2d1430)),
    ),
    (
        "musical",
        manner!(Wide, Serif: (0x7b0d1e 0xffe5b9 0xf8b500 0x3d0610), (0xf8b500 0x3d0610 0x7b0d1e 0xfff3d6)),
    ),
    (
        "sport",
        manner!(Wide, Narrow: (0x0f7b3f 0xf8fff4 0xf8fff4 0x0a5229), (0xf4f1de 0x1d3557 0xe63946 0x457b9d)),
    ),
    (
        "play",
        manner!(Serif: (0x3a0713 0xfbe9d0 0xb3162e 0x7d0f22), (0x14213d 0xf7ead0 0x31487a 0x22355f), (0xf5eddc 0x34101a 0xc3423f 0x8f2233)),
    ),
    (
        "satire",
        manner!(Narrow, Serif: (0xf6f3ea 0x141414 0xe63946 0x141414), (0x141414 0xf6f3ea 0xf4d35e 0x565656)),
    ),
];
#[expect(clippy::unreadable_literal, reason = "colours are read as in CSS")]
static OTHER: Manner = manner!(Narrow, Serif, Wide: (0x283044 0xebf5ee 0x78a1bb 0xbfa89e), (0xebe3d5 0x2a2a2a 0xe07a5f 0x81b29a));

/// The manner of the first genre that has one.
pub fn manner_of(genres: &[String]) -> &'static Manner {
    let known = |genre: &String| MANNERS.iter().find(|(name, _)| genre.eq_ignore_ascii_case(name));
    genres.iter().find_map(known).map_or(&OTHER, |(_, manner)| manner)
}
