//! Which key of the usual layout a letter of another script is on: keys with Ctrl and Alt are meant by their place, not by what they
//! would type. Terminals that know the place tell it themselves.

/// Letters as their layouts have them, beside those of the usual one.
const LAYOUTS: [(&str, &str); 6] = [
    ("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),
    ("іїєґў", "s]'`o"),
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),
    ("ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظ", "qwertyuiop[]asdfghjkl;'zxcvnm,./"),
    ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm"),
];

/// The letter of the usual layout at the place of this one; itself where it is one, or where nobody knows.
pub(super) fn usual(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    let at =
        |(theirs, usual): &(&str, &str)| theirs.chars().zip(usual.chars()).find(|(letter, _)| *letter == lower).map(|(_, usual)| usual);
    LAYOUTS.iter().find_map(at).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_has_its_place_once() {
        for (theirs, ours) in LAYOUTS {
            assert_eq!(theirs.chars().count(), ours.chars().count(), "{theirs}");
            assert!(ours.chars().all(|c| ours.matches(c).count() == 1), "{ours}");
        }
        assert_eq!(['с', 'С', 'ψ', 'ב', 'ؤ', 'ㅊ', 'é', 'c'].map(usual), ['c', 'c', 'c', 'c', 'c', 'c', 'é', 'c']);
    }
}
