//! Articles of penal codes as documents write them, in the uniform form they are looked for in: `58, п. 10 ч.2` and
//! `58-10-2` are both `58`, `58-10` and `58-10.2`; `ст.58-6-9-11` is `58-6`, `58-9` and `58-11`.

use indexmap::IndexSet;

/// Articles that are no crimes of their own: 17 is complicity, 19 the attempt. What was attempted follows.
const GENERAL: [&str; 2] = ["17", "19"];
/// A paragraph of an article has a smaller number than any article that is written beside it.
const LARGEST_PARAGRAPH: u32 = 35;
/// Charges the Special Council wrote with letters.
const LETTERS: &[&str] = &[
    "АСА",
    "АСВЗ",
    "АСЭ",
    "ВАД",
    "ЗПГ",
    "КРА",
    "КРВД",
    "КРГ",
    "КРД",
    "КРМ",
    "КРО",
    "КРП",
    "КРТА",
    "КРТД",
    "КРТТД",
    "НПГГ",
    "НШ",
    "ПШ",
    "СВПШ",
    "СВЭ",
    "СОЭ",
    "ЧСИР",
    "ШД",
];

#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// Nothing that tells: a space, a comma, the beginning.
    Nothing,
    Hyphen,
    /// `п.`: a paragraph follows.
    Paragraph,
    /// `ч.`: a part follows.
    Part,
    /// `ст.`: an article follows.
    Article,
}

/// The forms of all articles in a text, general before special, each once.
pub fn forms(text: &str) -> Vec<String> {
    let mut found = IndexSet::new();
    let mut add = |form: String| {
        found.insert(form);
    };
    let (mut article, mut paragraph): (Option<String>, Option<String>) = (None, None);
    let mut before = Before::Nothing;
    for token in tokens(text) {
        let is_number = token.starts_with(|c: char| c.is_ascii_digit());
        if !is_number {
            before = match token.as_str() {
                "-" => Before::Hyphen,
                "п" | "пп" | "пункт" | "пункты" => Before::Paragraph,
                "ч" | "часть" | "части" => Before::Part,
                "ст" | "статья" | "статьи" => Before::Article,
                // A comma within a list of paragraphs or parts goes on with them.
                "," if matches!(before, Before::Paragraph | Before::Part) => before,
                "," => Before::Nothing,
                word => {
                    let upper = word.to_uppercase();
                    if LETTERS.contains(&upper.as_str()) {
                        add(upper);
                    }
                    Before::Nothing
                }
            };
            continue;
        }
        let number = token
            .bytes()
            .take_while(u8::is_ascii_digit)
            .fold(0u32, |n, d| n.saturating_mul(10).saturating_add(u32::from(d - b'0')));
        let follows_general = article.as_deref().is_some_and(|a| GENERAL.contains(&a)) && number > LARGEST_PARAGRAPH;
        let continues = match before {
            Before::Article => false,
            _ => article.is_some() && number <= LARGEST_PARAGRAPH,
        };
        match (&article, &paragraph) {
            (Some(a), Some(p)) if continues && is_part(before, p, number) => add(format!("{a}-{p}.{token}")),
            (Some(a), None) if continues && before == Before::Part => add(format!("{a}.{token}")),
            (Some(a), _) if continues && !follows_general => {
                add(format!("{a}-{token}"));
                paragraph = Some(token);
            }
            _ => {
                add(token.clone());
                article = Some(token);
                paragraph = None;
            }
        }
        // Until something else is said, what follows is of the same sort.
        if before == Before::Hyphen {
            before = Before::Nothing;
        }
    }
    found.into_iter().collect()
}

/// `58-10-2` is part 2 of paragraph 10, which alone has parts; other numbers in a row are paragraphs.
fn is_part(before: Before, paragraph: &str, number: u32) -> bool {
    before == Before::Part || (before == Before::Hyphen && paragraph == "10" && number <= 2)
}

