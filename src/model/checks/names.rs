//! How alike two names are, across alphabets and spellings.

use serde_json::Value;

use super::script::{Script, script};
use crate::model::names::fold_words;

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
    let (long, other_long) = (one.chars().count(), other.chars().count());
    if long.max(other_long) > LONGEST {
        return 0;
    }
    let (a, b) = (skeleton(one), skeleton(other));
    if long == 1 || other_long == 1 {
        return if a.chars().next() == b.chars().next() { 70 } else { 0 };
    }
    if a == b {
        return 95;
    }
    let (a, b) = if script_of(one) == script_of(other) { (one.to_owned(), other.to_owned()) } else { (a, b) };
    match (a.chars().count().max(b.chars().count()), strsim::osa_distance(&a, &b)) {
        (4.., 1) => 85,
        (9.., 2) => 75,
        _ => 0,
    }
}

/// Whether two sets of names share a word; nothing when their scripts cannot be compared.
pub fn share_a_word(own: &[String], there: &[String]) -> Option<bool> {
    // Between alphabets, spellings differ so much that only names with little in common count as different.
    const ACROSS: f64 = 0.6;
    let comparable = |w: &&String| (2..=LONGEST).contains(&w.chars().count()) && script_of(w) != Script::Other;
    let some = |words: &'_ [String]| words.iter().filter(comparable).take(MOST_WORDS).cloned().collect::<Vec<_>>();
    let (own, there) = (some(own), some(there));
    let mut pairs = own.iter().flat_map(|o| there.iter().map(move |t| (o, t)));
    let alike = |(one, other): (&String, &String)| {
        if script_of(one) == script_of(other) {
            likeness(one, other) >= ALIKE
        } else {
            strsim::normalized_damerau_levenshtein(&skeleton(one), &skeleton(other)) >= ACROSS
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

/// What remains of a folded word when the differences between romanisations are taken away:
/// `бухарин`, `bukharin` and `buharin` all give `buharin`.
fn skeleton(word: &str) -> String {
    // Longer spellings first; what stands on the right is what all of them become.
    const SPELLINGS: &[(&str, &str)] = &[
        ("schtsch", "s"),
        ("shch", "s"),
        ("szcz", "s"),
        ("tsch", "c"),
        ("tch", "c"),
        ("sch", "s"),
        ("sh", "s"),
        ("sz", "s"),
        ("ch", "c"),
        ("cz", "c"),
        ("kh", "h"),
        ("zh", "z"),
        ("ts", "c"),
        ("tz", "c"),
        ("ph", "f"),
        ("ck", "k"),
        ("w", "v"),
        ("x", "ks"),
        ("ya", "a"),
        ("ia", "a"),
        ("ja", "a"),
        ("yu", "u"),
        ("iu", "u"),
        ("ju", "u"),
        ("ye", "e"),
        ("ie", "e"),
        ("je", "e"),
        ("yo", "e"),
        ("io", "e"),
        ("jo", "e"),
        ("y", "i"),
        ("j", "i"),
    ];
    let mut text: String = word.chars().map(romanised).collect::<Vec<_>>().concat();
    for (spelling, plain) in SPELLINGS {
        text = text.replace(spelling, plain);
    }
    let mut letters: Vec<char> = text.chars().collect();
    letters.dedup();
    if letters.len() > 2 && letters.last() == Some(&'i') {
        letters.pop();
    }
    letters.into_iter().collect()
}

fn romanised(c: char) -> String {
    let latin = match c {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' | 'є' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'ы' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        other => return other.to_string(),
    };
    latin.to_owned()
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
            assert!(likeness(one, other) >= ALIKE, "{one} {} {other} {}", skeleton(one), skeleton(other));
        }
        for (one, other) in [("бухарин", "rykov"), ("иванов", "петров"), ("ли", "ян")] {
            assert!(likeness(one, other) < ALIKE, "{one} {other}");
        }
    }

    #[test]
    fn scripts_that_cannot_be_compared_say_nothing() {
        let words = |text: &str| fold_words(text);
        assert_eq!(share_a_word(&words("ბუხარინი"), &words("Бухарин")), None);
        assert_eq!(share_a_word(&words("Bukharin Nikolai"), &words("Бухарин")), Some(true));
        assert_eq!(share_a_word(&words("Rykov"), &words("Бухарин")), Some(false));
        assert_eq!(share_a_word(&words("Н. И. Бухарин"), &words("Бухарин Николай")), Some(true));
        assert_eq!(share_a_word(&[], &words("Бухарин")), None);
    }
}
