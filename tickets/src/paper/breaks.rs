//! Places where a text may be divided between two lines.

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::fonts::is_joiner;

/// Divides a word into parts that may stand on different lines. In Chinese and Japanese that is nearly every character, in Tibetan
/// a syllable; in other scripts the word is one part. Thai, Lao, Khmer and Burmese have no spaces between words, and finding words
/// would take a dictionary: such a sentence is one part.
pub(super) fn parts(word: &str) -> impl Iterator<Item = &str> {
    divided(word, |before, next| {
        (is_wide(before) || is_wide(next) || ends_word(before)) && !belongs_together(before, next)
    })
}

/// Divides a part that is longer than a line into letters, each with its marks.
pub(super) fn letters(part: &str) -> impl Iterator<Item = &str> {
    divided(part, |before, next| !belongs_together(before, next))
}

/// Divides a text between the characters that `are_apart`.
fn divided(text: &str, are_apart: fn(char, char) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut before = rest.chars().next()?;
        let next = rest.char_indices().skip(1).find(|(_, letter)| {
            let found = are_apart(before, *letter);
            before = *letter;
            found
        });
        let piece;
        (piece, rest) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
        Some(piece)
    })
}

/// Returns `true` if no line ends between two characters: before a mark or a vowel sign, between joined letters, and between a
/// letter and its punctuation.
fn belongs_together(before: char, next: char) -> bool {
    // Class 9: signs that join the next consonant to the one before, as the virama does.
    is_combining_mark(next)
        || canonical_combining_class(before) == 9
        || is_joiner(before)
        || is_joiner(next)
        || is_vowel_before(before)
        || is_vowel_after(next)
        || opens(before)
        || closes(next)
}

/// Chinese and Japanese: ideographs, kana, Bopomofo, their punctuation, and full-width forms.
fn is_wide(letter: char) -> bool {
    matches!(letter,
        '\u{2E80}'..='\u{2FDF}' | '\u{3001}'..='\u{312F}' | '\u{31A0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFD}')
}

/// Signs between words or syllables where there are no spaces: those of Tibetan and Ethiopic.
fn ends_word(letter: char) -> bool {
    matches!(letter, '\u{F0B}' | '\u{1361}')
}

/// Vowels of Thai and Lao that are written before their consonant.
fn is_vowel_before(letter: char) -> bool {
    matches!(letter, '\u{E40}'..='\u{E44}' | '\u{EC0}'..='\u{EC4}')
}

/// Vowels and signs of Thai and Lao that are written after their consonant and are no marks to Unicode.
fn is_vowel_after(letter: char) -> bool {
    matches!(
        letter,
        '\u{E2F}'
            | '\u{E30}'
            | '\u{E32}'
            | '\u{E33}'
            | '\u{E45}'
            | '\u{E46}'
            | '\u{EAF}'
            | '\u{EB0}'
            | '\u{EB2}'
            | '\u{EB3}'
            | '\u{EC6}'
    )
}

/// Punctuation that stands before what it belongs to.
fn opens(letter: char) -> bool {
    "([{“‘«¿¡（［｛〈《「『【〔〖〘〚￥＄".contains(letter)
}

/// Punctuation and small letters that stand after what they belong to (JIS X 4051, GB/T 15834).
fn closes(letter: char) -> bool {
    "!),.:;?]}%’”»…་།፡、。，．・：；？！％）］｝〉》」』】〕〗〙〛〜～ー々〻ゝゞヽヾ゛゜ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ｡､｣･ｰ"
        .contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(pieces: impl Iterator<Item = &'static str>) -> String {
        pieces.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn chinese_and_japanese_are_divided_between_characters_but_not_before_punctuation() {
        assert_eq!(joined(parts("霸王别姬。")), "霸|王|别|姬。");
        assert_eq!(joined(parts("「千と千尋」ショー")), "「千|と|千|尋」|ショー");
        assert_eq!(joined(parts("IMAX电影2024")), "IMAX|电|影|2024");
        assert_eq!(joined(parts("བོད་ཀྱི་")), "བོད་|ཀྱི་");
    }

    #[test]
    fn words_of_other_scripts_stay_whole() {
        for word in ["Extraordinary", "기생충", "ฉลาดเกมส์โกง", "कहानी", "ואלס"]
        {
            assert_eq!(joined(parts(word)), word);
        }
    }

    #[test]
    fn a_letter_keeps_its_marks_and_its_vowels() {
        assert_eq!(joined(letters("เกมส์น้ำ")), "เก|ม|ส์|น้ำ");
        assert_eq!(joined(letters("कहानी")), "क|हा|नी");
        assert_eq!(joined(letters("क्षत्रिय")), "क्ष|त्रि|य");
        assert_eq!(joined(letters("ខ្ញុំ")), "ខ្ញុំ");
        assert_eq!(joined(letters("xyz")), "x|y|z");
    }
}
