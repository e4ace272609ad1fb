//! Names of accounts: one spelling, by whatever spelling they are asked for.

/// The one spelling of a name, as UsernameCaseMapped of RFC 8265 makes it: letters of full width become ordinary ones,
/// capitals small ones. Spaces around a name are none of it.
pub fn fold(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    };
    let narrow: String = name.chars().map(narrow).collect();
    narrow.trim().to_lowercase().nfc().collect()
}

/// Whether a name in its one spelling can be one of an account: small letters, digits, `.`, `_` and `-`, two to forty of
/// them; never the form of an id, by which accounts are named too.
pub fn is_username(name: &str) -> bool {
    uuid::Uuid::try_parse(name).is_err()
        && (2..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_name_are_one() {
        for spelling in
            ["editor.1", "Editor.1", "EDITOR.1", " editor.1\t", "\u{3000}ｅｄｉｔｏｒ．１", "\u{a0}ＥＤＩＴＯＲ.1 "]
        {
            assert_eq!(fold(spelling), "editor.1", "{spelling:?}");
        }
        for other in ["editor1", "edit or.1", "ёditor.1"] {
            assert_ne!(fold(other), "editor.1", "{other:?}");
        }
    }

    #[test]
    fn folding_is_done_after_one_time() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let once = fold(&format!("a{c}b"));
            assert_eq!(fold(&once), once, "{c:?}");
        }
    }

    #[test]
    fn names_are_of_few_letters_and_never_ids() {
        for good in ["ab", "anna-maria_2.x", &"a".repeat(40)] {
            assert!(is_username(good), "{good}");
        }
        for bad in ["a", "Anna", "анна", "an na", "(operator)", &"a".repeat(41), "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b"]
        {
            assert!(!is_username(bad), "{bad}");
        }
    }
}
