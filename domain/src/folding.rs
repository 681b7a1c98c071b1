//! Folding: the form in which texts are compared. Search in both engines and the names of cities use this one.
//!
//! Folded texts have no letter case, accents or punctuation. Initials are one word however they are written ("E.T.", "K G F"),
//! and in scripts without spaces between words each character is a word. A text of symbols alone stays as it is.

pub mod cities;
mod sound;

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

pub use self::sound::sound;

/// Changes with the folding, so that what an older version folded is folded again.
pub const VERSION: u32 = 1;

/// Longest word, in characters; the rest of a longer one does not count. The longest place name has 58 letters.
const WORD_CHARS_MAX: usize = 64;

/// A folded text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The words in order.
    words: Vec<String>,
    /// Parts that were written without a blank in between, such as `spiderman` in "Spider-Man".
    compounds: Vec<String>,
}

impl Folded {
    /// Folds a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let plain = plain(text);
        let mut folded = Self::default();
        for chunk in plain.split_whitespace().map(pieces) {
            folded.add(chunk);
        }
        folded.join_initials();
        if folded.words.is_empty() {
            folded.words = plain.split_whitespace().map(str::to_owned).collect();
        }
        for word in folded.words.iter_mut().chain(&mut folded.compounds) {
            shorten(word);
        }
        folded
    }

    /// Returns the words, one blank apart.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.join(" ")
    }

    /// Returns the words in order.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Returns the text without blanks.
    #[must_use]
    pub fn squashed(&self) -> String {
        let mut squashed = self.words.concat();
        shorten(&mut squashed);
        squashed
    }

    /// Returns every word by which the text is found: its own, those written without blanks, and the whole text as one.
    #[must_use]
    pub fn terms(&self) -> BTreeSet<String> {
        let written = self.words.iter().chain(&self.compounds).cloned();
        written.chain([self.squashed()]).filter(|term| !term.is_empty()).collect()
    }

    /// Returns how the words sound.
    #[must_use]
    pub fn sounds(&self) -> BTreeSet<String> {
        self.words.iter().chain(&self.compounds).filter_map(|word| sound(word)).collect()
    }

    /// Adds the text between two blanks.
    fn add(&mut self, pieces: Vec<Piece>) {
        let mut words: Vec<Piece> = Vec::new();
        for piece in pieces {
            match words.last_mut() {
                Some(before) if piece.is_genitive => before.text.push_str(&piece.text),
                Some(before) if before.takes_initial(&piece) => before.text.push_str(&piece.text),
                Some(_) | None => words.push(piece),
            }
        }
        if words.len() > 1 && !words.iter().any(|word| word.stands_alone) {
            self.compounds.push(words.iter().map(|word| word.text.as_str()).collect());
        }
        self.words.extend(words.into_iter().map(|word| word.text));
    }

    /// Joins single letters that follow each other: "K G F" is "KGF".
    fn join_initials(&mut self) {
        let is_initial = |word: &str| word.len() == 1 && word.starts_with(|c: char| c.is_ascii_alphabetic());
        let mut joined: Vec<String> = Vec::with_capacity(self.words.len());
        let mut before = false;
        for word in std::mem::take(&mut self.words) {
            let initial = is_initial(&word);
            match joined.last_mut() {
                Some(last) if before && initial => last.push_str(&word),
                Some(_) | None => joined.push(word),
            }
            before = initial;
        }
        self.words = joined;
    }
}

/// A run of letters and digits without punctuation.
#[derive(Debug, Default)]
struct Piece {
    text: String,
    /// The `s` after an apostrophe.
    is_genitive: bool,
    /// A character that is a word: of a script without spaces, or a symbol.
    stands_alone: bool,
    /// Made of initials only.
    is_initials: bool,
}

impl Piece {
    /// Returns true if both are initials of one word: single letters, or single digits.
    fn takes_initial(&self, next: &Self) -> bool {
        let digits = |piece: &Self| piece.text.bytes().all(|byte| byte.is_ascii_digit());
        self.is_initials && next.is_initials && digits(self) == digits(next)
    }
}

