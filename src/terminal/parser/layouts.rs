//! Where the letters of other alphabets lie on the keyboard. A key with Ctrl or Alt is meant by its place: who types Russian presses
//! `Ctrl+С` where `Ctrl+C` is. Most terminals say the place themselves; these are the standard layouts, for those that don't.

/// Letters and the keys that they lie on, one beneath the other.
const LAYOUTS: [(&str, &str); 5] = [
    // Russian, with what Ukrainian and Belarusian have in other places
    ("йцукенгшщзхъфывапролджэячсмитьбюёіїєґў", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`s]'\\o"),
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),
    ("ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظذ", "qwertyuiop[]asdfghjkl;'zxcvnm,./`"),
    ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm"),
];

/// Whether a letter is none of the alphabet that shortcuts are written in.
pub(super) fn is_foreign(c: char) -> bool {
    c > '\u{24f}' && c.is_alphabetic()
}

/// The key on which a letter of another alphabet lies.
pub(super) fn key_of(c: char) -> Option<char> {
    let c = c.to_lowercase().next()?;
    LAYOUTS.iter().find_map(|(letters, keys)| letters.chars().zip(keys.chars()).find(|(letter, _)| *letter == c).map(|(_, key)| key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_one_key() {
        for (letters, keys) in LAYOUTS {
            assert_eq!(letters.chars().count(), keys.chars().count(), "{letters}");
            let mut once: Vec<char> = letters.chars().collect();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), keys.chars().count(), "{letters}");
        }
        for (letter, key) in [('с', 'c'), ('С', 'c'), ('ψ', 'c'), ('ב', 'c'), ('ؤ', 'c'), ('з', 'p'), ('і', 's'), ('ㅊ', 'c')] {
            assert_eq!(key_of(letter), Some(key), "{letter}");
        }
        assert_eq!((key_of('c'), key_of('日')), (None, None));
    }
}
