//! How alike two names are, across alphabets and spellings.

use std::{cell::RefCell, rc::Rc};

use serde_json::Value;

use super::{
    effort::Effort,
    script::{Script, script},
};
use crate::model::{
    bounded::Bounded,
    names::{self, How, Token, fold_words},
};

/// From this likeness on, two words can be one name.
pub const ALIKE: i64 = 75;

/// Longest word that is compared by its letters: a bound on the work, far beyond any name.
const LONGEST: usize = 40;

/// Most words compared with each other.
const MOST_WORDS: usize = 60;

/// How alike two folded words are, in per cent.
pub fn likeness(one: &str, other: &str) -> i64 {
    if one == other {
        return 100;
    }
    let letters = [one, other].map(|word| word.chars().count());
    let (Some(a), Some(b)) = (token(one), token(other)) else { return 0 };
    if letters.iter().any(|n| *n > LONGEST) {
        return 0;
    }
    let found = names::likeness(&a, &b);
    if letters.contains(&1) {
        return if found.is_some() { 70 } else { 0 };
    }
    // That words sound alike, or that short ones differ by little, is no reason to take two people for one.
    match found {
        Some((_, How::Exact)) => 100,
        Some((_, How::Skeleton)) => 95,
        Some((80.., How::Fuzzy)) => 85,
        Some((_, How::Fuzzy)) if letters.iter().all(|n| *n >= 9) => 75,
        _ => 0,
    }
}

thread_local! {
    /// The keys of words that were compared last: each word is compared with very many others, and its keys take far
    /// longer to make than to compare.
    static TOKENS: RefCell<Bounded<String, Option<Rc<Token>>>> = RefCell::new(Bounded::new(REMEMBERED));
}

/// Words whose keys each thread remembers: some megabytes.
const REMEMBERED: usize = 2_000;

fn token(word: &str) -> Option<Rc<Token>> {
    TOKENS.with_borrow_mut(|known| {
        if let Some(token) = known.get(&word.to_owned()) {
            return token.clone();
        }
        let token = names::keys(word).tokens.into_iter().next().map(Rc::new);
        known.put(word.to_owned(), token.clone());
        token
    })
}

/// Whether two sets of names share a word; nothing when their scripts cannot be compared, or there is too much to compare.
pub(super) fn share_a_word(own: &[String], there: &[String], effort: &Effort) -> Option<bool> {
    // Between alphabets, spellings differ so much that only names with little in common count as different.
    const ACROSS: f64 = 0.6;
    let comparable = |w: &&String| (2..=LONGEST).contains(&w.chars().count()) && script_of(w) != Script::Other;
    let some = |words: &'_ [String]| {
        let mut all = words.iter().filter(comparable);
        let some = all.by_ref().take(MOST_WORDS).cloned().collect::<Vec<_>>();
        if all.next().is_some() {
            effort.exceed();
        }
        some
    };
    let (own, there) = (some(own), some(there));
    if !effort.spend(own.len() * there.len()) {
        return None;
    }
    let mut pairs = own.iter().flat_map(|o| there.iter().map(move |t| (o, t)));
    let alike = |(one, other): (&String, &String)| {
        if script_of(one) == script_of(other) {
            likeness(one, other) >= ALIKE
        } else {
            let (Some(a), Some(b)) = (token(one), token(other)) else { return false };
            strsim::normalized_damerau_levenshtein(a.skeleton(), b.skeleton()) >= ACROSS
        }
    };
    let first = pairs.next()?;
    Some(alike(first) || pairs.any(alike))
}

/// All parts of a name that hold words.
pub const WHOLE_NAME: &[&str] = &["family", "given", "patronymic", "full"];

/// The parts by which a person is told apart: a patronymic in common means nothing.
pub const OWN_NAME: &[&str] = &["family", "given", "full"];

/// The folded words of some parts of a name, or of a plain text. An apostrophe stands for a soft sign and divides nothing.
pub fn words(value: &Value, parts: &[&str]) -> Vec<String> {
    match value {
        Value::Object(fields) => parts.iter().filter_map(|p| fields.get(*p)?.as_str()).flat_map(folded).collect(),
        other => other.as_str().map(folded).unwrap_or_default(),
    }
}

/// The folded words at the beginning of a text.
pub fn folded(text: &str) -> Vec<String> {
    const CHARACTERS: usize = 500;
    let is_apostrophe = |c: &char| ['\'', '’', 'ʹ', 'ʼ', '′', '`'].contains(c);
    fold_words(&text.chars().take(CHARACTERS).filter(|c| !is_apostrophe(c)).collect::<String>())
}

fn script_of(word: &str) -> Script {
    word.chars().find_map(script).unwrap_or(Script::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_across_alphabets() {
        for (one, other) in [
            ("бухарин", "bukharin"),
            ("ежов", "yezhov"),
            ("вышинскии", "vyshinsky"),
            ("ягода", "jagoda"),
            ("шмидт", "schmidt"),
            ("реиснер", "reisner"),
            ("хрущев", "khrushchev"),
            ("васильевич", "vasilyevich"),
        ] {
            assert!(likeness(one, other) >= ALIKE, "{one} {other}");
        }
        for (one, other) in [("бухарин", "rykov"), ("иванов", "петров"), ("ли", "ян")] {
            assert!(likeness(one, other) < ALIKE, "{one} {other}");
        }
    }

    #[test]
    fn scripts_that_cannot_be_compared_say_nothing() {
        let words = |text: &str| fold_words(text);
        assert_eq!(share_a_word(&words("ბუხარინი"), &words("Бухарин"), &Effort::default()), None);
        assert_eq!(share_a_word(&words("Bukharin Nikolai"), &words("Бухарин"), &Effort::default()), Some(true));
        assert_eq!(share_a_word(&words("Rykov"), &words("Бухарин"), &Effort::default()), Some(false));
        assert_eq!(share_a_word(&words("Н. И. Бухарин"), &words("Бухарин Николай"), &Effort::default()), Some(true));
        assert_eq!(share_a_word(&[], &words("Бухарин"), &Effort::default()), None);
    }
}
