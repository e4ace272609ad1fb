//! Names that are one, names that are not.

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use proptest::prelude::*;

use super::{
    How, Lookup, MOST_WORDS, NameHit, NameIndex, Token, WordRow, daitch_mokotoff, fold_words, keys, likeness, score,
    search,
};

/// Names in memory, numbered as they came.
#[derive(Default)]
struct Memory {
    names: Vec<String>,
    by_key: HashMap<String, Vec<i64>>,
    words: HashMap<String, Vec<WordRow>>,
    /// How often it was asked for words that may stand in for others, and how many names were read.
    asked_for_words: usize,
    read: usize,
}

impl Memory {
    fn of(names: impl IntoIterator<Item = String>) -> Self {
        let mut memory = Self::default();
        for (number, name) in (0..).zip(names) {
            let keys = keys(&name);
            keys.index_keys().into_iter().for_each(|key| memory.by_key.entry(key).or_default().push(number));
            for row in keys.word_rows() {
                memory.words.entry(row.key.clone()).or_default().push(row);
            }
            memory.names.push(name);
        }
        memory
    }

    fn search(&mut self, query: &str) -> Vec<NameHit> {
        let Ok(hits) = search(self, &keys(query), 20, 200);
        hits
    }
}

impl NameIndex for Memory {
    type Error = Infallible;

    fn entries(&mut self, lookups: &[Lookup]) -> Result<Vec<(usize, i64)>, Infallible> {
        let under = |key: &str| self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        let found = lookups.iter().enumerate();
        Ok(found.flat_map(|(place, l)| under(&l.key).iter().take(l.rows).map(move |n| (place, *n))).collect())
    }

    fn words(&mut self, lookups: &[Lookup]) -> Result<Vec<WordRow>, Infallible> {
        self.asked_for_words += 1;
        Ok(lookups.iter().filter_map(|l| self.words.get(&l.key)).flatten().cloned().collect())
    }

    fn names(&mut self, entries: &[i64]) -> Result<Vec<(i64, String)>, Infallible> {
        self.read += entries.len();
        Ok(entries.iter().map(|n| (*n, self.names[usize::try_from(*n).unwrap()].clone())).collect())
    }

    fn token(&self, word: &str) -> Option<Arc<Token>> {
        Token::read(word).map(Arc::new)
    }
}

/// A few hundred people of one family, each with a given name and patronymic of their own.
fn family(name: &str) -> Vec<String> {
    let syllables = ["ба", "ве", "ги", "до", "ру", "лы", "ми"];
    let word = |n: usize| format!("{}{}{}", syllables[n % 7], syllables[n / 7 % 7], syllables[n / 49 % 7]);
    (0..300).map(|n| format!("{name} {}л {}рович", word(n), word(n + 100))).collect()
}

#[test]
fn a_record_with_initials_is_found_by_the_whole_name_among_many() {
    let mut memory = Memory::of(family("Ежов").into_iter().chain(["Ежов Н. И.".to_owned(), "Ежова Н.".to_owned()]));
    let mut short = Memory::of(["Пик Николай Иванович".to_owned(), "Пик Н. И.".to_owned()]);
    assert_eq!(short.search("Пик Николай Иванович").iter().map(|hit| hit.entry).collect::<Vec<_>>(), [0, 1]);
    for query in ["Ежов Николай Иванович", "Nikolai Ivanovich Yezhov", "Николай Ежов"] {
        let hits = memory.search(query);
        let places = [300, 301].map(|entry| hits.iter().position(|hit| hit.entry == entry));
        assert_eq!(places, [Some(0), Some(1)], "{query}: {:?}", hits.iter().take(3).collect::<Vec<_>>());
    }
}

#[test]
fn words_with_one_letter_more_or_less_stand_before_those_with_two_others() {
    // Each of these shares a key with the word that is asked for.
    let others = "Караев Кархев Кароев Каруев Каврев Кобаев Кодаев Кокаев Конаев Коцаев Котаев Корцев Кордев Коркев";
    let names = others.split(' ').chain(["Косарев"]).map(|family| format!("{family} Павел Иванович"));
    let hits = Memory::of(names).search("Коарев Павел Иванович");
    assert_eq!(hits[0].name, "Косарев Павел Иванович");
}

#[test]
fn a_search_ends_when_the_names_that_were_asked_for_are_enough() {
    let mut memory = Memory::of(family("Ежов").into_iter().chain((0..30).map(|_| "Ежов Николай Иванович".to_owned())));
    let hits = memory.search("Ежов Николай Иванович");
    assert_eq!((memory.asked_for_words, hits.iter().filter(|hit| hit.found.score == 100).count()), (0, 30));
    // With none of them it goes on, and compares few that share no more than the family name.
    let hits = memory.search("Ежев Никалай Иванович");
    assert_eq!(memory.asked_for_words, 1);
    assert!((300..330).contains(&hits[0].entry), "{:?}", hits[0]);
    let before = memory.read;
    memory.search("Ежов Аристарх Кузьмич");
    assert_eq!(memory.read - before, super::search::WITH_UNLIKELY);
}

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

#[test]
fn codes_are_those_of_the_chart() {
    for (name, codes) in [
        ("Augsburg", "054795"),
        ("Freud", "793000"),
        ("Halberstadt", "587433|587943"),
        ("Chernowitz", "496740|596740"),
        ("Moskowitz", "645740"),
        ("Lewinsky", "876450"),
        ("Lippszyc", "874400|874500"),
        ("Szlamawicz", "486740"),
        ("Przemysl", "746480|794648"),
        ("Pshemeshil", "746480"),
        ("Müller", "689000"),
        ("gąszczu", "540000|564000"),
        ("Bouey", "710000"),
        ("Besst", "743000"),
    ] {
        assert_eq!(daitch_mokotoff(name).join("|"), codes, "{name}");
    }
}