/// Splits a text without blanks at its punctuation.
fn pieces(chunk: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut is_open, mut after_apostrophe) = (false, false);
    for c in chunk.chars() {
        let is_mark = is_combining_mark(c);
        let stands_alone = stands_alone(c);
        match pieces.last_mut() {
            Some(piece) if is_open && is_mark => piece.text.push(c),
            Some(piece) if is_open && c.is_alphanumeric() && !stands_alone && !piece.stands_alone => {
                piece.text.push(c);
            }
            Some(_) | None if c.is_alphanumeric() || is_mark || stands_alone => {
                pieces.push(Piece {
                    text: c.to_string(),
                    stands_alone,
                    is_genitive: after_apostrophe,
                    is_initials: false,
                });
                is_open = true;
            }
            Some(_) | None => is_open = false,
        }
        after_apostrophe = is_apostrophe(c);
    }
    for piece in &mut pieces {
        piece.is_genitive &= piece.text == "s";
        piece.is_initials = !piece.stands_alone && piece.text.chars().count() == 1;
    }
    pieces
}

fn shorten(word: &mut String) {
    if let Some((end, _)) = word.char_indices().nth(WORD_CHARS_MAX) {
        word.truncate(end);
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{2BC}' | '\u{2BB}' | '\u{FF07}')
}

/// Characters that are words: those of scripts without spaces (Thai to Tibetan, Myanmar, Khmer, Chinese and Japanese), and
/// symbols from arrows to emoji.
fn stands_alone(c: char) -> bool {
    match c {
        '\u{E00}'..='\u{FFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' => !is_combining_mark(c),
        '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => c.is_alphanumeric(),
        '\u{20000}'..='\u{3FFFF}' => true,
        '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' => true,
        _ => false,
    }
}

/// Returns the text in lower case, in compatible letters without accents, with blanks for symbols that are read as words.
fn plain(text: &str) -> String {
    let mut plain: Vec<char> = Vec::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            '&' => plain.extend(" and ".chars()),
            'ß' => plain.extend(['s', 's']),
            'æ' => plain.extend(['a', 'e']),
            'œ' => plain.extend(['o', 'e']),
            'þ' => plain.extend(['t', 'h']),
            _ if is_left_out(c) => {}
            _ => plain.push(same_letter(c)),
        }
    }
    write_nasals_alike(&mut plain);
    plain.into_iter().nfc().collect()
}

/// Accents of Latin, Greek and Cyrillic letters, points of Hebrew and Arabic, dots below Indic letters, and invisible joiners.
fn is_left_out(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{640}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{200B}'..='\u{200F}' | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}')
        || indic(c) == Some(0x3C)
}

/// Returns one letter for those that are written for each other.
fn same_letter(c: char) -> char {
    match c {
        'ı' => 'i',
        'ø' => 'o',
        'đ' | 'ð' => 'd',
        'ł' => 'l',
        'ħ' => 'h',
        'ŋ' => 'n',
        'ς' => 'σ',
        'ة' => 'ه',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ٱ' => 'ا',
        '\u{660}'..='\u{669}' => digit(c, 0x660),
        '\u{6F0}'..='\u{6F9}' => digit(c, 0x6F0),
        // The dot above a vowel is written for the one with a half moon.
        _ => match indic(c) {
            Some(0x01) => char::from_u32(u32::from(c) + 1).unwrap_or(c),
            Some(0x66..=0x6F) => digit(c, (u32::from(c) & !0x7F) + 0x66),
            Some(_) | None => c,
        },
    }
}

fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

/// Place of a letter in its block, for Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Telugu and Kannada: these blocks have the
/// same order.
fn indic(c: char) -> Option<u32> {
    let code = u32::from(c);
    matches!(code, 0x900..=0xB7F | 0xC00..=0xCFF).then_some(code & 0x7F)
}

