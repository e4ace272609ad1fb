//! Names that are one, names that are not.

use super::{How, fold_words, keys, score};

#[test]
fn one_name_in_many_spellings_has_one_skeleton() {
    for name in
        ["Ежов", "Ежовъ", "ЕЖОВ", "Ежова", "Ezhov", "Yezhov", "Jeżow", "Jeschow", "Iejov", "Ježovs", "Ežov", "Jezow"]
    {
        let keys = keys(name);
        let readings = &keys.tokens[0].readings;
        assert!(readings.iter().any(|r| r.skeleton == "esev"), "{name}: {readings:?}");
    }
}

#[test]
fn spellings_of_one_name_fold_together() {
    for (one, other) in [
        ("Ежовъ", "ежов"),
        ("Фёдоръ", "ФЕДОР"),
        ("Никола́й", "Николаи"),
        ("Pużak", "puzak"),
        ("Ѳедоръ Матвѣевъ", "Федор Матвеев"),
        ("Hиколай", "Николай"),
        ("Лeнин", "Ленин"),
        ("Stаlin", "Stalin"),
    ] {
        assert_eq!(fold_words(one), fold_words(other));
    }
    assert_eq!(fold_words("Ван-Бао-Тин"), ["ван", "бао", "тин"]);
    assert!(fold_words(" — ").is_empty());
}

#[test]
fn a_name_is_found_by_its_initials_in_any_order_and_without_patronymic() {
    let name = keys("Ежов Николай Иванович");
    for (query, least) in [
        ("Николай Иванович Ежов", 100),
        ("Н. И. Ежов", 90),
        ("Ежов Н.И.", 90),
        ("Ежов Николай", 96),
        ("Nikolai Yezhov", 90),
        ("Hиколай Eжов", 96),
        ("Ежовъ Николай", 96),
    ] {
        let found = score(&keys(query), &name);
        assert!(found.is_some_and(|m| m.score >= least), "{query}: {found:?}");
    }
    assert_eq!(score(&keys("Ежов"), &keys("Ежов")).map(|m| (m.score, m.how)), Some((100, How::Exact)));
    assert_eq!(score(&keys("Петров"), &keys("Иванов")), None);
}
