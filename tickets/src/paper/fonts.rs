//! The fonts of tickets: Roboto for Latin, Greek and Cyrillic, Noto for the other scripts. `fonts/noto.py` makes the latter.

use std::sync::LazyLock;

use krilla::text::{Font, TextDirection};
use rustybuzz::{Direction, GlyphBuffer, UnicodeBuffer};

use super::ink::Weight;

/// A font with one weight.
pub(super) struct Face {
    pub font: Font,
    /// True for a regular font that stands for a bold one: its letters are drawn with a line around them.
    pub is_thickened: bool,
    shapes: rustybuzz::Face<'static>,
}

/// Both weights of the fonts for some scripts, each read when a letter is first looked for in it.
struct Family {
    regular: LazyLock<Face>,
    bold: LazyLock<Face>,
}

/// A family of two fonts, or of `one`, which is thickened where bold is asked for.
macro_rules! family {
    ($name:literal) => {
        Family {
            regular: LazyLock::new(|| {
                Face::new(include_bytes!(concat!("../../fonts/", $name, "-Regular.ttf")))
            }),
            bold: LazyLock::new(|| Face::new(include_bytes!(concat!("../../fonts/", $name, "-Bold.ttf")))),
        }
    };
    (one $file:literal) => {{
        static BYTES: &[u8] = include_bytes!(concat!("../../fonts/", $file));
        Family {
            regular: LazyLock::new(|| Face::new(BYTES)),
            bold: LazyLock::new(|| Face { is_thickened: true, ..Face::new(BYTES) }),
        }
    }};
}

/// In the order in which they are asked for a letter.
static FAMILIES: [Family; 72] = [
    family!("Roboto"),
    family!("NotoSansDevanagari"),
    family!("NotoSansBengali"),
    family!("NotoSansTamil"),
    family!("NotoSansTelugu"),
    family!("NotoSansKannada"),
    family!("NotoSansMalayalam"),
    family!("NotoSansGujarati"),
    family!("NotoSansGurmukhi"),
    family!("NotoSansOriya"),
    family!("NotoSansArabic"),
    family!(one "NotoSansCJK-Regular.otf"),
    family!("NotoSansHebrew"),
    family!("NotoSansThai"),
    family!("NotoSansLao"),
    family!("NotoSansKhmer"),
    family!("NotoSansMyanmar"),
    family!("NotoSansSinhala"),
    family!("NotoSansGeorgian"),
    family!("NotoSansArmenian"),
    family!("NotoSansEthiopic"),
    family!("NotoSansThaana"),
    family!(one "NotoSerifTibetan-Regular.ttf"),
    family!(one "NotoSansAdlam-Regular.ttf"),
    family!(one "NotoSansBalinese-Regular.ttf"),
    family!(one "NotoSansBamum-Regular.ttf"),
    family!(one "NotoSansBatak-Regular.ttf"),
    family!(one "NotoSansBuginese-Regular.ttf"),
    family!(one "NotoSansBuhid-Regular.ttf"),
    family!(one "NotoSansCanadianAboriginal-Regular.ttf"),
    family!(one "NotoSansChakma-Regular.ttf"),
    family!(one "NotoSansCham-Regular.ttf"),
    family!(one "NotoSansCherokee-Regular.ttf"),
    family!(one "NotoSansGunjalaGondi-Regular.ttf"),
    family!(one "NotoSansHanifiRohingya-Regular.ttf"),
    family!(one "NotoSansHanunoo-Regular.ttf"),
    family!(one "NotoSansJavanese-Regular.ttf"),
    family!(one "NotoSansKayahLi-Regular.ttf"),
    family!(one "NotoSansLepcha-Regular.ttf"),
    family!(one "NotoSansLimbu-Regular.ttf"),
    family!(one "NotoSansLisu-Regular.ttf"),
    family!(one "NotoSansMandaic-Regular.ttf"),
    family!(one "NotoSansMasaramGondi-Regular.ttf"),
    family!(one "NotoSansMeeteiMayek-Regular.ttf"),
    family!(one "NotoSansMendeKikakui-Regular.ttf"),
    family!(one "NotoSansMiao-Regular.ttf"),
    family!(one "NotoSansMongolian-Regular.ttf"),
    family!(one "NotoSansMro-Regular.ttf"),
    family!(one "NotoSansNKo-Regular.ttf"),
    family!(one "NotoSansNewTaiLue-Regular.ttf"),
    family!(one "NotoSansNewa-Regular.ttf"),
    family!(one "NotoSansOlChiki-Regular.ttf"),
    family!(one "NotoSansOsage-Regular.ttf"),
    family!(one "NotoSansPahawhHmong-Regular.ttf"),
    family!(one "NotoSansPauCinHau-Regular.ttf"),
    family!(one "NotoSansRejang-Regular.ttf"),
    family!(one "NotoSansSaurashtra-Regular.ttf"),
    family!(one "NotoSansSoraSompeng-Regular.ttf"),
    family!(one "NotoSansSundanese-Regular.ttf"),
    family!(one "NotoSansSylotiNagri-Regular.ttf"),
    family!(one "NotoSansSyriac-Regular.ttf"),
    family!(one "NotoSansTagalog-Regular.ttf"),
    family!(one "NotoSansTagbanwa-Regular.ttf"),
    family!(one "NotoSansTaiLe-Regular.ttf"),
    family!(one "NotoSansTaiTham-Regular.ttf"),
    family!(one "NotoSansTaiViet-Regular.ttf"),
    family!(one "NotoSansTifinagh-Regular.ttf"),
    family!(one "NotoSansVai-Regular.ttf"),
    family!(one "NotoSansWancho-Regular.ttf"),
    family!(one "NotoSansWarangCiti-Regular.ttf"),
    family!(one "NotoSansYi-Regular.ttf"),
    family!(one "NotoSerifNyiakengPuachueHmong-Regular.ttf"),
];

