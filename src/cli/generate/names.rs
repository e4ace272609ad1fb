//! Names as Russian papers write them: family names with their forms for women, patronymics, Latin spellings.

use rand::RngExt;

use super::{
    data::{Patronymic, People},
    words::Chance,
};

/// A family name in its form for men.
pub fn family(people: &People, rng: &mut Chance) -> String {
    let Some(parts) = people.families.draw(rng) else { return String::new() };
    let mut name: String = parts.iter().map(|part| part.word(rng)).collect();
    // Where two parts meet.
    for (met, becomes) in [("ии", "и"), ("ьо", "ьё"), ("ьи", "и"), ("ьа", "я"), ("аа", "а"), ("оо", "о")]
    {
        name = name.replace(met, becomes);
    }
    name
}

/// The form for women, as Russian forms it; names of other kinds stay as they are.
pub fn for_women(family: &str) -> String {
    let swap = |cut: usize, ending: &str| {
        let kept: String = family.chars().take(family.chars().count().saturating_sub(cut)).collect();
        kept + ending
    };
    match family {
        f if ["ов", "ев", "ёв", "ин", "ын"].iter().any(|e| f.ends_with(e)) => format!("{f}а"),
        f if f.ends_with("кий") => swap(2, "ая"),
        f if f.ends_with("ый") || f.ends_with("ой") => swap(2, "ая"),
        f => f.to_owned(),
    }
}

/// The patronymic of a child of a man with this given name.
pub fn patronymic(style: Patronymic, father: &str, is_woman: bool) -> Option<String> {
    match style {
        Patronymic::None => return None,
        Patronymic::Turkic => return Some(format!("{father} {}", if is_woman { "кызы" } else { "оглы" })),
        Patronymic::Russian => {}
    }
    let irregular = match father {
        "Павел" => Some("Павл"),
        "Лев" => Some("Льв"),
        "Яков" => Some("Яковл"),
        "Михаил" => Some("Михайл"),
        _ => None,
    };
    let cut = |n: usize| father.chars().take(father.chars().count().saturating_sub(n)).collect::<String>();
    let (stem, soft) = match (irregular, father) {
        (Some("Яковл"), _) => ("Яковл".to_owned(), true),
        (Some(stem), _) => (stem.to_owned(), false),
        (_, f) if f.ends_with("ия") || f.ends_with("ья") => {
            return Some(cut(1) + if is_woman { "инична" } else { "ич" });
        }
        (_, f) if f.ends_with('а') || f.ends_with('я') => {
            return Some(cut(1) + if is_woman { "ична" } else { "ич" });
        }
        // Василий, Григорий: Васильевич; but Дмитриевич, Георгиевич after two consonants or г, к, х.
        (_, f) if f.ends_with("ий") => {
            let before: Vec<char> = cut(2).chars().rev().take(2).collect();
            let is_vowel = |c: char| "аеёиоуыэюя".contains(c.to_lowercase().next().unwrap_or(c));
            let keeps = before.len() < 2 || !is_vowel(before[1]) || "гкх".contains(before[0]);
            (cut(2) + if keeps { "и" } else { "ь" }, true)
        }
        (_, f) if f.ends_with('й') || f.ends_with('ь') => (cut(1), true),
        (_, f) if f.ends_with(['ж', 'ч', 'ш', 'щ', 'ц']) => (f.to_owned(), true),
        (_, f) if f.ends_with(['о', 'у', 'и', 'ы', 'э', 'е', 'ю', 'ё']) => (f.to_owned(), true),
        (_, f) => (f.to_owned(), false),
    };
    Some(format!("{stem}{}{}", if soft { "ев" } else { "ов" }, if is_woman { "на" } else { "ич" }))
}