/// Replaces a nasal consonant without a vowel before another consonant by the dot above: both spell the same sound.
fn write_nasals_alike(text: &mut Vec<char>) {
    const NASALS: [u32; 5] = [0x19, 0x1E, 0x23, 0x28, 0x2E];
    let mut at = 0;
    while at + 2 < text.len() {
        let [nasal, virama, next] = [text[at], text[at + 1], text[at + 2]].map(indic);
        if nasal.is_some_and(|nasal| NASALS.contains(&nasal))
            && virama == Some(0x4D)
            && next.is_some_and(|next| (0x15..=0x39).contains(&next))
        {
            text[at] = char::from_u32((u32::from(text[at]) & !0x7F) + 0x02).unwrap_or(text[at]);
            text.remove(at + 1);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        Folded::new(text).text()
    }

    #[test]
    fn punctuation_accents_and_letter_case_do_not_count() {
        for (text, folded) in [
            ("The Cartographer's Daughter", "the cartographers daughter"),
            ("The Cartographer’s Daughter", "the cartographers daughter"),
            ("L'Été à la mer", "l ete a la mer"),
            ("E\u{301}te\u{301}", "ete"),
            ("Straße", "strasse"),
            ("ŁÓDŹ – Kraków", "lodz krakow"),
            ("Tom & Jerry", "tom and jerry"),
            ("Ёлки", "елки"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
            ("Fahrenheit 9/11", "fahrenheit 9 11"),
            ("#Alive!", "alive"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn initials_are_one_word_however_they_are_written() {
        for (text, folded) in [
            ("E.T.", "et"),
            ("E.T. the Extra-Terrestrial", "et the extra terrestrial"),
            ("E T", "et"),
            ("K.G.F: Chapter 2", "kgf chapter 2"),
            ("K. G. F.", "kgf"),
            ("S/O Satyamurthy", "so satyamurthy"),
            ("M*A*S*H", "mash"),
            ("R.R.R.", "rrr"),
            ("2.0", "20"),
            ("9-1-1", "911"),
            ("Vitamin C 3", "vitamin c 3"),
            ("A.R. Rahman", "ar rahman"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn what_is_written_together_is_found_together() {
        let terms = |text: &str| Folded::new(text).terms().into_iter().collect::<Vec<_>>();
        assert_eq!(terms("Spider-Man"), ["man", "spider", "spiderman"]);
        assert_eq!(terms("Fahrenheit 9/11"), ["11", "9", "911", "fahrenheit", "fahrenheit911"]);
        assert_eq!(terms("Raat Rani"), ["raat", "raatrani", "rani"]);
        assert_eq!(terms(""), [""; 0]);
    }

    #[test]
    fn scripts_without_spaces_have_a_word_for_each_character() {
        for (text, folded) in [
            ("流浪地球", "流 浪 地 球"),
            ("流浪地球2", "流 浪 地 球 2"),
            ("ガメラ", "ガ メ ラ"),
            ("ﾊﾟﾝ", "パ ン"),
            ("พี่มาก", "พี่ ม า ก"),
            ("기생충", "기생충"),
            ("Love 💔", "love 💔"),
            ("♥", "♥"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn indic_spellings_of_one_sound_are_the_same() {
        for (one, other) in [
            ("हिन्दी", "हिंदी"),
            ("मुम्बई", "मुंबई"),
            ("चाँद", "चांद"),
            ("ज़िन्दगी", "जिंदगी"),
            ("\u{958}लम", "कलम"),
            ("দিন\u{200D}", "দিন"),
            ("२०२५", "2025"),
            ("أحمد", "احمد"),
            ("کتاب", "كتاب"),
        ] {
            assert_eq!(fold(one), fold(other), "{one}");
        }
        assert_ne!(fold("दिल"), fold("दल"));
    }

    #[test]
    fn a_text_of_symbols_stays_as_it_is() {
        assert_eq!(fold("???"), "???");
        assert_eq!(fold("$ $"), "$ $");
        assert!(Folded::new("!!!").terms().contains("!!!"));
    }

    #[test]
    fn a_word_has_at_most_64_characters() {
        let long = "ß".repeat(5_000);
        assert!(Folded::new(&long).terms().iter().all(|term| term.chars().count() == WORD_CHARS_MAX));
    }
}