impl Face {
    fn new(bytes: &'static [u8]) -> Self {
        const WHOLE: &str = "the embedded fonts are valid";
        let shapes = rustybuzz::Face::from_slice(bytes, 0).expect(WHOLE);
        Self { font: Font::new(bytes.into(), 0).expect(WHOLE), is_thickened: false, shapes }
    }

    fn has(&self, letter: char) -> bool {
        self.shapes.glyph_index(letter).is_some()
    }
}

impl Family {
    fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// A part of a line with one font and one direction.
pub(super) struct Run<'a> {
    pub face: &'static Face,
    pub text: &'a str,
    pub direction: TextDirection,
}

impl Run<'_> {
    /// Width in font sizes: that of the joined and stacked letters, as they are drawn.
    pub fn width(&self) -> f32 {
        let units: i32 = self.shaped().glyph_positions().iter().map(|at| at.x_advance).sum();
        #[expect(clippy::cast_precision_loss, reason = "a line is shorter than 2^23 units of a font")]
        let width = units as f32 / self.face.shapes.units_per_em() as f32;
        width
    }

    fn shaped(&self) -> GlyphBuffer {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(self.text);
        buffer.guess_segment_properties();
        let is_leftward = self.direction == TextDirection::RightToLeft;
        buffer.set_direction(if is_leftward { Direction::RightToLeft } else { Direction::LeftToRight });
        rustybuzz::shape(&self.face.shapes, &[], buffer)
    }
}

/// Divides a text of one direction into runs of one font, in reading order. A letter that no font has stays in its run, and is
/// drawn as a box.
pub(super) fn runs(text: &str, direction: TextDirection, weight: Weight) -> impl Iterator<Item = Run<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let face = face_of(first, weight).unwrap_or_else(|| FAMILIES[0].face(weight));
        let stays = |letter: char| is_joiner(letter) || face.has(letter) || face_of(letter, weight).is_none();
        let end =
            rest.char_indices().skip(1).find(|(_, letter)| !stays(*letter)).map_or(rest.len(), |(at, _)| at);
        let text;
        (text, rest) = rest.split_at(end);
        Some(Run { face, text, direction })
    })
}

fn face_of(letter: char, weight: Weight) -> Option<&'static Face> {
    FAMILIES.iter().map(|family| family.face(weight)).find(|face| face.has(letter))
}