/// A spelling that a careless clerk or another paper may have.
pub fn misspelt(name: &str, rng: &mut Chance) -> String {
    const CONFUSED: &[(&str, &str)] = &[
        ("о", "а"),
        ("е", "и"),
        ("нн", "н"),
        ("сс", "с"),
        ("ё", "е"),
        ("и", "е"),
        ("г", "х"),
        ("ф", "х"),
        ("э", "е"),
        ("д", "т"),
        ("а", "о"),
    ];
    let start = rng.random_range(0..CONFUSED.len());
    for step in 0..CONFUSED.len() {
        let (from, to) = CONFUSED[(start + step) % CONFUSED.len()];
        // Never the first letter.
        if let Some(at) = name.char_indices().skip(1).map(|(i, _)| i).find(|i| name[*i..].starts_with(from)) {
            return format!("{}{to}{}", &name[..at], &name[at + from.len()..]);
        }
    }
    format!("{name}ъ")
}

/// Cyrillic in Latin letters by the scheme of BGN and PCGN, without its rules for single places.
pub fn in_latin(text: &str) -> String {
    const LETTERS: &[(char, &str)] = &[
        ('а', "a"),
        ('б', "b"),
        ('в', "v"),
        ('г', "g"),
        ('д', "d"),
        ('е', "e"),
        ('ё', "yo"),
        ('ж', "zh"),
        ('з', "z"),
        ('и', "i"),
        ('й', "y"),
        ('к', "k"),
        ('л', "l"),
        ('м', "m"),
        ('н', "n"),
        ('о', "o"),
        ('п', "p"),
        ('р', "r"),
        ('с', "s"),
        ('т', "t"),
        ('у', "u"),
        ('ф', "f"),
        ('х', "kh"),
        ('ц', "ts"),
        ('ч', "ch"),
        ('ш', "sh"),
        ('щ', "shch"),
        ('ъ', ""),
        ('ы', "y"),
        ('ь', ""),
        ('э', "e"),
        ('ю', "yu"),
        ('я', "ya"),
    ];
    let mut latin = String::new();
    for c in text.chars() {
        let small = c.to_lowercase().next().unwrap_or(c);
        match LETTERS.iter().find(|(letter, _)| *letter == small) {
            Some((_, to)) if small != c => {
                let mut rest = to.chars();
                latin.extend(rest.next().map(|first| first.to_ascii_uppercase()));
                latin.push_str(rest.as_str());
            }
            Some((_, to)) => latin.push_str(to),
            None => latin.push(c),
        }
    }
    latin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn women_have_their_forms() {
        for (man, woman) in [
            ("Иванов", "Иванова"),
            ("Ильин", "Ильина"),
            ("Покровский", "Покровская"),
            ("Черноусый", "Черноусая"),
            ("Шевченко", "Шевченко"),
            ("Ким", "Ким"),
            ("Фишер", "Фишер"),
        ] {
            assert_eq!(for_women(man), woman);
        }
    }

    #[test]
    fn patronymics_follow_the_fathers_name() {
        for (father, son, daughter) in [
            ("Иван", "Иванович", "Ивановна"),
            ("Василий", "Васильевич", "Васильевна"),
            ("Дмитрий", "Дмитриевич", "Дмитриевна"),
            ("Георгий", "Георгиевич", "Георгиевна"),
            ("Андрей", "Андреевич", "Андреевна"),
            ("Илья", "Ильич", "Ильинична"),
            ("Никита", "Никитич", "Никитична"),
            ("Павел", "Павлович", "Павловна"),
            ("Яков", "Яковлевич", "Яковлевна"),
            ("Игорь", "Игоревич", "Игоревна"),
            ("Фриц", "Фрицевич", "Фрицевна"),
            ("Лев", "Львович", "Львовна"),
        ] {
            assert_eq!(patronymic(Patronymic::Russian, father, false).as_deref(), Some(son));
            assert_eq!(patronymic(Patronymic::Russian, father, true).as_deref(), Some(daughter));
        }
        assert_eq!(patronymic(Patronymic::Turkic, "Гасан", true).as_deref(), Some("Гасан кызы"));
        assert_eq!(patronymic(Patronymic::None, "ЕнСик", false), None);
    }

    #[test]
    fn latin_letters() {
        assert_eq!(in_latin("Щербаков Яков"), "Shcherbakov Yakov");
    }
}