/// What has to hold of an entry that is asked for by this text: its most special forms.
pub fn wanted(text: &str) -> Vec<String> {
    let all = forms(text);
    let is_special = |form: &&String| {
        let has_more = |other: &String| {
            other.len() > form.len()
                && other.starts_with(form.as_str())
                && !other[form.len()..].starts_with(|c: char| c.is_alphanumeric())
        };
        !all.iter().any(has_more)
    };
    let special: Vec<String> = all.iter().filter(is_special).cloned().collect();
    let is_general = |form: &String| special.len() > 1 && GENERAL.contains(&form.as_str());
    special.iter().filter(|form| !is_general(form)).cloned().collect()
}

/// Numbers with the letter that belongs to them, words, hyphens and commas; a slash or semicolon is a comma.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut current = String::new();
    let flush = |current: &mut String, tokens: &mut Vec<String>| {
        if !current.is_empty() {
            tokens.push(std::mem::take(current));
        }
    };
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    for (i, c) in letters.iter().enumerate() {
        let in_number = current.starts_with(|c: char| c.is_ascii_digit());
        match c {
            '0'..='9' if current.is_empty() || in_number => current.push(*c),
            '0'..='9' => {
                flush(&mut current, &mut tokens);
                current.push(*c);
            }
            // One letter right behind a number belongs to it: 58-1а. Latin letters look the same.
            'а' | 'a' | 'б' | 'b' | 'в' | 'г'
                if in_number && !letters.get(i + 1).is_some_and(|next| next.is_alphabetic()) =>
            {
                current.push(match c {
                    'a' => 'а',
                    'b' => 'б',
                    other => *other,
                });
                flush(&mut current, &mut tokens);
            }
            c if c.is_alphabetic() => {
                if in_number {
                    flush(&mut current, &mut tokens);
                }
                current.push(*c);
            }
            '-' | '–' | '—' | '‑' => {
                flush(&mut current, &mut tokens);
                tokens.push("-".to_owned());
            }
            ',' | ';' | '/' => {
                flush(&mut current, &mut tokens);
                tokens.push(",".to_owned());
            }
            _ => flush(&mut current, &mut tokens),
        }
    }
    flush(&mut current, &mut tokens);
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{forms, wanted};

    #[test]
    fn spellings_of_one_article_have_the_same_forms() {
        for (text, expected) in [
            ("58-10", &["58", "58-10"][..]),
            ("58, п. 10 ч.2", &["58", "58-10", "58-10.2"]),
            ("58-10-2", &["58", "58-10", "58-10.2"]),
            ("58-10 ч. 2", &["58", "58-10", "58-10.2"]),
            ("ст.58-6-9-11", &["58", "58-6", "58-9", "58-11"]),
            ("ст. 58 п.п. 8, 11 УК РСФСР", &["58", "58-8", "58-11"]),
            ("58-8, 58-11", &["58", "58-8", "58-11"]),
            ("58-10, 11", &["58", "58-10", "58-11"]),
            ("58-10; 59-3", &["58", "58-10", "59", "59-3"]),
            ("17-58, п. 2", &["17", "58", "58-2"]),
            ("19-58-8", &["19", "58", "58-8"]),
            ("58-1a", &["58", "58-1а"]),
            ("58–1 «б»", &["58", "58-1"]),
            ("54-10 ч.1 УК УССР", &["54", "54-10", "54-10.1"]),
            ("КРТД", &["КРТД"]),
            ("крд и 58-10", &["КРД", "58", "58-10"]),
            ("182 ч. 1", &["182", "182.1"]),
            ("", &[]),
            ("не указана", &[]),
        ] {
            assert_eq!(forms(text), expected, "{text}");
        }
    }

    #[test]
    fn a_question_wants_the_most_special_forms() {
        for (text, expected) in [
            ("58", &["58"][..]),
            ("58-1", &["58-1"]),
            ("58 п.10", &["58-10"]),
            ("58-10 ч.2", &["58-10.2"]),
            ("58-6-9-11", &["58-6", "58-9", "58-11"]),
            ("17-58-8", &["58-8"]),
            ("17", &["17"]),
        ] {
            assert_eq!(wanted(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_what_is_written_is_found(text in "[0-9абвпчст., -]{0,40}") {
            let all = forms(&text);
            prop_assert!(wanted(&text).iter().all(|form| all.contains(form)));
            // A form is found again by itself.
            for form in &all {
                prop_assert!(!wanted(&form.replace('.', " ч. ")).is_empty());
            }
        }
    }
}