/// Returns `true` for the characters that join or divide the letters around them, and have no shape of their own.
pub(super) fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    /// One text per script; names of languages where a script has few films.
    const TEXTS: [&str; 77] = [
        "Amélie Ελλάδα Сталкер",
        "शोले की कहानी",
        "পথের পাঁচালী",
        "முதல் மரியாதை",
        "శంకరాభరణం",
        "ನಾಗರಹಾವು",
        "മണിച്ചിത്രത്താഴ്",
        "ગાંધી",
        "ਪੰਜਾਬ",
        "ସୁନା ପୁଅ",
        "لورنس العرب",
        "پاکیزہ",
        "霸王别姬：流浪地球",
        "泰囧",
        "悲情城市，臺北故事",
        "千と千尋の神隠し（ジブリ）",
        "기생충",
        "ואלס עם באשיר",
        "ฉลาดเกมส์โกง น้ำ",
        "ສະບາຍດີ ຫຼວງພະບາງ",
        "ខ្ញុំស្រឡាញ់ភាពយន្ត",
        "မြန်မာ ရုပ်ရှင် ကြည့်",
        "සිංහල චිත්‍රපටය ශ්‍රී",
        "მონანიება",
        "Նռան գույնը",
        "ጤዛ ፊልም",
        "ދިވެހި ފިލްމު",
        "བོད་ཀྱི་གློག་བརྙན",
        "𞤆𞤵𞤤𞤢𞤪",
        "ᬩᬲᬩᬮᬶ",
        "ꚠꚡꚢ",
        "ᯅᯖᯂ᯲",
        "ᨒᨚᨈᨑ",
        "ᝊᝓᝑᝒᝇ",
        "ᐊᑕᓈᕐᔪᐊᑦ",
        "𑄌𑄋𑄴𑄟𑄳𑄦",
        "ꨌꩌ",
        "ᏣᎳᎩ",
        "𑵠𑵡𑵢",
        "𐴌𐴗𐴥𐴝𐴙𐴚",
        "ᜱᜨᜳᜨᜳᜢ",
        "ꦗꦮ",
        "ꤊꤢꤛꤢ꤭",
        "ᰛᰩᰵ",
        "ᤕᤰᤌᤢ",
        "ꓡꓲꓢꓴ",
        "ࡌࡀࡍࡃࡀࡉࡀ",
        "𑴎𑴦",
        "ꯃꯩꯇꯩ",
        "𞠀𞠁𞠂",
        "𖼐𖼲",
        "ᠮᠣᠩᠭᠣᠯ",
        "𖩃𖩓𖩑",
        "ߒߞߏ",
        "ᦟᦲᧉ",
        "𑐣𑐾𑐥𑐵𑐮",
        "ᱚᱞ",
        "𐓏𐓘𐓻𐓘𐓻𐓟",
        "𖬌𖬣𖬵",
        "𑫀𑫁𑫂",
        "ꤽꤺꥏ",
        "ꢱꣃꢬꢵꢰ꣄ꢜ꣄ꢬ",
        "𑃐𑃦𑃑𑃝𑃗",
        "ᮞᮥᮔ᮪ᮓ",
        "ꠍꠤꠟꠐꠤ",
        "ܣܘܪܝܝܐ",
        "ᜊᜌᜒ",
        "ᝦᝪᝯ",
        "ᥖᥭᥰ",
        "ᨲᩫ᩠ᩅ",
        "ꪼꪕꪒꪾ",
        "ⵜⴰⵎⴰⵣⵉⵖⵜ",
        "ꕙꔤ",
        "𞋀𞋁𞋂",
        "𑢹𑣗𑣁",
        "ꆈꌠꁱꂷ",
        "𞄀𞄩",
    ];

    fn boxes(text: &str, weight: Weight) -> Vec<String> {
        runs(text, TextDirection::LeftToRight, weight)
            .filter(|run| run.shaped().glyph_infos().iter().any(|glyph| glyph.glyph_id == 0))
            .map(|run| run.text.to_owned())
            .collect()
    }

    #[test]
    fn every_script_has_its_letters_in_both_weights() {
        for text in TEXTS {
            for weight in [Weight::Regular, Weight::Bold] {
                assert_eq!(boxes(text, weight), [""; 0], "{text} {weight:?}");
            }
        }
        assert_eq!(boxes("Up 😀", Weight::Regular), ["Up 😀"], "what no font has is a box");
    }

    #[test]
    fn every_font_is_asked_for_some_text() {
        for (index, family) in FAMILIES.iter().enumerate() {
            let found = |text: &str| {
                text.chars().any(|letter| {
                    face_of(letter, Weight::Regular)
                        .is_some_and(|face| std::ptr::eq(face, &raw const *family.regular))
                })
            };
            assert!(TEXTS.into_iter().any(found), "font {index}");
        }
    }

    #[test]
    fn digits_and_latin_letters_look_alike_in_every_script() {
        for text in ["流浪地球2", "ואלס2", "หนัง2", "영화2", "سينما2"] {
            let last =
                runs(text, TextDirection::LeftToRight, Weight::Bold).last().map(|run| run.text.to_owned());
            assert_eq!(last.as_deref(), Some("2"), "{text}");
        }
    }

    #[test]
    fn parts_of_hangul_are_composed() {
        let width = |text: &str| {
            runs(text, TextDirection::LeftToRight, Weight::Regular).map(|run| run.width()).sum::<f32>()
        };
        let parts = "기생충".nfd().collect::<String>();
        assert!((width(&parts) - width("기생충")).abs() < 0.001, "{}", width(&parts));
        assert_eq!(boxes(&parts, Weight::Regular), [""; 0]);
    }
}