#[test]
fn women_and_men_of_one_family_are_near_but_not_the_same() {
    for (query, woman, man) in
        [("Ivanova Maria", "Иванова Мария", "Иванов Мария"), ("Rozanskaya Anna", "Розанская Анна", "Розанский Анна")]
    {
        let [woman, man] = [woman, man].map(|name| score(&keys(query), &keys(name)).unwrap());
        assert!(woman.score > man.score && man.score > 85, "{query}: {woman:?} {man:?}");
        assert_eq!(man.how, How::Skeleton);
    }
}

#[test]
fn what_the_name_contradicts_costs_more_than_what_it_leaves_out() {
    let query = keys("Ежов Николай Иванович");
    let scores: Vec<u8> = [
        "Ежов Николай Иванович",
        "Ежов Николай",
        "Ежов Н. И.",
        "Ежов Николай Петрович",
        "Ежов Пётр Сергеевич",
        "Рыков Николай Иванович",
    ]
    .iter()
    .map(|name| score(&query, &keys(name)).map_or(0, |m| m.score))
    .collect();
    assert!(scores[0] == 100 && scores[1] > scores[3] && scores[2] > scores[4] && scores[3] > scores[4], "{scores:?}");
    assert!(scores[5] < scores[3], "{scores:?}");
}

#[test]
fn a_name_spelt_otherwise_stands_behind_all_that_are_spelt_so() {
    let query = keys("Иванов Пётр Сергеевич");
    let as_written = score(&query, &keys("Иванов Петр Сергеевич Младший Второй")).unwrap();
    let otherwise = score(&query, &keys("Иванов Петр Sergeevich")).unwrap();
    assert!(otherwise.how == How::Skeleton && as_written.score > otherwise.score, "{as_written:?} {otherwise:?}");
}

#[test]
fn a_slip_of_one_letter_shares_a_key_of_the_table_of_words() {
    for (right, slip) in [("Бухарин", "Бухорин"), ("Бухарин", "Бхуарин"), ("Головин", "Гоовин"), ("Bukharin", "Бухрин")]
    {
        let (rows, asked) = (keys(right).word_rows(), keys(slip).word_keys());
        assert!(asked.iter().any(|l| rows.iter().any(|r| r.key == l.key)), "{right} {slip}");
        assert_eq!(score(&keys(slip), &keys(right)).map(|m| m.how), Some(How::Fuzzy), "{right} {slip}");
    }
    assert!(keys("Ли").word_rows().len() < 4);
}

#[test]
fn a_name_and_its_other_spelling_share_a_key_for_names() {
    for (one, other) in [
        ("Ежов Николай Иванович", "Nikolai Yezhov"),
        ("Ежов Николай Иванович", "N. Jeschow"),
        ("Jeżow", "Ежова"),
        ("фон Мекк Николай", "von Meck Nikolai"),
    ] {
        let (index, asked) = (keys(one).index_keys(), keys(other).query_keys(&[]));
        assert!(asked.iter().any(|l| index.contains(&l.key)), "{index:?} {asked:?}");
    }
}

proptest! {
    #[test]
    fn any_text_has_bounded_keys(text in "\\PC{0,120}") {
        let keys = keys(&text);
        prop_assert!(keys.tokens.len() <= MOST_WORDS);
        prop_assert!(keys.tokens.iter().all(|t| !t.readings.is_empty()));
        let rows = keys.word_rows();
        prop_assert!(keys.index_keys().len() <= 48 && keys.query_keys(&rows).len() <= 200);
        if keys.tokens.iter().any(|t| t.folded.chars().count() > 1 && t.role == super::Role::Name) {
            prop_assert_eq!(score(&keys, &keys).map(|m| (m.score, m.how)), Some((100, How::Exact)));
        }
    }

    #[test]
    fn words_are_alike_in_both_directions(one in "[а-щэ-яё]{1,9}|[a-zžš]{1,9}", other in "[а-щэ-яё]{1,9}|[a-zžš]{1,9}") {
        let (a, b) = (keys(&one), keys(&other));
        prop_assert_eq!(likeness(&a.tokens[0], &b.tokens[0]), likeness(&b.tokens[0], &a.tokens[0]));
    }

    #[test]
    fn the_order_of_words_does_not_matter(words in proptest::collection::vec("[А-Я][а-я]{2,8}", 2..4)) {
        let name = keys("Бухарин Алексей");
        let (forth, back) = (words.join(" "), words.iter().rev().cloned().collect::<Vec<_>>().join(" "));
        let is_plain = |text: &str| keys(text).tokens.iter().all(|t| t.role == super::Role::Name);
        prop_assume!(is_plain(&forth) && is_plain(&back));
        prop_assert_eq!(score(&keys(&forth), &name), score(&keys(&back), &name));
        prop_assert_eq!(score(&keys(&forth), &keys(&back)).map(|m| m.score), Some(100));
    }
}

#[test]
fn names_that_most_people_share_are_common_however_they_are_spelt() {
    for name in
        ["Николай", "Nikolai", "Nikolay", "Hиколай", "Григорий", "Grigory", "Ѳедоръ", "Fyodor", "Борис", "Boris"]
    {
        assert!(keys(name).tokens[0].is_common, "{name}: {:?}", keys(name).tokens[0].readings);
    }
    for name in ["Ежов", "Аристарх", "Пик"] {
        assert!(!keys(name).tokens[0].is_common, "{name}");
    }
}
