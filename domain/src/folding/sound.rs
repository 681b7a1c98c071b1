//! The sound of a word, roughly: Hindi and its relatives are written in Latin letters in many ways, and in Devanagari.

/// Shortest word and shortest sound that are compared: shorter ones sound alike by chance.
const CHARS_MIN: usize = 4;
const SOUND_MIN: usize = 3;

/// Returns how a folded word sounds; `None` for short words and other scripts.
#[must_use]
pub fn sound(word: &str) -> Option<String> {
    if word.chars().count() < CHARS_MIN {
        return None;
    }
    let spoken = if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        from_latin(word.as_bytes())
    } else {
        word.chars().map(from_devanagari).collect::<Option<String>>()?
    };
    let mut sound = String::with_capacity(spoken.len());
    for c in spoken.chars() {
        // Devanagari does not write most of them, and Latin spellings leave many out.
        if (c != 'a' || sound.is_empty()) && !sound.ends_with(c) {
            sound.push(c);
        }
    }
    (sound.chars().count() >= SOUND_MIN).then_some(sound)
}

fn from_latin(word: &[u8]) -> String {
    let mut spoken = String::with_capacity(word.len());
    let mut at = 0;
    while let Some(letter) = word.get(at) {
        let next = word.get(at + 1).copied();
        let is_vowel = |letter: u8| matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
        let (sound, taken) = match (letter, next) {
            (b'a' | b'e', Some(b'i' | b'y')) | (b'e', Some(b'e')) => ("i", 2),
            (b'a' | b'o', Some(b'u')) | (b'o', Some(b'o')) => ("u", 2),
            (b'p', Some(b'h')) => ("f", 2),
            (b'c', Some(b'h')) => ("c", 2),
            (b'c' | b'q', _) => ("k", 1),
            (b'e' | b'y', _) => ("i", 1),
            (b'o', _) => ("u", 1),
            (b'w', _) => ("v", 1),
            (b'x', _) => ("ks", 1),
            (b'z', _) => ("j", 1),
            (b'm', Some(b'b' | b'p')) => ("n", 1),
            // An aspirated consonant.
            (b'h', _) if at > 0 && !is_vowel(word[at - 1]) => ("", 1),
            (b'a'..=b'z', _) => (std::str::from_utf8(std::slice::from_ref(letter)).unwrap_or(""), 1),
            _ => ("", 1),
        };
        spoken.push_str(sound);
        at += taken;
    }
    spoken
}

fn from_devanagari(c: char) -> Option<&'static str> {
    Some(match c {
        'अ' | 'आ' | '\u{93E}' => "a",
        'इ' | 'ई' | 'ए' | 'ऐ' | '\u{93F}' | '\u{940}' | '\u{947}' | '\u{948}' | 'य' => "i",
        'उ' | 'ऊ' | 'ओ' | 'औ' | '\u{941}' | '\u{942}' | '\u{94B}' | '\u{94C}' => "u",
        'ऋ' | '\u{943}' => "ri",
        'क' | 'ख' => "k",
        'ग' | 'घ' => "g",
        'च' | 'छ' => "c",
        'ज' | 'झ' => "j",
        'ट' | 'ठ' | 'त' | 'थ' => "t",
        'ड' | 'ढ' | 'द' | 'ध' => "d",
        'ङ' | 'ञ' | 'ण' | 'न' | '\u{902}' => "n",
        'प' => "p",
        'फ' => "f",
        'ब' | 'भ' => "b",
        'म' => "m",
        'र' => "r",
        'ल' | 'ळ' => "l",
        'व' => "v",
        'श' | 'ष' | 'स' => "s",
        'ह' => "h",
        // No vowel follows, or only an aspiration.
        '\u{94D}' | '\u{903}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_sound_alike() {
        for (one, other) in [
            ("dilwale", "dilvale"),
            ("dilwale", "दिलवाले"),
            ("lagaan", "lagan"),
            ("lagaan", "लगान"),
            ("zindagi", "jindagi"),
            ("zindagi", "जिंदगी"),
            ("mohabbatein", "mohabaten"),
            ("baahubali", "bahubali"),
            ("khushi", "kushi"),
            ("ghajini", "gajini"),
            ("satyamurthy", "sathyamoorthi"),
            ("pyaar", "pyar"),
            ("dilli", "दिल्ली"),
        ] {
            assert_eq!(sound(one), sound(other), "{one}");
            assert!(sound(one).is_some(), "{one}");
        }
    }

    #[test]
    fn other_words_sound_different() {
        for (one, other) in [("dilwale", "dilbar"), ("lagaan", "lagoon"), ("zindagi", "bandagi")] {
            assert_ne!(sound(one), sound(other), "{one}");
        }
        for word in ["dil", "et", "кино", "流浪地球", "2046"] {
            assert_eq!(sound(word), None, "{word}");
        }
    }
}
