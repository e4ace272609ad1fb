//! Folding of names and titles: one function makes the words for the index and for the query.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a text in the form they are compared in: small letters, no diacritics or stress marks, ё as е, й as и,
/// letters abolished in 1918 as their successors, no hard sign at the end of a word. Repeated words once.
pub fn fold_words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let folded: String = lower.nfkd().filter(|c| !is_combining_mark(*c)).map(successor).collect();
    let mut words = Vec::new();
    for word in folded.split(|c: char| !c.is_alphanumeric()) {
        let word = word.strip_suffix('ъ').unwrap_or(word);
        if !word.is_empty() && !words.iter().any(|w| w == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// The letter that took the place of one abolished by the reform of 1918, and plain letters for strokes that Unicode
/// does not decompose.
fn successor(c: char) -> char {
    match c {
        'ѣ' => 'е',
        'і' | 'ѵ' => 'и',
        'ѳ' => 'ф',
        'ł' => 'l',
        'đ' => 'd',
        'ø' => 'o',
        'ı' => 'i',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::fold_words;

    #[test]
    fn spellings_of_one_name_fold_together() {
        for (one, other) in [
            ("Ежовъ", "ежов"),
            ("Фёдоръ", "ФЕДОР"),
            ("Никола́й", "Николаи"),
            ("Pużak", "puzak"),
            ("Ѳедоръ Матвѣевъ", "Федор Матвеев"),
        ] {
            assert_eq!(fold_words(one), fold_words(other));
        }
        assert_eq!(fold_words("Ван-Бао-Тин"), ["ван", "бао", "тин"]);
        assert!(fold_words(" — ").is_empty());
    }
}
